// Who proves to be a SIP user (RFC 3261 22, RFC 7616, RFC 8760): challenges, and checks the answers to them. Unknown name,
// wrong password and wrong address get the same answer for the same work. Sending it is left to others.
import type { Clock } from '../base/clock.ts'
import { constantTimeEqual } from '../base/hash.ts'
import type { Random } from '../base/random.ts'
import type { IpAddress } from '../contract/address.ts'
import type { DigestHashes, Directory, DirectorySipUser } from '../directory/directory.ts'
import { findSipUser, isChallenged, mayCallFrom } from '../directory/sip-users.ts'
import { wireText } from '../sip/characters.ts'
import { parseCredentials, proofOf, serializeChallenge, strongestFirst } from '../sip/digest.ts'
import type { Credentials, DigestAlgorithm } from '../sip/digest.ts'
import { parseUri, unescapeUser } from '../sip/uri.ts'
import { Nonces, type NonceSeal, type SharedNonces } from './nonce.ts'
import { suspensionText, type SuspensionView } from './suspensions.ts'
import type { Refusal, SourceFacts } from './verdict.ts'
import { WrongAnswers } from './wrong-answers.ts'

export interface DigestRequest {
  readonly method: string
  readonly requestUri: string
  readonly facts: SourceFacts
  /** Milliseconds since 1970. */
  readonly wallMs: number
  readonly suspensions: SuspensionView
  /** Values of Authorization or Proxy-Authorization, one for each field. */
  readonly credentials: readonly string[]
  /** Only users of this account count: the request came by an entry that also requires digest. */
  readonly accountId?: string | undefined
}

export interface DigestChallenge {
  readonly kind: 'challenge'
  /** `wrong` is the only one that is a failure. */
  readonly cause: 'no credentials' | 'stale' | 'wrong'
  /** Values of WWW-Authenticate or Proxy-Authenticate, one field each. */
  readonly values: readonly string[]
  /** For our own log: never sent. */
  readonly detail: string
}

export type DigestOutcome =
  | { readonly kind: 'proved'; readonly user: DirectorySipUser; readonly algorithm: DigestAlgorithm }
  | { readonly kind: 'locked'; readonly detail: string }
  | DigestChallenge

/** With which status a refusal is turned into a challenge that a SIP user may answer; undefined = it stands. */
export function challengeStatus(directory: Directory, refusal: Refusal, ip: IpAddress): 401 | 407 | undefined {
  if (refusal.code === 'digest_required') return 407
  if (refusal.code !== 'source_unknown') return undefined
  if (isChallenged(directory, ip)) return 407
  return directory.system.unknownSource === 'challenge' ? 401 : undefined
}

/** Stands in for the secret of users that do not exist, so that they cost as much as those that do. */
const nobody: DigestHashes = { MD5: '0'.repeat(32), 'SHA-256': '0'.repeat(64), 'SHA-512-256': '0'.repeat(64) }

/** Why this user cannot sign in from here, whatever its password; undefined = it can. */
export function findUserFault(
  directory: Directory,
  user: DirectorySipUser | undefined,
  { facts, suspensions, accountId }: Pick<DigestRequest, 'facts' | 'suspensions' | 'accountId'>,
): string | undefined {
  const admitted = mayCallFrom(directory, user, facts.ip)
  const account = user === undefined ? undefined : directory.accounts[user.accountIndex]
  if (user === undefined || account === undefined) return 'there is no such SIP user'
  if (user.secrets.length === 0) return 'it has no password'
  if (!admitted) return `source ${facts.address} is outside its allowedAddresses`
  if (account.status !== 'active') return `the account is ${account.status}`
  const penalty = suspensions.findPenalty(account.id)
  if (penalty !== undefined) return `the account is ${suspensionText(penalty)}`
  if (user.transport !== null && user.transport !== facts.transport)
    return `it signs in over ${user.transport}, this came by ${facts.transport}`
  if (accountId !== undefined && accountId !== account.id) return 'the entry belongs to another account'
  return undefined
}

const portOf = (uri: { readonly scheme: string; readonly port: number | undefined }): number =>
  uri.port ?? (uri.scheme === 'sips' ? 5061 : 5060)

/**
 * The digest-uri stands for the Request-URI (RFC 7616 3.4.6); equivalent spellings count (RFC 3261 19.1.4). Some peers
 * sign the host alone, SIPp among them: accepted, because the nonce is bound to their address anyway.
 */
function isSameUri(signed: string, requestUri: string): boolean {
  if (signed === requestUri) return true
  const [a, b] = [parseUri(signed), parseUri(requestUri)]
  if (a === undefined || b === undefined) return false
  if (a.scheme !== b.scheme || a.host !== b.host || portOf(a) !== portOf(b)) return false
  return a.user === undefined || unescapeUser(a.user) === unescapeUser(b.user ?? '')
}

/** The name as it stands between the quotes: one that had to be unquoted is none that we gave. */
const isPlainName = (value: string, username: string): boolean =>
  /[\s,]username[ \t]*=[ \t]*"([^"]*)"/i.exec(value)?.[1] === username

/** The credentials for our realm; undefined unless there is exactly one that is whole. */
function pickCredentials(values: readonly string[], realm: string): Credentials | undefined {
  let picked: Credentials | undefined
  for (const value of values) {
    const credentials = parseCredentials(value)
    if (credentials === undefined || credentials.realm !== realm) continue
    if (picked !== undefined || !isPlainName(value, credentials.username)) return undefined
    picked = credentials
  }
  return picked
}

/** Both secrets are tried, or as many stand-ins, so that the work is always the same. */
function isRight(user: DirectorySipUser | undefined, credentials: Credentials, request: DigestRequest): boolean {
  const { algorithm, response } = credentials
  const [current, before] = user?.secrets ?? []
  let right = false
  for (const secret of [current, before]) {
    const ha1 = (secret?.hashes ?? nobody)[algorithm as keyof DigestHashes]
    const same = constantTimeEqual(proofOf(ha1, { ...credentials, method: request.method }), response.toLowerCase())
    const valid = secret !== undefined && (secret.until === null || secret.until > request.wallMs)
    right = right || (same && valid)
  }
  return right
}

/** What the challenges to one request have in common. */
interface Round {
  readonly offered: readonly DigestAlgorithm[]
  readonly realm: string
  readonly seal: NonceSeal
}

/** What those who authenticate on several threads share. */
export interface SharedDigest {
  readonly nonces: SharedNonces
  /** Told of each wrong answer: the others count it, too. */
  onWrongAnswer(ip: IpAddress): void
}

export class Authenticator {
  readonly nonces: Nonces
  readonly #wrong: WrongAnswers
  readonly #shared: SharedDigest | undefined

  /** @param shared with other threads. */
  constructor(clock: Clock, random: Random, shared?: SharedDigest) {
    this.nonces = new Nonces(clock, random, shared?.nonces)
    this.#wrong = new WrongAnswers(clock)
    this.#shared = shared
  }

  /** One that came to somebody else. */
  noteWrongAnswer(ip: IpAddress): void {
    this.#wrong.add(ip)
  }

  authenticate(directory: Directory, request: DigestRequest): DigestOutcome {
    const { facts } = request
    if (this.#wrong.isLocked(facts.ip)) return { kind: 'locked', detail: 'too many wrong digest answers' }
    const realm = wireText(directory.system.realm)
    const credentials = pickCredentials(request.credentials, realm)
    const user = findSipUser(directory, credentials?.username ?? facts.fromUser)
    const offered = user?.digestAlgorithms ?? directory.system.digestAlgorithms
    const round = { offered, realm, seal: { key: directory.nonceKey, address: facts.address, realm } }
    if (credentials === undefined) return this.#challenge(round, 'no credentials', 'no credentials for this realm')
    const { algorithm, username, nonce, nc = '0' } = credentials
    if (!offered.some((name) => name === algorithm))
      return this.#challenge(round, 'no credentials', `${algorithm} was not offered`)
    const state = this.nonces.check(nonce, round.seal)
    const fault = findFault(directory, user, { credentials, request })
    if (fault !== undefined || user === undefined) {
      const detail = `SIP user ${JSON.stringify(username)}: ${fault ?? ''}`
      this.#shared?.onWrongAnswer(facts.ip)
      return this.#wrong.add(facts.ip) ? { kind: 'locked', detail } : this.#challenge(round, 'wrong', detail)
    }
    if (state !== 'fresh' || !this.nonces.use(nonce, Number.parseInt(nc, 16)))
      return this.#challenge(round, 'stale', 'the nonce is too old, not for this source, or was answered before')
    return { kind: 'proved', user, algorithm }
  }

  /** One value for each algorithm, the strongest first; all share one nonce. */
  #challenge({ offered, realm, seal }: Round, cause: DigestChallenge['cause'], detail: string): DigestChallenge {
    const nonce = this.nonces.issue(seal)
    const common = { realm, nonce, qop: ['auth'], opaque: undefined, stale: cause === 'stale', userhash: false }
    const values = strongestFirst(offered).map((algorithm) => serializeChallenge({ ...common, algorithm }))
    return { kind: 'challenge', cause, values, detail }
  }
}

/** Why the answer is wrong; everything is looked at before anything is told. */
function findFault(
  directory: Directory,
  user: DirectorySipUser | undefined,
  { credentials, request }: { credentials: Credentials; request: DigestRequest },
): string | undefined {
  const right = isRight(user, credentials, request)
  const sameUri = isSameUri(credentials.uri, request.requestUri)
  const userFault = findUserFault(directory, user, request)
  if (userFault !== undefined) return userFault
  if (!right) return 'the password is wrong'
  if (!sameUri) return 'the answer is for another Request-URI'
  if (credentials.qop !== 'auth') return 'qop=auth was asked for'
  return credentials.userhash ? 'the name is hashed' : undefined
}
