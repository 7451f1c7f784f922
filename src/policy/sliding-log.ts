// The times of the latest events of one scope: the exact base of calls per second. Counting never needs a timer.

/** Times older than this are forgotten: the longest window that is asked for, with room. */
export const keptMs = 2_000

export interface CallLog {
  hasRoom(nowMs: number, windowMs: number, most: number): boolean
  roomAtMs(nowMs: number, windowMs: number, most: number): number
  add(nowMs: number): void
  countSince(nowMs: number, windowMs: number): number
}

export class SlidingLog implements CallLog {
  #times = new Float64Array(4)
  #head = 0
  #count = 0

  /** Whether one more event now leaves no window of `windowMs` with more than `most`; `most` is 1 or more. */
  hasRoom(nowMs: number, windowMs: number, most: number): boolean {
    return this.#count < most || nowMs - this.#at(this.#count - most) >= windowMs
  }

  /** The moment from which on `hasRoom` says yes, if nothing is added until then. */
  roomAtMs(nowMs: number, windowMs: number, most: number): number {
    return this.#count < most ? nowMs : Math.max(nowMs, this.#at(this.#count - most) + windowMs)
  }

  add(nowMs: number): void {
    while (this.#count > 0 && nowMs - this.#at(0) > keptMs) {
      this.#head = (this.#head + 1) & (this.#times.length - 1)
      this.#count -= 1
    }
    if (this.#count === this.#times.length) this.#grow()
    this.#times[(this.#head + this.#count) & (this.#times.length - 1)] = nowMs
    this.#count += 1
  }

  /** Events within the last `windowMs`. */
  countSince(nowMs: number, windowMs: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (nowMs - this.#at(middle) >= windowMs) low = middle + 1
      else high = middle
    }
    return this.#count - low
  }

  #at(index: number): number {
    return this.#times[(this.#head + index) & (this.#times.length - 1)] as number
  }

  /** The length stays a power of two, so that places wrap by a mask. */
  #grow(): void {
    const wider = new Float64Array(this.#times.length * 2)
    for (let i = 0; i < this.#count; i++) wider[i] = this.#at(i)
    this.#times = wider
    this.#head = 0
  }
}
