// The sender of HEP packets: bounded while the kernel does not take them, quiet about a collector that is not there.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { decodeHep } from '../../test/kit/hep-decoder.ts'
import { sipText, traceMessage } from '../../test/kit/trace.ts'
import { bound } from '../base/limits.ts'
import { forwardLog } from '../base/log.ts'
import { HepSender } from './hep-sender.ts'

const messageOf = (i: number) => ({
  message: traceMessage(sipText('OPTIONS sip:u:secretpw@h SIP/2.0', `c${i}`)),
  correlationId: `call-${i}`,
})
const labels = (sender: HepSender): Record<string, readonly number[]> =>
  Object.fromEntries(sender.samples().map((sample) => [sample.labels[0] ?? sample.metric, sample.values]))

test('more than the bound at once is dropped and counted; what goes out is masked', async () => {
  const collector = createSocket('udp4')
  collector.bind(0, '127.0.75.1')
  await once(collector, 'listening')
  const lines: string[] = []
  const target = { address: '127.0.75.1', port: collector.address().port, family: 4, captureId: 7 } as const
  const sender = new HepSender(
    target,
    forwardLog((_level, event) => void lines.push(event)),
  )
  const first = once(collector, 'message')
  sender.add(Array.from({ length: bound('hepQueueMax') + 5 }, (_, i) => messageOf(i)))
  assert.deepEqual(labels(sender)['hep_queue'], [5])
  const [packet] = (await first) as [Buffer]
  const { payload, correlationId, captureId } = decodeHep(packet)
  assert.deepEqual([correlationId, captureId], ['call-0', 7])
  assert.match(payload, /^OPTIONS sip:u:\*{8}@h SIP\/2\.0\r\n/)
  await sender.close()
  collector.close()
  assert.deepEqual(lines, [])
})

test('an address that cannot be reached is told once, and costs nothing else', async () => {
  const lines: string[] = []
  const target = { address: '2001:db8::1', port: 9, family: 4, captureId: 1 } as const
  const sender = new HepSender(
    target,
    forwardLog((level, event) => void lines.push(`${level} ${event}`)),
  )
  await new Promise<void>((resolve) => {
    const look = (): void => (Number(labels(sender)['hep_queue']?.[0]) === 3 ? resolve() : void setImmediate(look))
    sender.add([messageOf(1), messageOf(2), messageOf(3)])
    look()
  })
  assert.deepEqual(lines, ['warn HEP packets cannot be sent'])
  assert.deepEqual(labels(sender)['hepPackets'], [0])
  await sender.close()
})
