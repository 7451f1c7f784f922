// Which final replies to an OPTIONS prove life. A class (`4xx`) never includes 408, which says that somebody on the way
// gave up waiting: whoever wants it writes the code itself. Our own time-outs are no replies and never get here.

export function isAliveStatus(aliveCodes: readonly string[], status: number): boolean {
  if (aliveCodes.includes(String(status))) return true
  return status !== 408 && aliveCodes.includes(`${Math.floor(status / 100)}xx`)
}
