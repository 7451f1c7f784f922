// A batch of datagrams for recvmmsg and sendmmsg: 64 structures mmsghdr, each with an address, one buffer and, for errors,
// a control buffer. All pointers are written once; the arrays here keep alive what they point to.
import { socketAddressBytes } from './socket-address.ts'
import type { SystemCalls } from './system-calls.ts'

/** struct mmsghdr of Linux with 64-bit pointers: bytes, and where its parts stand in it, in words of 4 bytes. */
const headerBytes = 64
const headerWords = headerBytes / 4
const nameLengthWord = 2
const controlLengthWord = 10
const flagsWord = 12
const lengthWord = 14

/** struct iovec: pointer and length. */
const partBytes = 16
const partWords = partBytes / 4
const partLengthWord = 2

/** Addresses in steps of 64 KiB share their place in the processor's caches; this sets them apart. */
const spreadBytes = 64

const isCut = 0x20

/** Level and name of the option that asks for errors, which are also those of an error beside a datagram. */
export const errorsOf = { 4: { level: 0, name: 11 }, 6: { level: 41, name: 25 } } as const

export interface VectorOptions {
  readonly slots: number
  /** Largest datagram that a slot takes. Memory is used only as far as it is written. */
  readonly slotBytes: number
  /** For what comes beside the bytes (struct cmsghdr); 0 = none. */
  readonly controlBytes: number
}

export class MessageVector {
  readonly slots: number
  /** What the system calls get. */
  readonly headers: Uint8Array
  readonly data: Buffer
  readonly names: Uint8Array
  readonly control: Uint8Array
  readonly #headerWords: Uint32Array
  readonly #controlWords: Uint32Array
  readonly #parts: Uint8Array
  readonly #partWords: Uint32Array
  readonly #slotBytes: number
  readonly #stride: number
  readonly #controlBytes: number

  constructor(calls: Pick<SystemCalls, 'addressOf'>, options: VectorOptions) {
    const { slots, slotBytes, controlBytes } = options
    this.slots = slots
    this.#slotBytes = slotBytes
    this.#stride = Math.ceil(slotBytes / spreadBytes) * spreadBytes + spreadBytes
    this.#controlBytes = controlBytes
    this.headers = new Uint8Array(slots * headerBytes)
    this.data = Buffer.allocUnsafeSlow(slots * this.#stride)
    this.names = new Uint8Array(slots * socketAddressBytes)
    this.control = new Uint8Array(Math.max(4, slots * controlBytes))
    this.#controlWords = new Uint32Array(this.control.buffer)
    this.#headerWords = new Uint32Array(this.headers.buffer)
    this.#parts = new Uint8Array(slots * partBytes)
    this.#partWords = new Uint32Array(this.#parts.buffer)
    const pointers = new BigUint64Array(this.headers.buffer)
    const partPointers = new BigUint64Array(this.#parts.buffer)
    const [names, parts, data, control] = [this.names, this.#parts, this.data, this.control].map((one) =>
      calls.addressOf(one),
    ) as [bigint, bigint, bigint, bigint]
    for (let slot = 0; slot < slots; slot++) {
      pointers[slot * 8] = names + BigInt(slot * socketAddressBytes)
      pointers[slot * 8 + 2] = parts + BigInt(slot * partBytes)
      pointers[slot * 8 + 3] = 1n
      if (controlBytes > 0) pointers[slot * 8 + 4] = control + BigInt(slot * controlBytes)
      partPointers[slot * 2] = data + BigInt(slot * this.#stride)
      this.#partWords[slot * partWords + partLengthWord] = slotBytes
      this.expect(slot)
    }
  }

  /** Makes a slot ready to receive: the kernel writes lengths where it reads room. */
  expect(slot: number): void {
    const base = slot * headerWords
    this.#headerWords[base + nameLengthWord] = socketAddressBytes
    this.#headerWords[base + controlLengthWord] = this.#controlBytes
    this.#headerWords[base + flagsWord] = 0
  }

  /** Makes a slot ready to send `length` bytes of its buffer to its address. */
  fill(slot: number, length: number, nameLength: number): void {
    this.#headerWords[slot * headerWords + nameLengthWord] = nameLength
    this.#partWords[slot * partWords + partLengthWord] = length
  }

  /** Where the bytes of a slot start in `data`. */
  dataAt(slot: number): number {
    return slot * this.#stride
  }

  nameAt(slot: number): number {
    return slot * socketAddressBytes
  }

  /** Bytes received; -1 when there were more than fit. */
  receivedLength(slot: number): number {
    const base = slot * headerWords
    if (((this.#headerWords[base + flagsWord] as number) & isCut) !== 0) return -1
    return Math.min(this.#headerWords[base + lengthWord] as number, this.#slotBytes)
  }

  receivedControlLength(slot: number): number {
    return this.#headerWords[slot * headerWords + controlLengthWord] as number
  }

  /** The number of an error from the queue of errors; 0 = there is none. */
  errorNumber(slot: number): number {
    const words = this.#controlWords
    const start = (slot * this.#controlBytes) / 4
    const end = start + this.receivedControlLength(slot) / 4
    // struct cmsghdr: length (8 bytes), level, type; then what it brings, up to the next 8 bytes.
    for (let at = start; at + 4 < end; at += Math.ceil((words[at] as number) / 8) * 2) {
      const length = words[at] as number
      const [level, type] = [words[at + 2] as number, words[at + 3] as number]
      if (
        (level === errorsOf[4].level && type === errorsOf[4].name) ||
        (level === errorsOf[6].level && type === errorsOf[6].name)
      )
        return words[at + 4] as number
      if (length < 16) return 0
    }
    return 0
  }

  /** The structures from `slot` on. */
  from(slot: number): Uint8Array {
    return slot === 0 ? this.headers : this.headers.subarray(slot * headerBytes)
  }
}
