// Log lines about what strangers can cause at any rate: each event at most once a second, with the number left out.
import type { Clock } from '../base/clock.ts'
import type { Log, LogFields } from '../base/log.ts'

const pauseMs = 1_000

export class ThrottledLog {
  readonly #log: Log
  readonly #clock: Clock
  // One entry per event name of this room's code.
  readonly #events = new Map<string, { silentUntilMs: number; leftOut: number }>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  warn(event: string, fields: LogFields): void {
    const nowMs = this.#clock.nowMs()
    const known = this.#events.get(event)
    if (known !== undefined && nowMs < known.silentUntilMs) {
      known.leftOut += 1
      return
    }
    this.#events.set(event, { silentUntilMs: nowMs + pauseMs, leftOut: 0 })
    this.#log.warn(event, { ...fields, ...(known === undefined ? {} : { leftOut: known.leftOut }) })
  }
}
