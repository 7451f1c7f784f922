// Each thread counts its monotonic time from its own start; this is what makes the times of several threads comparable.

const looks = 16

/** Milliseconds to add to `systemClock.nowMs()` of this thread to get the time of the machine's own monotonic clock. */
export function clockOffsetMs(): number {
  let best = 0
  let bestSpan = Infinity
  for (let look = 0; look < looks; look++) {
    const before = performance.now()
    const machineMs = Number(process.hrtime.bigint()) / 1e6
    const span = performance.now() - before
    if (span >= bestSpan) continue
    bestSpan = span
    best = machineMs - before - span / 2
  }
  return best
}
