// The times of the latest calls of one scope in the memory that all threads share: what sliding-log.ts is on one thread, and
// the same rules. Everything here is done under the lock of the book; times come and go on the caller's own clock.
import { keptMs } from './sliding-log.ts'
import type { CallLog } from './sliding-log.ts'
import { slotAt } from './shared-book.ts'
import type { SharedBook } from './shared-book.ts'

const firstSize = 4

export class SharedLog implements CallLog {
  readonly #book: SharedBook
  readonly #slot: number

  constructor(book: SharedBook, slot: number) {
    this.#book = book
    this.#slot = slot
  }

  hasRoom(nowMs: number, windowMs: number, most: number): boolean {
    const count = this.#count
    return count < most || this.#book.toShared(nowMs) - this.#at(count - most) >= windowMs
  }

  roomAtMs(nowMs: number, windowMs: number, most: number): number {
    const count = this.#count
    return count < most ? nowMs : Math.max(nowMs, this.#book.toOwn(this.#at(count - most)) + windowMs)
  }

  add(nowMs: number): void {
    const { words, times } = this.#book
    const sharedMs = this.#book.toShared(nowMs)
    const at = this.#slot
    const size = words[at + slotAt.logSize] as number
    while (this.#count > 0 && sharedMs - this.#at(0) > keptMs) {
      words[at + slotAt.logHead] = ((words[at + slotAt.logHead] as number) + 1) & (size - 1)
      words[at + slotAt.logCount] = this.#count - 1
    }
    if (this.#count === size) this.#grow(size)
    const mask = (words[at + slotAt.logSize] as number) - 1
    const place = ((words[at + slotAt.logHead] as number) + this.#count) & mask
    times[(words[at + slotAt.logStart] as number) + place] = sharedMs
    words[at + slotAt.logCount] = this.#count + 1
  }

  countSince(nowMs: number, windowMs: number): number {
    const sharedMs = this.#book.toShared(nowMs)
    const count = this.#count
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >> 1
      if (sharedMs - this.#at(middle) >= windowMs) low = middle + 1
      else high = middle
    }
    return count - low
  }

  get #count(): number {
    return this.#book.words[this.#slot + slotAt.logCount] as number
  }

  #at(index: number): number {
    const { words, times } = this.#book
    const mask = (words[this.#slot + slotAt.logSize] as number) - 1
    const place = ((words[this.#slot + slotAt.logHead] as number) + index) & mask
    return times[(words[this.#slot + slotAt.logStart] as number) + place] as number
  }

  #grow(size: number): void {
    const { words, times } = this.#book
    const wider = size === 0 ? firstSize : size * 2
    const start = this.#book.allot(wider)
    const count = this.#count
    for (let i = 0; i < count; i++) times[start + i] = this.#at(i)
    if (size > 0) this.#book.giveBack(words[this.#slot + slotAt.logStart] as number, size)
    words[this.#slot + slotAt.logStart] = start
    words[this.#slot + slotAt.logSize] = wider
    words[this.#slot + slotAt.logHead] = 0
  }
}
