// Header parameters: `;name`, `;name=value`, `;name="quoted"` (RFC 3261 25.1 generic-param, with blanks allowed around
// the separators). A parameter list stays raw text; it is walked when somebody asks.
import { endOfQuoted, isBlank, skipBlanks, tokenBytes, unquote } from './characters.ts'

/** Where the last parameter that was read stands; one scratch object, because every message needs dozens. */
const found = { nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0, hasValue: false }

/** True for what ends an unquoted value: blanks, separators of the level above, quotes, brackets, control characters. */
const endsValue = (code: number): boolean =>
  code <= 0x20 || code === 0x3b || code === 0x2c || code === 0x22 || code === 0x3c || code === 0x3e || code === 0x7f

/**
 * Reads the parameter whose `;` stands at `at`; returns the position after it and its blanks, or -1. Until the next one
 * is read, `isNamed` and `lastValue` tell what it was.
 */
export function readParameter(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x3b) return -1
  let i = skipBlanks(text, at + 1)
  found.nameStart = i
  while (i < text.length && tokenBytes[text.charCodeAt(i)] === 1) i += 1
  found.nameEnd = i
  if (i === found.nameStart) return -1
  i = skipBlanks(text, i)
  found.hasValue = text.charCodeAt(i) === 0x3d
  if (!found.hasValue) return i
  i = skipBlanks(text, i + 1)
  found.valueStart = i
  if (text.charCodeAt(i) === 0x22) {
    i = endOfQuoted(text, i)
    if (i === -1) return -1
  } else while (i < text.length && !endsValue(text.charCodeAt(i))) i += 1
  found.valueEnd = i
  return skipBlanks(text, i)
}

/** The position after the parameters that start at `at` (text end or a foreign character), or -1 if one is malformed. */
export function endOfParameters(text: string, at: number): number {
  let i = skipBlanks(text, at)
  while (i < text.length && text.charCodeAt(i) === 0x3b) {
    i = readParameter(text, i)
    if (i === -1) return -1
  }
  return i
}

/** The parameter that was read last has this name, in any case. */
export function isNamed(text: string, name: string): boolean {
  const length = found.nameEnd - found.nameStart
  if (length !== name.length) return false
  for (let i = 0; i < length; i++) {
    const left = text.charCodeAt(found.nameStart + i)
    const right = name.charCodeAt(i)
    if (left !== right && (left | 0x20) !== (right | 0x20)) return false
  }
  return true
}

/** Its value, unquoted; '' for a flag. */
export const lastValue = (text: string): string =>
  found.hasValue ? unquote(text.slice(found.valueStart, found.valueEnd)) : ''

/** The value of a parameter (name in any case), unquoted; '' for a flag, undefined when it is not there. */
export function headerParameter(parameters: string, name: string): string | undefined {
  for (let i = skipBlanks(parameters, 0); i < parameters.length;) {
    i = readParameter(parameters, i)
    if (i === -1) return undefined
    if (isNamed(parameters, name)) return lastValue(parameters)
  }
  return undefined
}

/** How often a parameter stands in the list. */
export function countParameter(parameters: string, name: string): number {
  let count = 0
  for (let i = skipBlanks(parameters, 0); i < parameters.length;) {
    i = readParameter(parameters, i)
    if (i === -1) break
    if (isNamed(parameters, name)) count += 1
  }
  return count
}

/** The list without the parameters of these names (lower case), otherwise as written. */
export function withoutParameters(parameters: string, names: readonly string[]): string {
  let kept = ''
  for (let i = skipBlanks(parameters, 0); i < parameters.length;) {
    const start = i
    i = readParameter(parameters, i)
    if (i === -1) break
    if (names.some((name) => isNamed(parameters, name))) continue
    let end = i
    while (end > start && isBlank(parameters.charCodeAt(end - 1))) end -= 1
    kept += parameters.slice(start, end)
  }
  return kept
}
