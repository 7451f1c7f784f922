// CSeq (RFC 3261 8.1.1.5, 20.16).
import { bytesOf, numberIn, skipBlankBytes, skipIn } from './byte-text.ts'
import { isDigit, tokenBytes } from './characters.ts'
import { methodIn } from './method.ts'

export interface Cseq {
  readonly number: number
  readonly method: string
}

/** 8.1.1.5: less than 2^31. */
const cseqNumberMax = 2 ** 31 - 1

/** undefined when it is malformed or its number is out of range. */
export const parseCseq = (value: string): Cseq | undefined => cseqIn(bytesOf(value), 0, value.length)

/** The same of bytes. */
export function cseqIn(bytes: Buffer, from: number, to: number): Cseq | undefined {
  let end = from
  while (end < to && isDigit(bytes[end] as number)) end += 1
  const number = numberIn(bytes, from, end, cseqNumberMax)
  const start = skipBlankBytes(bytes, end, to)
  if (number === -1 || start === end || start === to) return undefined
  return skipIn(tokenBytes, bytes, start, to) === to ? { number, method: methodIn(bytes, start, to) } : undefined
}
