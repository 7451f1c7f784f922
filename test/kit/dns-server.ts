// A tiny authority for DNS over UDP (RFC 1035, 2782, 3403): answers what a test puts into its zone, or fails as told.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string; readonly ttl?: number }
  | { readonly type: 'CNAME'; readonly target: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | {
      readonly type: 'NAPTR'
      readonly order: number
      readonly preference: number
      readonly flags: string
      readonly service: string
      readonly replacement: string
    }

const typeNumbers = { A: 1, CNAME: 5, AAAA: 28, SRV: 33, NAPTR: 35 } as const

const number16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const text8 = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])

function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '')
  return Buffer.concat([...labels.map(text8), Buffer.from([0])])
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [left, right] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => 0)
  return Buffer.concat([...left, ...zeros, ...right].map(number16))
}

function dataBytes(record: DnsRecord): Buffer {
  if ('address' in record) return addressBytes(record.address)
  if (record.type === 'CNAME') return nameBytes(record.target)
  if (record.type === 'SRV')
    return Buffer.concat([...[record.priority, record.weight, record.port].map(number16), nameBytes(record.target)])
  return Buffer.concat([
    number16(record.order),
    number16(record.preference),
    text8(record.flags),
    text8(record.service),
    text8(''),
    nameBytes(record.replacement),
  ])
}

function readName(packet: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = packet[at] ?? 0; length > 0; length = packet[at] ?? 0) {
    labels.push(packet.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

export class DnsServer {
  /** By name in lower case; a name that is not here does not exist. */
  readonly zone = new Map<string, readonly DnsRecord[]>()
  /** `silent`: no answer at all; `broken`: SERVFAIL. */
  mode: 'answers' | 'silent' | 'broken' = 'answers'
  /** `A sip.example.net`, in order. */
  readonly asked: string[] = []
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (packet, from) => {
      const answer = this.#answer(packet)
      if (answer !== undefined) socket.send(answer, from.port, from.address)
    })
  }

  static async open(): Promise<DnsServer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new DnsServer(socket)
  }

  /** `address:port`. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async close(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #answer(packet: Buffer): Buffer | undefined {
    const { name, end } = readName(packet)
    const typeNumber = packet.readUInt16BE(end)
    const type = Object.entries(typeNumbers).find(([, value]) => value === typeNumber)?.[0] ?? String(typeNumber)
    this.asked.push(`${type} ${name}`)
    if (this.mode === 'silent') return undefined
    const known = this.zone.get(name)
    const found = (known ?? []).filter((record) => record.type === type || record.type === 'CNAME')
    const code = this.mode === 'broken' ? 2 : known === undefined ? 3 : 0
    const records = code === 0 ? found : []
    const head = Buffer.from(packet.subarray(0, 12))
    // Answer, authoritative, recursion as asked and available.
    head.writeUInt16BE(0x84_80 | (packet.readUInt16BE(2) & 0x01_00) | code, 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(records.length, 6)
    head.writeUInt32BE(0, 8)
    const answers = records.map((record) => {
      const data = dataBytes(record)
      const ttl = Buffer.alloc(4)
      ttl.writeUInt32BE('ttl' in record && record.ttl !== undefined ? record.ttl : 60)
      return Buffer.concat([
        nameBytes(name),
        number16(typeNumbers[record.type]),
        number16(1),
        ttl,
        number16(data.length),
        data,
      ])
    })
    return Buffer.concat([head, packet.subarray(12, end + 4), ...answers])
  }
}
