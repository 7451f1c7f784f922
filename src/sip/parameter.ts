// Header parameters: `;name`, `;name=value`, `;name="quoted"` (RFC 3261 25.1 generic-param, with blanks allowed around
// the separators). A parameter list stays raw; it is walked when somebody asks.
import { bytesOf, endOfQuotedBytes, skipBlankBytes, skipIn, textIn } from './byte-text.ts'
import { isBlank, tokenBytes, unquote } from './characters.ts'

/** Where the last parameter that was read stands; one scratch object, because every message needs dozens. */
const found = { nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0, hasValue: false }

/** What ends an unquoted value: blanks, separators of the level above, quotes, brackets, control characters. */
const endsValue = (code: number): boolean =>
  code <= 0x20 || code === 0x3b || code === 0x2c || code === 0x22 || code === 0x3c || code === 0x3e || code === 0x7f
const valueBytes = Uint8Array.from({ length: 256 }, (_, code) => (endsValue(code) ? 0 : 1))

/**
 * Reads the parameter whose `;` stands at `at`; returns the position after it and its blanks, or -1. Until the next one
 * is read, `isNamed` and `lastValue` tell what it was.
 */
export function readParameter(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== 0x3b) return -1
  let i = skipBlankBytes(bytes, at + 1, end)
  found.nameStart = i
  i = skipIn(tokenBytes, bytes, i, end)
  found.nameEnd = i
  if (i === found.nameStart) return -1
  i = skipBlankBytes(bytes, i, end)
  found.hasValue = i < end && bytes[i] === 0x3d
  if (!found.hasValue) return i
  i = skipBlankBytes(bytes, i + 1, end)
  found.valueStart = i
  i = i < end && bytes[i] === 0x22 ? endOfQuotedBytes(bytes, i, end) : skipIn(valueBytes, bytes, i, end)
  if (i === -1) return -1
  found.valueEnd = i
  return skipBlankBytes(bytes, i, end)
}

/** The parameter that was read last has this name, in any case. */
export function isNamed(bytes: Uint8Array, name: string): boolean {
  const length = found.nameEnd - found.nameStart
  if (length !== name.length) return false
  for (let i = 0; i < length; i++) {
    const left = bytes[found.nameStart + i] as number
    const right = name.charCodeAt(i)
    if (left !== right && (left | 0x20) !== (right | 0x20)) return false
  }
  return true
}

/** Its value, unquoted; '' for a flag. `text` is what the bytes say from `start` on. */
export const lastValue = (text: string, start: number): string =>
  found.hasValue ? unquote(text.slice(found.valueStart - start, found.valueEnd - start)) : ''

/** The same where there is no text yet. */
export const lastValueIn = (bytes: Buffer): string =>
  found.hasValue ? unquote(textIn(bytes, found.valueStart, found.valueEnd)) : ''

/** The value of a parameter (name in any case), unquoted; '' for a flag, undefined when it is not there. */
export function headerParameter(parameters: string, name: string): string | undefined {
  if (parameters === '') return undefined
  const bytes = bytesOf(parameters)
  const end = parameters.length
  for (let i = skipBlankBytes(bytes, 0, end); i < end;) {
    i = readParameter(bytes, i, end)
    if (i === -1) return undefined
    if (isNamed(bytes, name)) return lastValue(parameters, 0)
  }
  return undefined
}

/** The list without the parameters of these names (lower case), otherwise as written. */
export function withoutParameters(parameters: string, names: readonly string[]): string {
  const bytes = bytesOf(parameters)
  const { length } = parameters
  let kept = ''
  for (let i = skipBlankBytes(bytes, 0, length); i < length;) {
    const start = i
    i = readParameter(bytes, i, length)
    if (i === -1) break
    if (names.some((name) => isNamed(bytes, name))) continue
    let end = i
    while (end > start && isBlank(bytes[end - 1] as number)) end -= 1
    kept += parameters.slice(start, end)
  }
  return kept
}
