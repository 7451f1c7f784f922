// name-addr and addr-spec with header parameters: From, To, Contact, Route, Refer-To ... (RFC 3261 20.10, 25.1).
import { endOfQuoted, isBlank, skipBlanks, tokenBytes } from './characters.ts'
import { endOfParameters, headerParameter } from './parameter.ts'
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
function findOpeningBracket(value: string, start: number): number {
  if (value.charCodeAt(start) === 0x22) {
    const end = endOfQuoted(value, start)
    if (end === -1) return -2
    const open = skipBlanks(value, end)
    return value.charCodeAt(open) === 0x3c ? open : -2
  }
  for (let i = start; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === 0x3c) return i
    // Tokens and blanks, and UTF-8, which the grammar wants quoted but which harms nobody.
    if (tokenBytes[code] !== 1 && !isBlank(code) && code < 0x80) return -1
  }
  return -1
}

/** Without brackets everything from the first `;` on is a header parameter, and `,` and `?` are forbidden (20.10). */
function endOfAddrSpec(value: string, start: number): number {
  for (let i = start; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === 0x3b || isBlank(code)) return i
    if (code === 0x3f || code === 0x2c) return -1
  }
  return value.length
}

/** Where the parts of the value that was scanned last stand. */
const found = { start: 0, nameEnd: 0, uriStart: 0, uriEnd: 0, after: 0 }

function scanNameAddr(value: string): boolean {
  const start = skipBlanks(value, 0)
  const open = findOpeningBracket(value, start)
  if (open === -2) return false
  const uriStart = open === -1 ? start : open + 1
  const uriEnd = open === -1 ? endOfAddrSpec(value, start) : value.indexOf('>', uriStart)
  if (uriEnd === -1 || !isUriIn(value, uriStart, uriEnd)) return false
  const after = skipBlanks(value, open === -1 ? uriEnd : uriEnd + 1)
  if (after < value.length && endOfParameters(value, after) !== value.length) return false
  let nameEnd = open === -1 ? start : open
  while (nameEnd > start && isBlank(value.charCodeAt(nameEnd - 1))) nameEnd -= 1
  found.start = start
  found.nameEnd = nameEnd
  found.uriStart = uriStart
  found.uriEnd = uriEnd
  found.after = after
  return true
}

/** One value is well formed; makes no text. */
export const isNameAddr = (value: string): boolean => scanNameAddr(value)

/** One value; undefined when it is malformed. */
export function parseNameAddr(value: string): NameAddr | undefined {
  if (!scanNameAddr(value)) return undefined
  const { start, nameEnd, uriStart, uriEnd, after } = found
  return {
    displayName: value.slice(start, nameEnd),
    uri: value.slice(uriStart, uriEnd),
    parameters: value.slice(after),
  }
}
