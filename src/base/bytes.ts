// Memory of its own for bytes that are kept. Small buffers of Node are cut from shared slabs of some kilobytes, and one that
// is kept keeps its whole slab: a call of which 2 KB are worth keeping held 8 KB of messages that were long over, and so did
// every finished transaction with its answer (19 KB less for each call of the last 32 s).

/** A copy that shares no memory with other buffers. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}

/** A message or a session description fits many times. */
const slabBytes = 16_384
let slab = Buffer.allocUnsafeSlow(slabBytes)
let used = 0

/**
 * A copy that shares memory only with others of its kind, which came at the same time and are kept about as long: what a call
 * needs while it is young. With memory of its own each is visited by the collector apart: 0.6 ms of the pause of 4 ms that
 * comes each second at 1,200 calls/s.
 */
export function keptCopy(bytes: Uint8Array): Buffer {
  const { length } = bytes
  if (length > slabBytes / 4) return ownCopy(bytes)
  if (used + length > slabBytes) {
    slab = Buffer.allocUnsafeSlow(slabBytes)
    used = 0
  }
  const copy = slab.subarray(used, used + length)
  copy.set(bytes)
  used += length
  return copy
}
