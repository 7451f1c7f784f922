// A ring in shared memory through which one thread hands records to another: a few numbers, two texts and some bytes each, in
// order, without a lock, because exactly one thread writes and exactly one reads. A record costs about as much as its copy.
import { assert } from '../base/assert.ts'
import { bound } from '../base/limits.ts'

/** What is handed over; what its fields mean depends on its kind (thread-link.ts). */
export interface RingRecord {
  kind: number
  a: number
  b: number
  c: number
  /** A double. */
  d: number
  text: string
  more: string
  bytes: Buffer | undefined
}

/** Words of the head: how far it is written, how far it is read, whether the reader was told. */
const writtenAt = 0
const readAt = 1
const toldAt = 2
const headBytes = 64
const capacity = bound('handOverRingBytes')
const mask = capacity - 1
/** Words of a record: its length, kind, a, b, c, the lengths of its texts and bytes; then d. */
const recordHeadBytes = 40
/** Instead of a length: the rest of the memory up to its end is empty. */
const skip = -1

export const ringMemory = (): SharedArrayBuffer => new SharedArrayBuffer(headBytes + capacity)

const padded = (length: number): number => (length + 7) & ~7

class RingEnd {
  protected readonly words: Int32Array
  protected readonly doubles: Float64Array
  protected readonly memory: Buffer
  protected readonly head: Int32Array

  constructor(shared: SharedArrayBuffer) {
    assert(shared.byteLength === headBytes + capacity, 'the memory of a ring has its size')
    this.head = new Int32Array(shared, 0, headBytes / 4)
    this.words = new Int32Array(shared, headBytes)
    this.doubles = new Float64Array(shared, headBytes)
    this.memory = Buffer.from(shared, headBytes)
  }
}

export class RingWriter extends RingEnd {
  /** False: there is no room now. */
  write(record: Readonly<RingRecord>): boolean {
    const { kind, text, more, bytes } = record
    const textBytes = Buffer.byteLength(text)
    const moreBytes = more === '' ? 0 : Buffer.byteLength(more)
    const ownBytes = bytes?.length ?? 0
    const length = padded(recordHeadBytes + textBytes + moreBytes + ownBytes)
    const at = this.#reserve(length)
    if (at === -1) return false
    const { words, memory } = this
    const word = at >> 2
    words[word] = length
    words[word + 1] = kind
    words[word + 2] = record.a
    words[word + 3] = record.b
    words[word + 4] = record.c
    words[word + 5] = textBytes
    words[word + 6] = moreBytes
    words[word + 7] = ownBytes
    this.doubles[(at >> 3) + 4] = record.d
    let to = at + recordHeadBytes
    memory.write(text, to)
    to += textBytes
    if (moreBytes > 0) memory.write(more, to)
    bytes?.copy(memory, to + moreBytes)
    Atomics.store(this.head, writtenAt, ((this.head[writtenAt] as number) + length) | 0)
    return true
  }

  /** Where a record of this length goes, in one piece; -1 = nowhere now. */
  #reserve(length: number): number {
    const written = this.head[writtenAt] as number
    const free = capacity - ((written - Atomics.load(this.head, readAt)) >>> 0)
    const at = written & mask
    const tail = capacity - at
    if (length <= tail) return length <= free ? at : -1
    if (tail + length > free) return -1
    this.words[at >> 2] = skip
    Atomics.store(this.head, writtenAt, (written + tail) | 0)
    return 0
  }

  /** True: the reader does not know yet that there is something, and has to be told. */
  mustTell(): boolean {
    return Atomics.exchange(this.head, toldAt, 1) === 0
  }
}

export class RingReader extends RingEnd {
  readonly #record: RingRecord = { kind: 0, a: 0, b: 0, c: 0, d: 0, text: '', more: '', bytes: undefined }

  /**
   * Hands up what is there, at most so many; false = there is more, and nobody will tell of it. The record is used again
   * for the next one, its bytes are a copy.
   */
  drain(take: (record: Readonly<RingRecord>) => void, most: number): boolean {
    // Before the look: who writes afterwards tells again.
    Atomics.store(this.head, toldAt, 0)
    for (let left = most; ;) {
      const read = this.head[readAt] as number
      if (read === Atomics.load(this.head, writtenAt)) return true
      if (left === 0) return false
      const at = read & mask
      const length = this.words[at >> 2] as number
      if (length === skip) {
        Atomics.store(this.head, readAt, (read + capacity - at) | 0)
        continue
      }
      this.#fill(at)
      Atomics.store(this.head, readAt, (read + length) | 0)
      left -= 1
      take(this.#record)
    }
  }

  #fill(at: number): void {
    const { words, memory } = this
    const record = this.#record
    const word = at >> 2
    record.kind = words[word + 1] as number
    record.a = words[word + 2] as number
    record.b = words[word + 3] as number
    record.c = words[word + 4] as number
    record.d = this.doubles[(at >> 3) + 4] as number
    let from = at + recordHeadBytes
    let end = from + (words[word + 5] as number)
    record.text = memory.toString('utf8', from, end)
    from = end
    end = from + (words[word + 6] as number)
    record.more = from === end ? '' : memory.toString('utf8', from, end)
    const length = words[word + 7] as number
    record.bytes = length === 0 ? undefined : copyOf(memory, end, length)
  }
}

function copyOf(memory: Buffer, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  memory.copy(bytes, 0, from, from + length)
  return bytes
}
