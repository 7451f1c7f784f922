// The only door through which time enters. Monotonic milliseconds decide; wall milliseconds only label.

export interface Clock {
  /** Monotonic milliseconds, with fraction; never goes back. Use for every decision and duration. */
  nowMs(): number
  /** Milliseconds since 1970 (UTC). Use only for what people and records read. */
  wallMs(): number
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
}
