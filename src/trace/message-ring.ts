// The last messages, as copies in one big buffer: what is new overwrites what is oldest. Messages of one Call-ID are
// chained by its hash, so that adding one is a copy and a few numbers written, and nothing ever has to be cleaned up.
import { assert } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Flow, ListenerInfo } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { writtenCallId } from '../sip/serialize.ts'
import { callIdEnd, callIdStart, hashBytes, hashText } from './call-id.ts'
import type { TraceMessage } from './trace.ts'

/** Who is at the other end; a Flow and a Target are. */
interface RingPeer {
  readonly address: string
  readonly listener: Pick<ListenerInfo, 'id'>
}

const incoming = 0
const outgoing = 1
const note = 2

/**
 * What is known of a message lies together in 64 bytes, which is what a processor fetches at once: adding one touches memory
 * that nobody has looked at for minutes. As columns of their own the same numbers were eleven such fetches.
 * First the places of the numbers of 64 bits, then those of 32 and 16 bits, each counted in its own width.
 */
const [startAt, timeAt, wallAt, previousAt, numberAt] = [0, 1, 2, 3, 7]
const [lengthAt, hashAt, callIdAt] = [8, 9, 10]
const [portAt, listenerAt, kindAt, addressLengthAt] = [22, 23, 24, 25]
const slotBytes = 64
const [doubles, words, halves] = [slotBytes / 8, slotBytes / 4, slotBytes / 2]

/** Shorter messages than this on average: the numbers run out before the bytes do. */
const bytesPerSlot = 512
/** Wall clock minus monotonic clock is looked at this often. */
const wallEveryMs = 1_000

export class MessageRing {
  readonly #bytes: Buffer
  readonly #mask: number
  readonly #clock: Clock
  /** Slots of `slotBytes`, in three widths; a message's slot is its number modulo their count. */
  readonly #doubles: Float64Array
  readonly #words: Uint32Array
  readonly #halves: Uint16Array
  /** Number of the newest message per bucket. */
  readonly #heads: Float64Array
  /** Positions only grow; where they lie in the buffer follows from the lap's first position. */
  #position = 0
  #lap = 0
  #next = 0
  #oldest = 0
  /** Position of what was reserved last. */
  #start = 0
  #wallOffset = 0
  #wallDueMs = Number.NEGATIVE_INFINITY

  /** @param size bytes, a power of two. All memory is taken now, so that a full ring costs no more than an empty one. */
  constructor(size: number, clock: Clock) {
    assert(size >= bytesPerSlot && (size & (size - 1)) === 0, 'the size of a ring is a power of two')
    const slots = size / bytesPerSlot
    this.#bytes = Buffer.alloc(size, 1)
    this.#mask = slots - 1
    this.#clock = clock
    const about = new Uint8Array(slots * slotBytes).fill(0).buffer
    this.#doubles = new Float64Array(about)
    this.#words = new Uint32Array(about)
    this.#halves = new Uint16Array(about)
    this.#heads = new Float64Array(slots).fill(-1)
  }

  /** Bytes of the messages in it. */
  get bytesUsed(): number {
    return this.#oldest === this.#next ? 0 : this.#position - this.#startOf(this.#oldest)
  }

  /** Position of a message by its number. */
  #startOf(number: number): number {
    return this.#doubles[(number & this.#mask) * doubles + startAt] as number
  }

  addReceived(message: SipMessage, flow: Flow): void {
    const index = message.find(headerIds.callId)
    if (index < 0) return
    const slot = this.#copy(incoming, message.bytes, flow, message.valueStartAt(index))
    if (slot >= 0) this.#halves[slot * halves + portAt] = flow.port
  }

  /** @param port where it went; a UDP answer goes to another port than it came from where Via says so. */
  addSent(bytes: Buffer, peer: RingPeer, port: number): void {
    const written = writtenCallId(bytes)
    const start = written < 0 ? callIdStart(bytes) : written
    if (start < 0) return
    const slot = this.#copy(outgoing, bytes, peer, start)
    if (slot >= 0) this.#halves[slot * halves + portAt] = port
  }

  /** The peer's address, then the message; says in which slot, or -1. */
  #copy(kind: number, bytes: Buffer, peer: RingPeer, callId: number): number {
    const { address } = peer
    const addressLength = address.length & 0xff
    const at = this.#reserve(addressLength + bytes.length)
    if (at < 0) return -1
    for (let i = 0; i < addressLength; i++) this.#bytes[at + i] = address.charCodeAt(i)
    this.#bytes.set(bytes, at + addressLength)
    const slot = this.#link(hashBytes(bytes, callId, callIdEnd(bytes, callId)), kind)
    this.#words[slot * words + lengthAt] = addressLength + bytes.length
    this.#words[slot * words + callIdAt] = callId
    this.#halves[slot * halves + listenerAt] = peer.listener.id
    this.#halves[slot * halves + addressLengthAt] = addressLength
    return slot
  }

  /** Keeps a text that each of `keys` finds, as long as messages of the same time are kept. */
  addNote(keys: readonly string[], text: string): void {
    const length = Buffer.byteLength(text)
    const at = this.#reserve(length)
    if (at < 0) return
    this.#bytes.write(text, at, length)
    for (const key of keys) this.#words[this.#link(hashText(key), note) * words + lengthAt] = length
  }

  /** Takes room for `length` bytes from the oldest messages; says where in the buffer, or -1 when it never fits. */
  #reserve(length: number): number {
    const size = this.#bytes.length
    if (length > size) return -1
    let at = this.#position - this.#lap
    if (at + length > size) {
      this.#position = this.#lap += size
      at = 0
    }
    const floor = this.#position + length - size
    while (this.#oldest < this.#next && this.#startOf(this.#oldest) < floor) this.#oldest += 1
    this.#start = this.#position
    this.#position += length
    return at
  }

  /** The next slot, in the chain of `hash`, for what was reserved last. */
  #link(hash: number, kind: number): number {
    if (this.#next - this.#oldest > this.#mask) this.#oldest += 1
    const slot = this.#next & this.#mask
    const bucket = hash & this.#mask
    const nowMs = this.#clock.nowMs()
    if (nowMs >= this.#wallDueMs) {
      this.#wallDueMs = nowMs + wallEveryMs
      this.#wallOffset = this.#clock.wallMs() - nowMs
    }
    const place = slot * doubles
    this.#doubles[place + startAt] = this.#start
    this.#doubles[place + timeAt] = nowMs
    this.#doubles[place + wallAt] = this.#wallOffset
    this.#doubles[place + previousAt] = this.#heads[bucket] as number
    this.#doubles[place + numberAt] = this.#next
    this.#words[slot * words + hashAt] = hash
    this.#halves[slot * halves + kindAt] = kind
    this.#heads[bucket] = this.#next
    this.#next += 1
    return slot
  }

  /** Slots of what has this hash, newest first. */
  *#chain(hash: number): Generator<number> {
    let number = this.#heads[hash & this.#mask] as number
    while (number >= this.#oldest) {
      const slot = number & this.#mask
      if (this.#words[slot * words + hashAt] === hash) yield slot
      number = this.#doubles[slot * doubles + previousAt] as number
    }
  }

  #textAt(slot: number, from = 0): string {
    const start = (this.#doubles[slot * doubles + startAt] as number) % this.#bytes.length
    return this.#bytes.toString('latin1', start + from, start + (this.#words[slot * words + lengthAt] as number))
  }

  /** Notes that were added under this key (or one with the same hash), newest first. */
  notes(key: string): string[] {
    return [...this.#chain(hashText(key))]
      .filter((slot) => this.#halves[slot * halves + kindAt] === note)
      .map((slot) => Buffer.from(this.#textAt(slot), 'latin1').toString())
  }

  /** The messages with this Call-ID that are still here, oldest first; of very many the newest. */
  find(callId: string, listeners: readonly ListenerInfo[]): TraceMessage[] {
    const most = bound('traceMessagesMax')
    const messages: TraceMessage[] = []
    for (const slot of this.#chain(hashText(callId))) {
      const message = this.#halves[slot * halves + kindAt] === note ? undefined : this.#messageAt(slot, listeners)
      if (message?.callId === callId) messages.push(message)
      if (messages.length === most) break
    }
    return messages.toReversed()
  }

  #messageAt(slot: number, listeners: readonly ListenerInfo[]): TraceMessage | undefined {
    const listener = listeners.find((one) => one.id === this.#halves[slot * halves + listenerAt])
    if (listener === undefined) return undefined
    const addressLength = this.#halves[slot * halves + addressLengthAt] as number
    const text = this.#textAt(slot, addressLength)
    const start = this.#words[slot * words + callIdAt] as number
    const monotonicMs = this.#doubles[slot * doubles + timeAt] as number
    return {
      at: monotonicMs + (this.#doubles[slot * doubles + wallAt] as number),
      monotonicMs,
      number: this.#doubles[slot * doubles + numberAt] as number,
      direction: this.#halves[slot * halves + kindAt] === incoming ? 'in' : 'out',
      protocol: listener.protocol,
      local: { address: listener.address, port: listener.port },
      remote: {
        address: this.#textAt(slot).slice(0, addressLength),
        port: this.#halves[slot * halves + portAt] as number,
      },
      callId: text.slice(start, callIdEnd(Buffer.from(text, 'latin1'), start)),
      text,
    }
  }

  /** The oldest `most` of what was added since `number`; `lost` = those that were overwritten or are more than that. */
  since(
    number: number,
    most: number,
    listeners: readonly ListenerInfo[],
  ): { messages: TraceMessage[]; next: number; lost: number } {
    const from = Math.max(number, this.#oldest)
    const to = Math.min(this.#next, from + most)
    const messages: TraceMessage[] = []
    for (let one = from; one < to; one++) {
      const slot = one & this.#mask
      const message = this.#halves[slot * halves + kindAt] === note ? undefined : this.#messageAt(slot, listeners)
      if (message !== undefined) messages.push(message)
    }
    return { messages, next: this.#next, lost: from - number + this.#next - to }
  }
}
