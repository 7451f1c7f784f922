// Finds the lines and header fields of one message head without making strings (RFC 3261 7, 7.3.1, 25.1).
// The parser and the stream framer both use it, so they cannot disagree about where a message ends. It can be stopped
// at any byte and go on when more have come.
import { bound } from '../base/limits.ts'
import { tokenBytes } from './characters.ts'
import { headerIds, lookUpHeaderId, nameHashStart, nameHashStep } from './header.ts'

/** Numbers per header field in the index: id, start and end of the name, start and end of the value. */
export const indexStride = 5
/** Set in the id when the value runs over several lines. */
export const foldedFlag = 0x1_0000

/** Why a head cannot be read; each is a 400, or 413 for `too_large`. On a stream framing is lost. */
type ScanFault =
  | 'bare_line_end'
  | 'control_character'
  | 'malformed_header'
  | 'too_many_headers'
  | 'content_length'
  | 'too_large'

export type ScanResult = 'incomplete' | 'complete' | ScanFault

const headersMax = bound('headersMax')
const messageBytesMax = bound('messageBytesMax')

/** No Content-Length field. */
export const contentLengthAbsent = -1

export class HeadScanner {
  /** Header fields of the current message, `indexStride` numbers each. */
  readonly index = new Int32Array(headersMax * indexStride)
  headerCount = 0
  messageStart = 0
  startLineEnd = -1
  /** Start of the empty line; -1 until it was seen. */
  headEnd = -1
  contentLength = contentLengthAbsent
  #at = 0
  /** Start of the line that is not complete yet. */
  lineStart = 0

  /** Begins a message at `start`. */
  reset(start: number): void {
    this.headerCount = 0
    this.messageStart = start
    this.startLineEnd = -1
    this.headEnd = -1
    this.contentLength = contentLengthAbsent
    this.#at = start
    this.lineStart = start
  }

  /** The bytes have moved by `offset`. */
  rebase(offset: number): void {
    this.messageStart += offset
    this.lineStart += offset
    this.#at += offset
    if (this.startLineEnd !== -1) this.startLineEnd += offset
    if (this.headEnd !== -1) this.headEnd += offset
    for (let i = 0; i < this.headerCount * indexStride; i++)
      if (i % indexStride !== 0) this.index[i] = (this.index[i] as number) + offset
  }

  /** Start of the body. */
  get bodyStart(): number {
    return this.headEnd + 2
  }

  /** Goes on to `end`; the bytes seen so far must not have changed. A fault is final until `reset`. */
  scan(bytes: Uint8Array, end: number): ScanResult {
    let at = this.#at
    for (; ; at++) {
      at = skipPlain(bytes, at, end)
      if (at === end) break
      const byte = bytes[at] as number
      if (byte !== 0x0d) {
        if (byte === 0x0a) return 'bare_line_end'
        // quoted-pair may hold any control character but CR and LF (25.1, RFC 4475 3.1.1.2).
        if (at > this.lineStart && bytes[at - 1] === 0x5c) continue
        return 'control_character'
      }
      if (at + 1 >= end) break
      if (bytes[at + 1] !== 0x0a) return 'bare_line_end'
      const result = this.#onLine(bytes, at)
      if (result !== 'incomplete') return result
      at += 1
      this.lineStart = at + 1
    }
    this.#at = at
    return at - this.messageStart > messageBytesMax ? 'too_large' : 'incomplete'
  }

  #onLine(bytes: Uint8Array, end: number): ScanResult {
    const start = this.lineStart
    if (end - this.messageStart > messageBytesMax) return 'too_large'
    if (this.startLineEnd === -1) {
      this.startLineEnd = end
      return end === start ? 'malformed_header' : 'incomplete'
    }
    if (end === start) {
      this.headEnd = end
      return this.#readContentLength(bytes) ? 'complete' : 'content_length'
    }
    const first = bytes[start]
    if (first === 0x20 || first === 0x09) return this.#onContinuation(bytes, end)
    return this.#onHeader(bytes, start, end)
  }

  /** 7.3.1: a line that begins with a blank continues the field before it. */
  #onContinuation(bytes: Uint8Array, end: number): ScanResult {
    if (this.headerCount === 0) return 'malformed_header'
    const base = (this.headerCount - 1) * indexStride
    const valueEnd = trimEnd(bytes, this.lineStart, end)
    if (valueEnd === this.lineStart) return 'incomplete'
    if (this.index[base + 3] === this.index[base + 4]) {
      this.index[base + 3] = skipBlanks(bytes, this.lineStart, end)
    } else this.index[base] = (this.index[base] as number) | foldedFlag
    this.index[base + 4] = valueEnd
    return 'incomplete'
  }

  #onHeader(bytes: Uint8Array, start: number, end: number): ScanResult {
    let hash = nameHashStart
    let nameEnd = start
    for (; nameEnd < end; nameEnd++) {
      const byte = bytes[nameEnd] as number
      if (tokenBytes[byte] !== 1) break
      hash = nameHashStep(hash, byte)
    }
    const colon = skipBlanks(bytes, nameEnd, end)
    if (nameEnd === start || colon === end || bytes[colon] !== 0x3a) return 'malformed_header'
    if (this.headerCount === headersMax) return 'too_many_headers'
    const valueStart = skipBlanks(bytes, colon + 1, end)
    const base = this.headerCount * indexStride
    this.index[base] = lookUpHeaderId(bytes, start, nameEnd, hash)
    this.index[base + 1] = start
    this.index[base + 2] = nameEnd
    this.index[base + 3] = valueStart
    this.index[base + 4] = trimEnd(bytes, valueStart, end)
    this.headerCount += 1
    return 'incomplete'
  }

  /** Pure digits; two fields must agree (20.14; request smuggling lives on every other reading). */
  #readContentLength(bytes: Uint8Array): boolean {
    for (let base = 0; base < this.headerCount * indexStride; base += indexStride) {
      const id = this.index[base] as number
      if ((id & ~foldedFlag) !== headerIds.contentLength) continue
      const start = this.index[base + 3] as number
      const end = this.index[base + 4] as number
      const value = id === headerIds.contentLength ? readNumber(bytes, start, end) : -1
      if (value === -1 || (this.contentLength !== contentLengthAbsent && this.contentLength !== value)) return false
      this.contentLength = value
    }
    return true
  }
}

/** Control characters, but not the tab. */
const controls = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte < 0x20 && byte !== 0x09) || byte === 0x7f ? 1 : 0,
)

/** The first control character from `start` on; four bytes a turn take less than half the time of one. */
function skipPlain(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  const isPlain = (i: number): number => controls[bytes[i] as number] as number
  while (at + 4 <= end && (isPlain(at) | isPlain(at + 1) | isPlain(at + 2) | isPlain(at + 3)) === 0) at += 4
  while (at < end && isPlain(at) === 0) at += 1
  return at
}

/** Larger numbers all mean "too large"; they are never used as a length. */
const numberMax = 1_000_000_000

function readNumber(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return -1
  let value = 0
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = Math.min(value * 10 + digit, numberMax)
  }
  return value
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let i = start
  while (i < end && (bytes[i] === 0x20 || bytes[i] === 0x09)) i += 1
  return i
}

function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end
  while (i > start && (bytes[i - 1] === 0x20 || bytes[i - 1] === 0x09)) i -= 1
  return i
}

/** The position after the empty lines (CRLF) that may stand before a start line (7.5, RFC 5626 3.5.1). */
export function skipEmptyLines(bytes: Uint8Array, start: number, end: number): number {
  let i = start
  while (i + 1 < end && bytes[i] === 0x0d && bytes[i + 1] === 0x0a) i += 2
  return i
}
