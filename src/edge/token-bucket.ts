// A budget that fills with time: `perSecond` units each second, at most `burst` of them saved up.

export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #atMs = 0

  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1_000
    this.#burst = burst
    this.#tokens = burst
  }

  /** Takes one unit, if there is one. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#perMs)
    this.#atMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
