// Finds the Call-ID in the bytes of a message without parsing it (RFC 3261 20.8, compact form 7.3.3), and hashes it.

const [tab, lineFeed, carriageReturn, space, hyphen, colon] = [0x09, 0x0a, 0x0d, 0x20, 0x2d, 0x3a]
const [a, c, d, i, l] = [0x61, 0x63, 0x64, 0x69, 0x6c]

/** After the name `Call-ID` or `i` that starts at `at`, in any case; -1 when another name stands there. */
function afterName(bytes: Uint8Array, at: number): number {
  const first = (bytes[at] as number) | 0x20
  if (first === i) return at + 1
  const fits =
    first === c &&
    ((bytes[at + 1] as number) | 0x20) === a &&
    ((bytes[at + 2] as number) | 0x20) === l &&
    ((bytes[at + 3] as number) | 0x20) === l &&
    bytes[at + 4] === hyphen &&
    ((bytes[at + 5] as number) | 0x20) === i &&
    ((bytes[at + 6] as number) | 0x20) === d
  return fits ? at + 7 : -1
}

const usual = Buffer.from('\nCall-ID: ')
const isResponse = (bytes: Uint8Array): boolean => bytes[0] === 0x53 && bytes[3] === 0x2f

/**
 * Where the value of the Call-ID field starts in a message that we send; -1 when the head has none. Requests are written
 * here, with the usual spelling before any body; an answer repeats the field as the peer wrote it.
 */
export function callIdStart(bytes: Buffer): number {
  const found = isResponse(bytes) ? -1 : bytes.indexOf(usual)
  return found < 0 ? scan(bytes) : found + usual.length
}

/** Any case, compact, blanks before the colon; not in the body. */
function scan(bytes: Uint8Array): number {
  const last = bytes.length - 2
  for (let at = 0; at < last; at++) {
    if (bytes[at] !== lineFeed) continue
    const next = bytes[at + 1]
    if (next === carriageReturn || next === lineFeed) return -1
    let after = afterName(bytes, at + 1)
    if (after < 0) continue
    while (bytes[after] === space || bytes[after] === tab) after++
    if (bytes[after] !== colon) continue
    do after++
    while (bytes[after] === space || bytes[after] === tab)
    return after
  }
  return -1
}

/** Where the value that starts at `start` ends: before blanks and the end of the line. */
export function callIdEnd(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && (bytes[at] as number) > space) at++
  return at
}

const hashStart = 0x811c9dc5
const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

/** FNV-1a, 32 bits: finds candidates; who asks compares the text. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = hashStart
  for (let at = start; at < end; at++) hash = hashStep(hash, bytes[at] as number)
  return hash >>> 0
}

/** The same of a latin1 text. */
export function hashText(text: string): number {
  let hash = hashStart
  for (let at = 0; at < text.length; at++) hash = hashStep(hash, text.charCodeAt(at) & 0xff)
  return hash >>> 0
}
