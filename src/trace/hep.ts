// One message as a HEP3 packet (HEP/EEP 3 specification: chunks of vendor 0), for collectors like Homer.
import { parseAddress } from '../contract/address.ts'
import type { Protocol } from '../sip/flow.ts'
import type { TraceMessage } from './trace.ts'

const chunkTypes = {
  family: 1,
  protocol: 2,
  source4: 3,
  destination4: 4,
  source6: 5,
  destination6: 6,
  sourcePort: 7,
  destinationPort: 8,
  seconds: 9,
  microseconds: 10,
  payloadType: 11,
  captureId: 12,
  payload: 15,
  correlationId: 17,
} as const

/** As in the IP header and in sys/socket.h of the specification. */
const protocolNumbers: Record<Protocol, number> = { udp: 17, tcp: 6, tls: 6 }
const [family4, family6, payloadSip] = [2, 10, 1]

function chunk(type: number, value: Uint8Array): Buffer {
  const header = Buffer.alloc(6)
  header.writeUInt16BE(type, 2)
  header.writeUInt16BE(6 + value.length, 4)
  return Buffer.concat([header, value])
}

const byte = (value: number): Buffer => Buffer.of(value)
const short = (value: number): Buffer => Buffer.of(value >>> 8, value & 0xff)
function long(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export interface HepSource {
  /** Number of this agent, as the collector knows it. */
  readonly captureId: number
  /** What joins the legs: the call's id; the Call-ID where there is no call. */
  readonly correlationId: string
}

/** @param message masked (mask.ts). Undefined when it does not fit into one packet, whose length has 16 bits. */
export function encodeHep(message: TraceMessage, { captureId, correlationId }: HepSource): Buffer | undefined {
  const { local, remote, direction, protocol } = message
  const [from, to] = direction === 'in' ? [remote, local] : [local, remote]
  const source = parseAddress(from.address)
  const destination = parseAddress(to.address)
  if (source === undefined || destination === undefined) return undefined
  const isIpv4 = source.family === 4
  const microseconds = Math.round(message.at * 1_000)
  const chunks = Buffer.concat([
    chunk(chunkTypes.family, byte(isIpv4 ? family4 : family6)),
    chunk(chunkTypes.protocol, byte(protocolNumbers[protocol])),
    chunk(isIpv4 ? chunkTypes.source4 : chunkTypes.source6, source.bytes),
    chunk(isIpv4 ? chunkTypes.destination4 : chunkTypes.destination6, destination.bytes),
    chunk(chunkTypes.sourcePort, short(from.port)),
    chunk(chunkTypes.destinationPort, short(to.port)),
    chunk(chunkTypes.seconds, long(Math.floor(microseconds / 1_000_000))),
    chunk(chunkTypes.microseconds, long(microseconds % 1_000_000)),
    chunk(chunkTypes.payloadType, byte(payloadSip)),
    chunk(chunkTypes.captureId, long(captureId)),
    chunk(chunkTypes.payload, Buffer.from(message.text, 'latin1')),
    chunk(chunkTypes.correlationId, Buffer.from(correlationId)),
  ])
  const length = 6 + chunks.length
  return length > 0xffff ? undefined : Buffer.concat([Buffer.from('HEP3'), short(length), chunks])
}
