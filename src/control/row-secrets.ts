// The passwords of rows: gateways keep theirs (they have to answer challenges), SIP users keep HA1 for the realm and
// each algorithm (RFC 7616 3.4.2, RFC 8760). Both encrypted and bound to their row.
import { md5Hex, sha256Hex, sha512t256Hex } from '../base/hash.ts'
import { secretField } from '../store/config-rows.ts'
import type { SecretBox } from '../store/secrets.ts'

/** Encrypts, but returns `present` when it already holds the same secret, so that applying twice changes nothing. */
export function sealGateway(secrets: SecretBox, id: string, clear: string, present: string | null): string {
  if (present !== null && secrets.unseal(id, secretField, present) === clear) return present
  return secrets.seal(id, secretField, clear)
}

export interface SipUserSecret {
  readonly id: string
  readonly username: string
  readonly realm: string
  readonly clear: string
}

/** The HA1 values of a SIP user, encrypted as one JSON object. */
export function sealSipUser(secrets: SecretBox, user: SipUserSecret, present: string | null): string {
  const text = `${user.username}:${user.realm}:${user.clear}`
  const hashes = JSON.stringify({ MD5: md5Hex(text), 'SHA-256': sha256Hex(text), 'SHA-512-256': sha512t256Hex(text) })
  return sealGateway(secrets, user.id, hashes, present)
}

/** Why this is no password for a SIP user, or undefined. */
export function sipPasswordFault(clear: string): string | undefined {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/]
  const strong = clear.length >= 8 && kinds.every((kind) => kind.test(clear))
  return strong ? undefined : 'at least 8 characters with upper case, lower case, digit and symbol'
}
