// Hashing for the pure rooms, which may not import node:crypto themselves.
import { createHmac, hash, timingSafeEqual } from 'node:crypto'

/** Lower-case hexadecimal MD5 (RFC 1321); only for SIP digest and loop marks, never for secrets at rest. */
export const md5Hex = (text: string | Uint8Array): string => hash('md5', text, 'hex')

/** Lower-case hexadecimal SHA-256. */
export const sha256Hex = (text: string | Uint8Array): string => hash('sha256', text, 'hex')

/** Lower-case hexadecimal SHA-512/256 (RFC 8760). */
export const sha512t256Hex = (text: string | Uint8Array): string => hash('sha512-256', text, 'hex')

/** Lower-case hexadecimal HMAC-SHA-256 (RFC 2104) of a text under a key. */
export const hmacSha256Hex = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('hex')

/** Compares two texts in a time that depends only on their lengths. */
export function constantTimeEqual(left: string, right: string): boolean {
  const a = Buffer.from(left, 'utf8')
  const b = Buffer.from(right, 'utf8')
  return a.length === b.length && timingSafeEqual(a, b)
}
