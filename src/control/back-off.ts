// Slows down who guesses: after some failures a key has to wait, longer each time, but never for ever.

interface Entry {
  failures: number
  /** Monotonic milliseconds. */
  until: number
}

const keysMax = 10_000
const waitMsMax = 60_000
const forgetMs = 900_000

export interface BackOffRule {
  /** The failure from which on the key waits. */
  readonly free: number
}

export class BackOff {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>()

  /** Milliseconds that the key still has to wait; 0 = none. */
  waitMs(key: string, nowMs: number): number {
    return Math.max(0, (this.#entries.get(key)?.until ?? 0) - nowMs)
  }

  /** Counts a try before its outcome is known, so that many at once do not slip through. */
  fail(key: string, rule: BackOffRule, nowMs: number): void {
    const old = this.#entries.get(key)
    this.#entries.delete(key)
    const failures = old === undefined || nowMs - old.until > forgetMs ? 1 : old.failures + 1
    const beyond = failures - rule.free
    const wait = beyond < 0 ? 0 : Math.min(waitMsMax, 1_000 * 2 ** Math.min(beyond, 10))
    this.#entries.set(key, { failures, until: nowMs + wait })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > keysMax && oldest !== undefined) this.#entries.delete(oldest)
  }

  succeed(key: string): void {
    this.#entries.delete(key)
  }
}
