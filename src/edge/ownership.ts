// Which signalling thread a message belongs to, where there are several: the hash of its Call-ID says it, so that requests,
// responses, retransmissions and CANCELs of a dialog all find their thread without a table. Legs that Tollgate opens get a
// Call-ID that leads back to their thread. REGISTER, and what has no Call-ID, is for the first thread.

const [lineFeed, carriageReturn, space, tab, colon] = [0x0a, 0x0d, 0x20, 0x09, 0x3a]
const longName = Buffer.from('call-id')
const shortName = Buffer.from('i')
const register = Buffer.from('REGISTER')
/** Turns an ASCII letter into a small one. */
const small = 0x20

const start = 0x811c9dc5
const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

/** FNV-1a leaves its last bits poorly mixed. */
function finish(hash: number, threads: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return ((mixed ^ (mixed >>> 13)) >>> 0) % threads
}

/** The thread of a dialog by its Call-ID. */
export function threadOfCallId(callId: string, threads: number): number {
  let hash = start
  for (let i = 0; i < callId.length; i++) hash = step(hash, callId.charCodeAt(i) & 0xff)
  return finish(hash, threads)
}

/** The thread of a message; it need not be well-formed. */
export function threadOf(bytes: Buffer, threads: number): number {
  let at = 0
  while (bytes[at] === carriageReturn || bytes[at] === lineFeed) at += 1
  if (startsWith(bytes, at, register)) return 0
  for (at = nextLine(bytes, at); at < bytes.length; at = nextLine(bytes, at)) {
    const first = bytes[at] as number
    if (first === carriageReturn || first === lineFeed) return 0
    const value = valueAt(bytes, at)
    if (value !== -1) return hashValue(bytes, value, threads)
  }
  return 0
}

function startsWith(bytes: Buffer, at: number, text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
  return true
}

function nextLine(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== lineFeed) at += 1
  return at + 1
}

const isBlank = (byte: number | undefined): boolean => byte === space || byte === tab

/** Where the value begins, if this line is the Call-ID (RFC 3261 7.3.1, 7.3.3); else -1. */
function valueAt(bytes: Buffer, line: number): number {
  const first = (bytes[line] as number) | small
  const name = first === longName[0] ? longName : first === shortName[0] ? shortName : undefined
  if (name === undefined) return -1
  let at = line
  for (const letter of name) {
    const byte = bytes[at] as number
    if (byte !== letter && (byte | small) !== letter) return -1
    at += 1
  }
  while (isBlank(bytes[at])) at += 1
  return bytes[at] === colon ? at + 1 : -1
}

/** Blanks and folds around the value are no part of it. */
function hashValue(bytes: Buffer, from: number, threads: number): number {
  let hash = start
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === lineFeed && !isBlank(bytes[at + 1])) break
    if (byte !== carriageReturn && byte !== lineFeed && !isBlank(byte)) hash = step(hash, byte)
  }
  return finish(hash, threads)
}
