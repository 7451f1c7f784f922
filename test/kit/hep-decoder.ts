// Reads HEP3 packets as a collector does (HEP/EEP 3 specification); imports nothing from the product.
import assert from 'node:assert/strict'

export interface HepPacket {
  readonly family: number
  readonly protocol: number
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly seconds: number
  readonly microseconds: number
  readonly payloadType: number
  readonly captureId: number
  /** latin1. */
  readonly payload: string
  readonly correlationId: string
}

const addressOf = (bytes: Buffer): string =>
  bytes.length === 4
    ? bytes.join('.')
    : Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':')

/** Fails the test for anything that the specification does not allow: magic, lengths, vendors, chunks that come twice. */
export function decodeHep(packet: Buffer): HepPacket {
  assert.equal(packet.toString('latin1', 0, 4), 'HEP3')
  assert.equal(packet.readUInt16BE(4), packet.length)
  const chunks = new Map<number, Buffer>()
  let at = 6
  while (at < packet.length) {
    assert.equal(packet.readUInt16BE(at), 0, 'vendor')
    const type = packet.readUInt16BE(at + 2)
    const length = packet.readUInt16BE(at + 4)
    assert.ok(length >= 6 && at + length <= packet.length, 'the length of a chunk counts its header')
    assert.ok(!chunks.has(type), `chunk ${type} comes twice`)
    chunks.set(type, packet.subarray(at + 6, at + length))
    at += length
  }
  const get = (type: number, bytes?: number): Buffer => {
    const chunk = chunks.get(type)
    assert.ok(chunk !== undefined, `chunk ${type} is missing`)
    if (bytes !== undefined) assert.equal(chunk.length, bytes, `chunk ${type}`)
    return chunk
  }
  const family = get(1, 1).readUInt8()
  const [from, to, size] = family === 2 ? [3, 4, 4] : [5, 6, 16]
  return {
    family,
    protocol: get(2, 1).readUInt8(),
    source: addressOf(get(from, size)),
    destination: addressOf(get(to, size)),
    sourcePort: get(7, 2).readUInt16BE(),
    destinationPort: get(8, 2).readUInt16BE(),
    seconds: get(9, 4).readUInt32BE(),
    microseconds: get(10, 4).readUInt32BE(),
    payloadType: get(11, 1).readUInt8(),
    captureId: get(12, 4).readUInt32BE(),
    payload: get(15).toString('latin1'),
    correlationId: get(17).toString(),
  }
}
