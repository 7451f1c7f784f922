// How long the event loop of this thread has not been without work: the age of what waits in sockets of Node's own, which do
// not say whether they are empty.

/** A function that tells it in milliseconds; exact to the time between two of its calls. */
export function busyTime(
  utilization = () => performance.eventLoopUtilization(),
  nowMs = () => performance.now(),
): () => number {
  let idle = -1
  let idleAtMs = nowMs()
  return () => {
    const now = nowMs()
    const seen = utilization().idle
    if (seen !== idle) idleAtMs = now
    idle = seen
    return now - idleAtMs
  }
}
