// Memory of its own for bytes that are kept. Small buffers of Node are cut from shared slabs of some kilobytes, and one that
// is kept keeps its whole slab: a call of which 2 KB are worth keeping held 8 KB of messages that were long over, and so did
// every finished transaction with its answer (19 KB less for each call of the last 32 s).

/** A copy that shares no memory with other buffers. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}
