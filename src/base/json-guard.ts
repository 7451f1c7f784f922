// Looks at JSON text before it becomes objects: nesting that is too deep, the same key twice in one object, and keys
// that reach into the prototype are refused. One pass, no recursion.
import { bound } from './limits.ts'

const depthMax = bound('jsonDepthMax')
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

/** Position after the closing quote of the string that opens at `start`; the text's length if it never closes. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const character = text.charCodeAt(at)
    if (character === 0x22) return at + 1
    at += character === 0x5c ? 2 : 1
  }
  return text.length
}

function keyOf(raw: string): string {
  if (!raw.includes('\\')) return raw.slice(1, -1)
  try {
    return String(JSON.parse(raw))
  } catch {
    return raw
  }
}

const isSpace = (character: number): boolean => character === 0x20 || (character >= 0x09 && character <= 0x0d)

/** A string is a key when a colon follows. */
function isKey(text: string, from: number): boolean {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1
  return text.charCodeAt(at) === 0x3a
}

/** Why this JSON text is refused; undefined = nothing against it (whether it is JSON at all, the parser says). */
export function jsonFault(text: string): string | undefined {
  const keys: Set<string>[] = []
  let at = 0
  while (at < text.length) {
    const character = text.charCodeAt(at)
    if (character === 0x22) {
      const end = endOfString(text, at)
      if (isKey(text, end)) {
        const key = keyOf(text.slice(at, end))
        if (forbidden.has(key)) return `the key "${key}" is not accepted`
        const seen = keys.at(-1)
        if (seen?.has(key)) return `the key "${key.slice(0, 100)}" stands twice in one object`
        seen?.add(key)
      }
      at = end
      continue
    }
    if (character === 0x7b || character === 0x5b) {
      if (keys.push(new Set()) > depthMax) return `nested deeper than ${depthMax} levels`
    } else if (character === 0x7d || character === 0x5d) keys.pop()
    at += 1
  }
  return undefined
}
