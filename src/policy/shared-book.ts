// What several signalling threads count together, in shared memory: for each scope the channels that are taken, the times of
// its latest calls, its peaks and its failures. Whoever looks and then takes does so under one lock, so that no limit is
// passed however many threads ask at once; a critical section takes about a microsecond. Keyed by kind and id of a scope.
import { assert } from '../base/assert.ts'
import { bound } from '../base/limits.ts'
import { SharedLog } from './shared-log.ts'

/** Words of the head: the lock, how many slots and how many words of log are used, breaches in all; then lists of free blocks. */
const head = { lock: 0, slots: 1, logWords: 2, breaches: 3, free: 8 } as const
const headWords = 64
/** Words of a slot; its key follows in characters. */
export const slotAt = {
  channels: 0,
  channelsPeak: 1,
  ratePeak: 2,
  breaches: 3,
  failures: 4,
  kept: 5,
  /** Two words: a double. */
  attemptedAt: 6,
  logStart: 8,
  logSize: 9,
  logHead: 10,
  logCount: 11,
} as const
const keyLengthAt = 12
const keyAt = 13
const slotWords = 32
const keyBytesMax = (slotWords - keyAt) * 4
const spins = 200

const slotsMax = bound('sharedScopesMax')
const indexSize = slotsMax * 2
const logWordsMax = bound('sharedLogEntries')

/** FNV-1a; whoever configures an id wants no collision. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** The memory that all threads share; only what is written to takes room. */
export const sharedBookMemory = (): SharedArrayBuffer =>
  new SharedArrayBuffer((headWords + indexSize + slotsMax * slotWords) * 4 + logWordsMax * 8)

export class SharedBook {
  readonly words: Int32Array
  readonly times: Float64Array
  readonly #keys: Uint8Array
  readonly #index: Int32Array
  readonly #slots: number
  readonly #doubles: Float64Array
  /** What is added to this thread's monotonic clock to get that of all threads, in milliseconds. */
  readonly #offsetMs: number

  constructor(memory: SharedArrayBuffer, offsetMs: number) {
    this.words = new Int32Array(memory)
    this.#keys = new Uint8Array(memory)
    this.#index = this.words.subarray(headWords, headWords + indexSize)
    this.#slots = headWords + indexSize
    const timesAt = (this.#slots + slotsMax * slotWords) * 4
    this.#doubles = new Float64Array(memory, 0, timesAt / 8)
    this.times = new Float64Array(memory, timesAt)
    this.#offsetMs = offsetMs
  }

  /** From now on nobody else takes anything. Never twice by one thread. */
  lock(): void {
    const { words } = this
    for (let i = 0; i < spins; i++) if (Atomics.compareExchange(words, head.lock, 0, 1) === 0) return
    // 2 = somebody sleeps until it is free.
    while (Atomics.exchange(words, head.lock, 2) !== 0) Atomics.wait(words, head.lock, 2)
  }

  unlock(): void {
    if (Atomics.exchange(this.words, head.lock, 0) === 2) Atomics.notify(this.words, head.lock, 1)
  }

  toShared(nowMs: number): number {
    return nowMs + this.#offsetMs
  }

  toOwn(sharedMs: number): number {
    return sharedMs - this.#offsetMs
  }

  /** First word of the slot of a scope, made if there is none. */
  slotOf(kind: string, id: string): number {
    this.lock()
    try {
      return this.#findOrMake(`${kind}/${id}`)
    } finally {
      this.unlock()
    }
  }

  #findOrMake(key: string): number {
    let at = hashOf(key) % indexSize
    for (;;) {
      const number = this.#index[at] as number
      if (number === 0) return this.#make(key, at)
      const slot = this.#slots + (number - 1) * slotWords
      if (this.keyOf(slot) === key) return slot
      at = (at + 1) % indexSize
    }
  }

  #make(key: string, at: number): number {
    const number = this.words[head.slots] as number
    assert(number < slotsMax, 'there is room for one more scope')
    const slot = this.#slots + number * slotWords
    const length = Buffer.byteLength(key)
    assert(length <= keyBytesMax, 'the id of a scope is short')
    this.#keys.set(Buffer.from(key), (slot + keyAt) * 4)
    this.words[slot + keyLengthAt] = length
    Atomics.store(this.words, head.slots, number + 1)
    this.#index[at] = number + 1
    return slot
  }

  /** How many scopes there are; the first one has number 0. */
  get count(): number {
    return Atomics.load(this.words, head.slots)
  }

  slotAtNumber(number: number): number {
    return this.#slots + number * slotWords
  }

  /** `account/a1` */
  keyOf(slot: number): string {
    const start = (slot + keyAt) * 4
    return Buffer.from(this.#keys.slice(start, start + (this.words[slot + keyLengthAt] as number))).toString()
  }

  get(slot: number, field: number): number {
    return Atomics.load(this.words, slot + field)
  }

  set(slot: number, field: number, value: number): void {
    Atomics.store(this.words, slot + field, value)
  }

  /** Gives what it was. */
  add(slot: number, field: number, amount: number): number {
    return Atomics.add(this.words, slot + field, amount)
  }

  /** Gives what it was. */
  exchange(slot: number, field: number, value: number): number {
    return Atomics.exchange(this.words, slot + field, value)
  }

  attemptedAt(slot: number): number {
    return this.#doubles[(slot + slotAt.attemptedAt) / 2] as number
  }

  setAttemptedAt(slot: number, sharedMs: number): void {
    this.#doubles[(slot + slotAt.attemptedAt) / 2] = sharedMs
  }

  addBreach(): void {
    Atomics.add(this.words, head.breaches, 1)
  }

  takeBreaches(): number {
    return Atomics.exchange(this.words, head.breaches, 0)
  }

  logOf(slot: number): SharedLog {
    return new SharedLog(this, slot)
  }

  /** A block of `size` times (a power of two), under the lock; gives its start. */
  allot(size: number): number {
    const list = head.free + Math.log2(size)
    const free = this.words[list] as number
    if (free !== 0) {
      this.words[list] = this.times[free - 1] as number
      return free - 1
    }
    const start = this.words[head.logWords] as number
    assert(start + size <= logWordsMax, 'there is room for the times of calls')
    this.words[head.logWords] = start + size
    return start
  }

  /** Gives a block back: its first time is the next free block of its size. */
  giveBack(start: number, size: number): void {
    const list = head.free + Math.log2(size)
    this.times[start] = this.words[list] as number
    this.words[list] = start + 1
  }
}
