// pcap files, read back byte by byte: lengths, addresses, checksums, sequence numbers. That Wireshark reads them is proved
// in test/sipp/trace.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceMessage } from '../../test/kit/trace.ts'
import { renderPcap } from './pcap.ts'
import type { TraceMessage } from './trace.ts'

interface Packet {
  readonly at: number
  readonly bytes: Buffer
}

function packetsOf(file: Buffer): Packet[] {
  assert.equal(file.readUInt32LE(0), 0xa1b2c3d4)
  assert.deepEqual([file.readUInt16LE(4), file.readUInt16LE(6), file.readUInt32LE(20)], [2, 4, 101])
  const packets: Packet[] = []
  let at = 24
  while (at < file.length) {
    const length = file.readUInt32LE(at + 8)
    assert.equal(file.readUInt32LE(at + 12), length)
    const seconds = file.readUInt32LE(at) * 1_000 + file.readUInt32LE(at + 4) / 1_000
    packets.push({ at: seconds, bytes: file.subarray(at + 16, at + 16 + length) })
    at += 16 + length
  }
  assert.equal(at, file.length)
  return packets
}

/** RFC 1071: over everything with the checksum in place the sum is all ones. */
function sumOf(bytes: Buffer): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return sum
}

const pcapOf = (...messages: TraceMessage[]): Packet[] => packetsOf(renderPcap({ id: 'x', legs: [], messages }))

test('RFC791, RFC768: an IPv4 datagram with right lengths and checksums, also of odd length', () => {
  const out = { direction: 'out', remote: '192.0.2.9', afterMs: 1.234 } as const
  const [even, odd] = pcapOf(traceMessage('abcd', out), traceMessage('\u00e4bc'))
  assert.ok(even !== undefined && odd !== undefined)
  assert.equal(Math.round((even.at - Date.UTC(2026, 0, 31, 12)) * 1_000), 1_234)
  for (const { bytes } of [even, odd]) {
    assert.equal(bytes[0], 0x45)
    assert.equal(bytes.readUInt16BE(2), bytes.length)
    assert.equal(sumOf(bytes.subarray(0, 20)), 0xffff)
    const udp = bytes.subarray(20)
    assert.equal(udp.readUInt16BE(4), udp.length)
    const pseudo = Buffer.concat([bytes.subarray(12, 20), Buffer.of(0, 17, 0, udp.length)])
    assert.equal(sumOf(Buffer.concat([pseudo, udp])), 0xffff)
    assert.notEqual(udp.readUInt16BE(6), 0)
  }
  assert.deepEqual(
    [even.bytes.subarray(12, 16).join('.'), even.bytes.subarray(16, 20).join('.')],
    ['10.0.0.1', '192.0.2.9'],
  )
  assert.deepEqual([even.bytes.readUInt16BE(20), even.bytes.readUInt16BE(22)], [5060, 5062])
  assert.equal(odd.bytes.subarray(28).toString('latin1'), '\u00e4bc')
})

test('RFC768: a checksum of 0 means none, so that a sum of 0 is written as its other form', () => {
  const checksumOf = (text: string): number => pcapOf(traceMessage(text))[0]?.bytes.readUInt16BE(26) ?? 0
  const rest = checksumOf('\u0000\u0000')
  assert.equal(checksumOf(String.fromCharCode(rest >> 8, rest & 0xff)), 0xffff)
})

test('RFC8200-8.1: an IPv6 datagram carries a checksum over its pseudo header', () => {
  const [packet] = pcapOf(traceMessage('abc', { remote: '2001:db8::2', local: '2001:db8::1' }))
  assert.ok(packet !== undefined)
  const { bytes } = packet
  assert.deepEqual([bytes[0], bytes.readUInt16BE(4), bytes[6]], [0x60, 11, 17])
  const udp = bytes.subarray(40)
  const pseudo = Buffer.concat([bytes.subarray(8, 40), Buffer.of(0, 0, 0, udp.length, 0, 0, 0, 17)])
  assert.equal(sumOf(Buffer.concat([pseudo, udp])), 0xffff)
})

test('RFC9293-3.4: segments of a TCP stream follow each other in both directions; a large message is several', () => {
  const tcp = { protocol: 'tcp' } as const
  const packets = pcapOf(
    traceMessage('x'.repeat(20_000), tcp),
    traceMessage('answer', { ...tcp, direction: 'out' }),
    traceMessage('ack', tcp),
  )
  const fields = packets.map(({ bytes }) => {
    const segment = bytes.subarray(20)
    const pseudo = Buffer.concat([bytes.subarray(12, 20), Buffer.of(0, 6, segment.length >> 8, segment.length & 0xff)])
    assert.equal(sumOf(Buffer.concat([pseudo, segment])), 0xffff)
    return [segment.readUInt16BE(0), segment.readUInt32BE(4), segment.readUInt32BE(8), segment.length - 20]
  })
  assert.deepEqual(fields, [
    [5062, 1, 1, 16_384],
    [5062, 16_385, 1, 3_616],
    [5060, 1, 20_001, 6],
    [5062, 20_001, 7, 3],
  ])
})

test('what came over TLS is written as datagrams', () => {
  const [packet] = pcapOf(traceMessage('abc', { protocol: 'tls' }))
  assert.equal(packet?.bytes[9], 17)
})
