// Classes of bytes from the grammar of RFC 3261 section 25, as tables, because every message passes through them.
// Texts are latin1: one character is one byte of the wire, so UTF-8 stays byte-exact.

const tableOf = (characters: string): Uint8Array => {
  const table = new Uint8Array(256)
  for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)] = 1
  return table
}

const digits = '0123456789'
const letters = 'abcdefghijklmnopqrstuvwxyz'
const alphanumeric = digits + letters + letters.toUpperCase()

/** `token` (25.1): methods, header names, parameter names. */
export const tokenBytes = tableOf(`${alphanumeric}-.!%*_+\`'~`)
/** Host names; the underscore is not in the grammar but in many names. */
export const hostBytes = tableOf(`${alphanumeric}.-_`)
/** What stands inside the brackets of an IPv6 reference. */
export const ipv6Bytes = tableOf(`${digits}abcdefABCDEF:.`)
/** `unreserved` and `user-unreserved`: what a user part may hold without an escape. */
export const userBytes = tableOf(`${alphanumeric}-_.!~*'()&=+$,;?/`)
/** Schemes of URIs (RFC 3986 3.1). */
export const schemeBytes = tableOf(`${alphanumeric}+-.`)

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
export const isLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a
export const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

/** The value of a hexadecimal digit, or -1. */
export function hexValue(code: number): number {
  if (isDigit(code)) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** True when every character from `start` to `end` is in the table. */
export function allIn(table: Uint8Array, text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (table[text.charCodeAt(i)] !== 1) return false
  return true
}

/** The first position from `at` on that is no blank. */
export function skipBlanks(text: string, at: number): number {
  let i = at
  while (i < text.length && isBlank(text.charCodeAt(i))) i += 1
  return i
}

/** The position after the closing quote of the quoted string that opens at `at`, or -1 (25.1 quoted-string). */
export function endOfQuoted(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) return i + 1
    if (code === 0x5c) i += 1
  }
  return -1
}

/** Without blanks at both ends; other white space stays. */
function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** One blank for each fold (RFC 3261 7.3.1). Linear whatever the text: a pattern would go over long blanks again and again. */
export function unfold(text: string): string {
  let result = ''
  let start = 0
  for (;;) {
    const fold = text.indexOf('\r\n', start)
    let end = fold === -1 ? text.length : fold
    while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
    if (end > start) result += result === '' ? text.slice(start, end) : ` ${text.slice(start, end)}`
    if (fold === -1) return result
    start = skipBlanks(text, fold + 2)
  }
}

/** The text inside a quoted string, with quoted pairs resolved; other text as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || text.charCodeAt(0) !== 0x22) return text
  const inner = text.slice(1, -1)
  return inner.includes('\\') ? inner.replaceAll(/\\([\s\S])/g, '$1') : inner
}

/** A quoted string; RFC 3261 25.1 forbids line ends in one, so they become blanks. */
export const quote = (text: string): string =>
  `"${text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/["\\]/g, String.raw`\$&`)}"`

/** Splits a list at its commas, outside quotes and angle brackets (7.3.1); blanks around the parts are cut. */
export function splitList(text: string): string[] {
  const parts: string[] = []
  let start = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      const end = endOfQuoted(text, i)
      if (end === -1) break
      i = end - 1
    } else if (code === 0x3c) depth = 1
    else if (code === 0x3e) depth = 0
    else if (code === 0x2c && depth === 0) {
      parts.push(trimBlanks(text.slice(start, i)))
      start = i + 1
    }
  }
  parts.push(trimBlanks(text.slice(start)))
  return parts
}

/** The wire's bytes as a text for people: UTF-8 where it is UTF-8. */
export const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')

/** A text of ours as the wire's bytes: the opposite of `utf8`. */
export const wireText = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
