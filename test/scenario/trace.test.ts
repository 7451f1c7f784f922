// The trace of real calls: from the sockets to API, command line and collector.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TraceItem } from '../../src/contract/api-trace.ts'
import { tollgateCommand } from '../kit/command.ts'
import { decodeHep } from '../kit/hep-decoder.ts'
import type { HepPacket } from '../kit/hep-decoder.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'

const net = '127.0.73'
const edge = { address: `${net}.1`, port: 5060 }
const file = {
  carriers: [
    {
      name: 'Acme',
      endpoints: [
        { name: 'acme-1', direction: 'receives' as const, addresses: [`${net}.11`], probe: { enabled: false } },
      ],
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [`${net}.2`] }] }],
  routes: [{ prefix: '44', from: 'customers' as const, targets: [{ carrier: 'Acme' }] }],
}
const secretLines = ['Authorization: Digest username="u", realm="r", nonce="n", uri="sip:x", response="5ecret5ecret"']
const secretBody = 'v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:5ecretKey\r\n'

const callIdOf = (caller: WireCaller): string => /^Call-ID: (\S+)/m.exec(caller.received.at(-1) ?? '')?.[1] ?? ''

test('a refused call by JSON, text, pcap and command line, in memory and stored; secrets nowhere; others are 404', async () => {
  const tollgate = await Tollgate.start({ sip: `${edge.address}:${edge.port}`, file })
  const caller = await WireCaller.open(`${net}.2`, edge)
  try {
    assert.equal((await caller.request({ number: '33123', lines: secretLines, body: secretBody })).status, 404)
    const callId = callIdOf(caller)
    const trace = await tollgate.get<TraceItem>(`/traces/${callId}`)
    assert.deepEqual(trace.messages.map((message) => [message.name, message.from, message.to]).slice(0, 2), [
      ['INVITE', 0, 1],
      ['404 INVITE', 1, 0],
    ])
    assert.deepEqual([trace.participants[0]?.name, trace.participants[0]?.account], ['pbx', 'PBX'])
    assert.equal(trace.messages[0]?.destination, `${edge.address}:${edge.port}`)
    const stored = await tollgate.eventually(
      'the stored trace',
      async () => {
        const database = readFileSync(join(tollgate.dataDir, 'data', 'tollgate.db-wal'))
        return database.includes(trace.id) && (await tollgate.get<TraceItem>(`/traces/${trace.id}`))
      },
      (found) => found !== false && found.messages.length === 3,
    )
    assert.ok(stored !== false)
    assert.deepEqual(
      stored.messages.map((message) => message.name),
      ['INVITE', '404 INVITE', 'ACK'],
    )
    const ladder = await tollgateCommand(tollgate, 'trace', callId)
    assert.equal(ladder.code, 0)
    assert.match(ladder.out, /\|----- INVITE ----->\|/)
    assert.match(ladder.out, /^Authorization: Digest username="u", .*response="\*{12}"$/m)
    const pcapFile = join(tollgate.dataDir, 'trace.pcap')
    assert.match(
      (await tollgateCommand(tollgate, 'trace', trace.id, '--pcap', pcapFile)).out,
      /trace\.pcap: \d+ bytes\.\n$/,
    )
    const pcap = readFileSync(pcapFile)
    assert.equal(pcap.readUInt32LE(0), 0xa1b2c3d4)
    assert.ok(pcap.includes(`Call-ID: ${callId}`))
    for (const text of [JSON.stringify(stored), JSON.stringify(trace), ladder.out, pcap.toString('latin1')])
      assert.equal(text.includes('5ecret'), false)
    const gone = await tollgate.request('GET', '/api/v1/traces/nobody@nowhere.txt')
    assert.equal(gone.status, 404)
    assert.match(
      JSON.stringify(gone.body),
      /No trace of \\"nobody@nowhere\\": it was never seen, or it is no longer there/,
    )
    assert.equal((await tollgateCommand(tollgate, 'trace', 'nobody@nowhere')).code, 1)
    assert.ok((await tollgate.metric('tollgate_trace_bytes', 'calls')) > 500)
  } finally {
    caller.close()
    await tollgate.stop()
  }
})

test('a HEP collector gets every message of a call once, with its id; one that is away changes nothing', async () => {
  const collector = createSocket('udp4')
  collector.bind(0, `${net}.40`)
  await once(collector, 'listening')
  const packets: HepPacket[] = []
  collector.on('message', (packet) => packets.push(decodeHep(packet)))
  const environment = { TOLLGATE_HEP_TARGET: `udp:${net}.40:${collector.address().port}`, TOLLGATE_HEP_ID: '2001' }
  const tollgate = await Tollgate.start({ sip: `${net}.41:5060`, file: { ...file, routes: [] }, environment })
  const caller = await WireCaller.open(`${net}.2`, { address: `${net}.41`, port: 5060 })
  try {
    assert.equal((await caller.request({ lines: secretLines, body: secretBody })).status, 404)
    await tollgate.eventually(
      'HEP packets',
      async () => packets.length,
      (count) => count === 3,
    )
    const [record] = await tollgate.eventually(
      'the record',
      () => tollgate.records(),
      (records) => records.length === 1,
    )
    assert.deepEqual(
      packets.map((packet) => [packet.payload.split(' ', 2).join(' '), packet.source, packet.destination]),
      [
        ['INVITE sip:441782000000@127.0.73.41:5060', `${net}.2`, `${net}.41`],
        ['SIP/2.0 404', `${net}.41`, `${net}.2`],
        ['ACK sip:441782000000@127.0.73.41:5060', `${net}.2`, `${net}.41`],
      ],
    )
    assert.deepEqual(new Set(packets.map((packet) => packet.correlationId)), new Set([record?.id]))
    for (const { captureId, payloadType, protocol, destinationPort, sourcePort, payload } of packets) {
      assert.deepEqual([captureId, payloadType, protocol], [2_001, 1, 17])
      assert.ok(destinationPort === 5060 || sourcePort === 5060)
      assert.equal(payload.includes('5ecret'), false)
    }
    assert.ok(Math.abs((packets[0]?.seconds ?? 0) * 1_000 - Date.now()) < 60_000)
    assert.equal(await tollgate.metric('tollgate_hep_packets_total'), 3)
    collector.close()
    assert.equal((await caller.request()).status, 404)
  } finally {
    caller.close()
    await tollgate.stop()
  }
})
