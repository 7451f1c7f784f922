// A trace as a classic pcap file (libpcap 2.4, link type RAW): IP and transport headers are made up around each message.
// UDP messages are datagrams; TCP messages are segments with sequence numbers that fit. What came over TLS was decrypted
// here and is written as datagrams, because readers take a stream on a TLS port for ciphertext.
import { parseAddress } from '../contract/address.ts'
import type { IpAddress } from '../contract/address.ts'
import type { Trace, TraceMessage } from './trace.ts'

const linkTypeRaw = 101
const snapshotBytes = 262_144
const segmentBytes = 16_384
const [protocolTcp, protocolUdp] = [6, 17]
const [headerBytes4, headerBytes6, headerBytesUdp, headerBytesTcp] = [20, 40, 8, 20]

interface Side {
  readonly ip: IpAddress
  readonly port: number
}

const unspecified: IpAddress = { family: 4, bytes: new Uint8Array(4) }

const sideOf = ({ address, port }: { address: string; port: number }): Side => ({
  ip: parseAddress(address) ?? unspecified,
  port,
})

/** RFC 1071. */
function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0
  let odd = false
  for (const part of parts)
    for (const byte of part) {
      sum += odd ? byte : byte << 8
      odd = !odd
    }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

/** What the checksums of UDP and TCP cover besides their own bytes (RFC 768, RFC 8200 8.1). */
function pseudoHeader(from: Side, to: Side, protocol: number, length: number): Buffer {
  const rest = Buffer.alloc(8)
  rest.writeUInt32BE(length, 0)
  rest.writeUInt32BE(protocol, 4)
  return Buffer.concat([from.ip.bytes, to.ip.bytes, rest])
}

function ipHeader(from: Side, to: Side, protocol: number, length: number): Buffer {
  if (from.ip.family === 6) {
    const header = Buffer.alloc(headerBytes6 - 32)
    header.writeUInt32BE(0x60000000, 0)
    header.writeUInt16BE(length, 4)
    header.writeUInt8(protocol, 6)
    header.writeUInt8(64, 7)
    return Buffer.concat([header, from.ip.bytes, to.ip.bytes])
  }
  const header = Buffer.alloc(headerBytes4)
  header.writeUInt8(0x45, 0)
  header.writeUInt16BE(headerBytes4 + length, 2)
  header.writeUInt16BE(0x4000, 6)
  header.writeUInt8(64, 8)
  header.writeUInt8(protocol, 9)
  header.set(from.ip.bytes, 12)
  header.set(to.ip.bytes, 16)
  header.writeUInt16BE(checksum(header), 10)
  return header
}

function datagram(from: Side, to: Side, payload: Buffer): Buffer {
  const header = Buffer.alloc(headerBytesUdp)
  const length = headerBytesUdp + payload.length
  header.writeUInt16BE(from.port, 0)
  header.writeUInt16BE(to.port, 2)
  header.writeUInt16BE(length, 4)
  // 0 means none, so that a sum of 0 is written as its other form.
  header.writeUInt16BE(checksum(pseudoHeader(from, to, protocolUdp, length), header, payload) || 0xffff, 6)
  return Buffer.concat([ipHeader(from, to, protocolUdp, length), header, payload])
}

/** Sequence numbers of the streams seen so far. */
class Streams {
  readonly #sent = new Map<string, number>()

  segments(from: Side, to: Side, payload: Buffer): Buffer[] {
    const key = (one: Side, other: Side): string =>
      `${one.ip.bytes.join('.')}:${one.port} ${other.ip.bytes.join('.')}:${other.port}`
    const segments: Buffer[] = []
    for (let at = 0; at < payload.length; at += segmentBytes) {
      const part = payload.subarray(at, at + segmentBytes)
      const sequence = this.#sent.get(key(from, to)) ?? 1
      this.#sent.set(key(from, to), (sequence + part.length) % 0x1_0000_0000)
      segments.push(segment(from, to, part, [sequence, this.#sent.get(key(to, from)) ?? 1]))
    }
    return segments
  }
}

function segment(from: Side, to: Side, payload: Buffer, [sequence, acknowledged]: readonly [number, number]): Buffer {
  const header = Buffer.alloc(headerBytesTcp)
  const length = headerBytesTcp + payload.length
  header.writeUInt16BE(from.port, 0)
  header.writeUInt16BE(to.port, 2)
  header.writeUInt32BE(sequence, 4)
  header.writeUInt32BE(acknowledged, 8)
  // Data offset of five words; PSH and ACK.
  header.writeUInt16BE(0x5018, 12)
  header.writeUInt16BE(0xffff, 14)
  header.writeUInt16BE(checksum(pseudoHeader(from, to, protocolTcp, length), header, payload), 16)
  return Buffer.concat([ipHeader(from, to, protocolTcp, length), header, payload])
}

function packetsOf(message: TraceMessage, streams: Streams): Buffer[] {
  const { local, remote, direction, protocol } = message
  const [from, to] = direction === 'in' ? [sideOf(remote), sideOf(local)] : [sideOf(local), sideOf(remote)]
  const payload = Buffer.from(message.text, 'latin1')
  return protocol === 'tcp' ? streams.segments(from, to, payload) : [datagram(from, to, payload)]
}

function record(at: number, packet: Buffer): Buffer {
  const header = Buffer.alloc(16)
  const microseconds = Math.round(at * 1_000)
  header.writeUInt32LE(Math.floor(microseconds / 1_000_000), 0)
  header.writeUInt32LE(microseconds % 1_000_000, 4)
  header.writeUInt32LE(packet.length, 8)
  header.writeUInt32LE(packet.length, 12)
  return Buffer.concat([header, packet])
}

/** @param trace masked (mask.ts). */
export function renderPcap(trace: Trace): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(snapshotBytes, 16)
  header.writeUInt32LE(linkTypeRaw, 20)
  const streams = new Streams()
  return Buffer.concat([
    header,
    ...trace.messages.flatMap((message) => packetsOf(message, streams).map((packet) => record(message.at, packet))),
  ])
}
