// Names of methods: for those we know always the same text, so that none is made and comparing two is comparing addresses.
import { isTextAt, textIn } from './byte-text.ts'

const known = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'INFO',
  'UPDATE',
  'PRACK',
  'NOTIFY',
  'MESSAGE',
  'REFER',
  'SUBSCRIBE',
  'PUBLISH',
] as const
const knownMethods: ReadonlySet<string> = new Set(known)

export const isKnownMethod = (method: string): boolean => knownMethods.has(method)

/** The method that these bytes name. */
export function methodIn(bytes: Buffer, start: number, end: number): string {
  const length = end - start
  for (const method of known) if (method.length === length && isTextAt(bytes, start, method)) return method
  return textIn(bytes, start, end)
}
