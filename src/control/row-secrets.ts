// The passwords of rows: gateways keep theirs (they have to answer challenges), SIP users keep HA1 for the realm and
// each algorithm (RFC 7616 3.4.2, RFC 8760). Both encrypted and bound to their row.
import { md5Hex, sha256Hex, sha512t256Hex } from '../base/hash.ts'
import type { DigestHashes, DigestSecret } from '../directory/directory.ts'
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

/** What is sealed: the hashes in force, and those before while a reset lets both sign in. */
type SealedHashes = DigestHashes & { readonly previous?: DigestSecret }

const hashesOf = ({ MD5, 'SHA-256': sha256, 'SHA-512-256': sha512t256 }: DigestHashes): DigestHashes => ({
  MD5,
  'SHA-256': sha256,
  'SHA-512-256': sha512t256,
})

const unsealed = (secrets: SecretBox, id: string, sealed: string): SealedHashes =>
  JSON.parse(secrets.unseal(id, secretField, sealed)) as SealedHashes

/**
 * The HA1 values of a SIP user, encrypted as one JSON object; `present` stays when it is for the same password.
 * `previousUntil` (milliseconds since 1970): until then the password before goes on being valid.
 */
export function sealSipUser(
  secrets: SecretBox,
  user: SipUserSecret,
  present: string | null,
  previousUntil: number | null = null,
): string {
  const text = `${user.username}:${user.realm}:${user.clear}`
  const hashes = { MD5: md5Hex(text), 'SHA-256': sha256Hex(text), 'SHA-512-256': sha512t256Hex(text) }
  const old = present === null ? undefined : hashesOf(unsealed(secrets, user.id, present))
  if (present !== null && old?.['SHA-256'] === hashes['SHA-256']) return present
  const previous = old === undefined || previousUntil === null ? undefined : { hashes: old, until: previousUntil }
  return secrets.seal(user.id, secretField, JSON.stringify({ ...hashes, ...(previous && { previous }) }))
}

/** What a SIP user may sign in with, the password in force first. */
export function digestSecrets(secrets: SecretBox, id: string, sealed: string | null): readonly DigestSecret[] {
  if (sealed === null) return []
  const { previous, ...hashes } = unsealed(secrets, id, sealed)
  const current = { hashes: hashesOf(hashes), until: null }
  return previous === undefined ? [current] : [current, previous]
}

/** Why this is no password for a SIP user, or undefined. */
export function sipPasswordFault(clear: string): string | undefined {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/]
  const strong = clear.length >= 8 && kinds.every((kind) => kind.test(clear))
  return strong ? undefined : 'at least 8 characters with upper case, lower case, digit and symbol'
}
