// The control thread's handle on several signalling threads: they start, answer and end together.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { directoryOf } from '../../test/kit/directory.ts'
import { forwardLog } from '../base/log.ts'
import { EdgeClient } from './edge-client.ts'
import type { EdgeClientOptions } from './edge-client.ts'
import type { EdgeListener } from './thread-client.ts'

const silent = forwardLog(() => undefined)
const net = '127.0.166'
const dying = new URL('../../test/kit/dying-thread.ts', import.meta.url)

const optionsOf = (port: number, signallingThreads: number, randomSeed: number | null): EdgeClientOptions => ({
  listen: [{ protocol: 'udp', address: `${net}.9`, port, name: null, advertise: null }],
  advertise: null,
  udp: 'auto',
  randomSeed,
  tls: null,
  rtpengine: null,
  hep: false,
  signallingThreads,
})

function listenerOf(onExit: (detail: string) => void): EdgeListener {
  const nothing = (): void => undefined
  return {
    onRecords: nothing,
    onTraces: nothing,
    onHep: nothing,
    onHealth: nothing,
    onRegistrations: nothing,
    onExit,
  }
}

const never = (detail: string): void => assert.fail(detail)

test('threads start and end together, and every one of them acknowledges a publication', async () => {
  const edge = await EdgeClient.open(optionsOf(0, 3, null), silent, listenerOf(never))
  assert.equal(edge.listeners.length, 1)
  await edge.publish(directoryOf({}, 5))
  const samples = await edge.ask('metrics', null)
  const pauses = samples.filter(({ metric }) => metric === 'eventLoopDelaySeconds').map(({ labels }) => labels[0])
  assert.deepEqual(pauses, ['signalling', 'signalling-2', 'signalling-3'])
  assert.deepEqual(samples.find(({ metric }) => metric === 'directoryRevision')?.values, [5])
  assert.deepEqual(await edge.ask('drain', null), { calls: 0 })
  await edge.close()
})

test('a port that is taken is said once, and no thread is left', async () => {
  const socket = createSocket('udp4')
  socket.bind(0, `${net}.9`)
  await once(socket, 'listening')
  const { port } = socket.address()
  const opening = EdgeClient.open(
    optionsOf(port, 2, null),
    silent,
    listenerOf(() => undefined),
  )
  await assert.rejects(opening, { code: 'edge_unavailable' })
  socket.close()
})

for (const number of [0, 1])
  test(`the end of thread ${number + 1} of two is told, as that of the only one is`, async () => {
    let isTold: (detail: string) => void = () => undefined
    const told = new Promise<string>((resolve) => {
      isTold = resolve
    })
    const edge = await EdgeClient.open(optionsOf(0, 2, number), silent, listenerOf(isTold), dying)
    const publishing = edge.publish(directoryOf({}, 1)).catch(() => undefined)
    assert.equal(await told, 'signalling thread ended with code 1')
    await publishing
    await assert.rejects(edge.ask('calls', null), { code: 'edge_unavailable' })
    await edge.close()
  })
