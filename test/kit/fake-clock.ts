// Time that stands still until a test moves it, with the timer wheel that it drives.
import type { Clock } from '../../src/base/clock.ts'
import { Timers } from '../../src/base/timers.ts'

const tickMs = 5

export class FakeClock implements Clock {
  readonly timers: Timers
  #nowMs: number
  #wallOffsetMs: number

  /** Monotonic time starts at `nowMs` (a multiple of 5 keeps timers exact), wall time at 2026-01-01. */
  constructor(nowMs = 1_000_000, wallMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs
    this.#wallOffsetMs = wallMs - nowMs
    this.timers = new Timers(nowMs)
  }

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs
  }

  /** Moves both times on, tick by tick: every timer fires at its own time and sees that time. */
  advance(ms: number): void {
    const end = this.#nowMs + ms
    while (this.#nowMs < end) {
      const step = this.timers.count === 0 ? ms : this.timers.nextTickMs(this.#nowMs) || tickMs
      this.#nowMs = Math.min(end, this.#nowMs + step)
      this.timers.advance(this.#nowMs)
    }
  }

  /** Moves only the wall clock, as an administrator or NTP would. */
  stepWall(ms: number): void {
    this.#wallOffsetMs += ms
  }
}
