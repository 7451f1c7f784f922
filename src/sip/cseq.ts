// CSeq (RFC 3261 8.1.1.5, 20.16).
import { allIn, isDigit, skipBlanks, tokenBytes, parseNumber } from './characters.ts'

export interface Cseq {
  readonly number: number
  readonly method: string
}

/** 8.1.1.5: less than 2^31. */
const cseqNumberMax = 2 ** 31 - 1

/** undefined when it is malformed or its number is out of range. */
export function parseCseq(value: string): Cseq | undefined {
  let end = 0
  while (end < value.length && isDigit(value.charCodeAt(end))) end += 1
  const number = parseNumber(value.slice(0, end), cseqNumberMax)
  const start = skipBlanks(value, end)
  if (number === -1 || start === end || start === value.length) return undefined
  return allIn(tokenBytes, value, start, value.length) ? { number, method: value.slice(start) } : undefined
}
