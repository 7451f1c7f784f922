// name-addr and addr-spec with header parameters: From, To, Contact, Route, Refer-To ... (RFC 3261 20.10, 25.1).
import { bytesOf, endOfQuotedBytes, indexOfByte, skipBlankBytes } from './byte-text.ts'
import { isBlank, tokenBytes } from './characters.ts'
import { headerParameter, isNamed, lastValueIn, readParameter } from './parameter.ts'
import { isUriIn } from './uri.ts'

export interface NameAddr {
  /** Raw, with its quotes; '' when there is none. */
  readonly displayName: string
  /** Raw, without the brackets. */
  readonly uri: string
  /** Raw header parameters with the leading `;`, or ''. */
  readonly parameters: string
}

export { headerParameter }

/** The position of `<`, or -1 for the form without brackets, or -2 for a malformed display name. */
function findOpeningBracket(bytes: Uint8Array, start: number, end: number): number {
  if (start < end && bytes[start] === 0x22) {
    const quoteEnd = endOfQuotedBytes(bytes, start, end)
    if (quoteEnd === -1) return -2
    const open = skipBlankBytes(bytes, quoteEnd, end)
    return open < end && bytes[open] === 0x3c ? open : -2
  }
  for (let i = start; i < end; i++) {
    const code = bytes[i] as number
    if (code === 0x3c) return i
    // Tokens and blanks, and UTF-8, which the grammar wants quoted but which harms nobody.
    if (tokenBytes[code] !== 1 && !isBlank(code) && code < 0x80) return -1
  }
  return -1
}

/** Without brackets everything from the first `;` on is a header parameter, and `,` and `?` are forbidden (20.10). */
function endOfAddrSpec(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const code = bytes[i] as number
    if (code === 0x3b || isBlank(code)) return i
    if (code === 0x3f || code === 0x2c) return -1
  }
  return end
}

/** Where the parts of the value that was scanned last stand, and its parameter `tag`: the first, and how many there are. */
const found = { start: 0, nameEnd: 0, uriStart: 0, uriEnd: 0, after: 0, end: 0, tags: 0 }
let foundTag = ''

/** One value is well formed. `wantsTag`: its tag is read as well, for `scannedTag`. */
export function scanNameAddr(bytes: Buffer, from: number, end: number, wantsTag = false): boolean {
  const start = skipBlankBytes(bytes, from, end)
  const open = findOpeningBracket(bytes, start, end)
  if (open === -2) return false
  const uriStart = open === -1 ? start : open + 1
  const uriEnd = open === -1 ? endOfAddrSpec(bytes, start, end) : indexOfByte(bytes, 0x3e, uriStart, end)
  if (uriEnd === -1 || !isUriIn(bytes, uriStart, uriEnd)) return false
  const after = skipBlankBytes(bytes, open === -1 ? uriEnd : uriEnd + 1, end)
  if (!scanParameters(bytes, after, end, wantsTag)) return false
  let nameEnd = open === -1 ? start : open
  while (nameEnd > start && isBlank(bytes[nameEnd - 1] as number)) nameEnd -= 1
  found.start = start
  found.nameEnd = nameEnd
  found.uriStart = uriStart
  found.uriEnd = uriEnd
  found.after = after
  found.end = end
  return true
}

function scanParameters(bytes: Buffer, after: number, end: number, wantsTag: boolean): boolean {
  found.tags = 0
  for (let i = after; i < end;) {
    i = readParameter(bytes, i, end)
    if (i === -1) return false
    if (!wantsTag || !isNamed(bytes, 'tag')) continue
    if (found.tags === 0) foundTag = lastValueIn(bytes)
    found.tags += 1
  }
  return true
}

/** The tag of the value that was scanned last: undefined = none; '' where there is no telling, of an empty one or of two. */
export const scannedTag = (): string | undefined => (found.tags === 0 ? undefined : found.tags === 1 ? foundTag : '')

/** The parts of the value that was scanned last; `text` is what the bytes say from `offset` on. */
export function scannedNameAddr(text: string, offset: number): NameAddr {
  const { start, nameEnd, uriStart, uriEnd, after, end } = found
  return {
    displayName: text.slice(start - offset, nameEnd - offset),
    uri: text.slice(uriStart - offset, uriEnd - offset),
    parameters: text.slice(after - offset, end - offset),
  }
}

/** One value is well formed; makes no text. */
export const isNameAddr = (value: string): boolean => scanNameAddr(bytesOf(value), 0, value.length)

/** One value; undefined when it is malformed. */
export const parseNameAddr = (value: string): NameAddr | undefined =>
  scanNameAddr(bytesOf(value), 0, value.length) ? scannedNameAddr(value, 0) : undefined
