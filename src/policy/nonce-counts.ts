// Which counts of which nonces have succeeded: on one thread alone, or for several together in memory that they share.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { SharedBook } from './shared-book.ts'

export interface NonceCounts {
  /** True once for each count of a nonce, and only for counts that rise. @param issuedMs on the clock of the nonces. */
  use(number: number, count: number, issuedMs: number): boolean
  /** How many answered nonces are remembered. */
  readonly remembered: number
}

export class OwnNonceCounts implements NonceCounts {
  readonly #clock: Clock
  /** Number of a nonce -> highest count that succeeded, for this life of a nonce and the one before. */
  #used = new Map<number, number>()
  #usedBefore = new Map<number, number>()
  #turnAtMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#turnAtMs = clock.nowMs() + bound('digestNonceMs')
  }

  use(number: number, count: number): boolean {
    this.#turn()
    const last = this.#used.get(number) ?? this.#usedBefore.get(number) ?? 0
    if (count <= last || this.#used.size >= bound('digestNoncesMax')) return false
    this.#used.set(number, count)
    return true
  }

  get remembered(): number {
    this.#turn()
    return this.#used.size + this.#usedBefore.size
  }

  #turn(): void {
    const nowMs = this.#clock.nowMs()
    const life = bound('digestNonceMs')
    if (nowMs < this.#turnAtMs) return
    this.#usedBefore = nowMs < this.#turnAtMs + life ? this.#used : new Map()
    this.#used = new Map()
    this.#turnAtMs = nowMs + life
  }
}

/** Doubles of a place: number of the nonce, highest count, when it was issued. */
const placeDoubles = 3
const places = bound('sharedNoncesMax')

export const sharedNonceMemory = (): SharedArrayBuffer => new SharedArrayBuffer(places * placeDoubles * 8)

/** One place for each number, used again when the nonce that has it is too old to be answered. */
export class SharedNonceCounts implements NonceCounts {
  readonly #places: Float64Array
  readonly #book: SharedBook
  readonly #clock: Clock

  /** @param book its lock guards the counts, too. */
  constructor(memory: SharedArrayBuffer, book: SharedBook, clock: Clock) {
    this.#places = new Float64Array(memory)
    this.#book = book
    this.#clock = clock
  }

  use(number: number, count: number, issuedMs: number): boolean {
    if (!Number.isSafeInteger(number)) return false
    const at = (number % places) * placeDoubles
    this.#book.lock()
    try {
      const isOwn = this.#places[at] === number
      if (!isOwn && this.#isAlive(at)) return false
      if (isOwn && count <= (this.#places[at + 1] as number)) return false
      if (!isOwn && count <= 0) return false
      this.#places[at] = number
      this.#places[at + 1] = count
      this.#places[at + 2] = issuedMs
      return true
    } finally {
      this.#book.unlock()
    }
  }

  #isAlive(at: number): boolean {
    if (this.#places[at] === 0) return false
    return this.#book.toShared(this.#clock.nowMs()) - (this.#places[at + 2] as number) <= bound('digestNonceMs')
  }

  get remembered(): number {
    let count = 0
    for (let place = 0; place < places; place++) if (this.#isAlive(place * placeDoubles)) count += 1
    return count
  }
}
