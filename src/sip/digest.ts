// Digest authentication: primitives for both sides (RFC 3261 22, RFC 7616, RFC 8760; RFC 2617 without qop for old
// peers). Keeping nonces and secrets is left to others.
import { assert } from '../base/assert.ts'
import { constantTimeEqual, md5Hex, sha256Hex, sha512t256Hex } from '../base/hash.ts'
import { endOfQuoted, quote, skipBlanks, tokenBytes, unquote } from './characters.ts'

export type DigestAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256' | 'MD5-sess' | 'SHA-256-sess' | 'SHA-512-256-sess'

/** Each algorithm with its strength: the strongest offered one is answered. */
const algorithms: Record<DigestAlgorithm, { readonly hash: (bytes: Buffer) => string; readonly strength: number }> = {
  MD5: { hash: md5Hex, strength: 1 },
  'MD5-sess': { hash: md5Hex, strength: 1 },
  'SHA-256': { hash: sha256Hex, strength: 2 },
  'SHA-256-sess': { hash: sha256Hex, strength: 2 },
  'SHA-512-256': { hash: sha512t256Hex, strength: 3 },
  'SHA-512-256-sess': { hash: sha512t256Hex, strength: 3 },
}

export interface Challenge {
  /** Latin1 texts as on the wire, quotes resolved. */
  readonly realm: string
  readonly nonce: string
  readonly algorithm: DigestAlgorithm
  /** In lower case; empty = the form of RFC 2069. */
  readonly qop: readonly string[]
  readonly opaque: string | undefined
  readonly stale: boolean
  readonly userhash: boolean
}

export interface Credentials {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly response: string
  readonly algorithm: DigestAlgorithm
  readonly qop: 'auth' | 'auth-int' | undefined
  /** Eight hexadecimal digits; with qop only. */
  readonly nc: string | undefined
  readonly cnonce: string | undefined
  readonly opaque: string | undefined
  readonly userhash: boolean
}

export interface DigestInput {
  readonly algorithm: DigestAlgorithm
  readonly username: string
  readonly realm: string
  readonly password: string
  readonly nonce: string
  readonly method: string
  readonly uri: string
  readonly qop?: 'auth' | 'auth-int' | undefined
  readonly nc?: string | undefined
  readonly cnonce?: string | undefined
  /** For auth-int. */
  readonly body?: Buffer | undefined
}

/** The parameters after `Digest`, names in lower case; undefined when malformed, doubled or of another scheme. */
function parseDigest(value: string): Map<string, string> | undefined {
  const start = skipBlanks(value, 0)
  if (value.slice(start, start + 6).toLowerCase() !== 'digest') return undefined
  let at = skipBlanks(value, start + 6)
  if (at === start + 6) return undefined
  const parameters = new Map<string, string>()
  for (;;) {
    const nameStart = at
    while (at < value.length && tokenBytes[value.charCodeAt(at)] === 1) at += 1
    const name = value.slice(nameStart, at).toLowerCase()
    at = skipBlanks(value, at)
    if (name === '' || parameters.has(name) || value.charCodeAt(at) !== 0x3d) return undefined
    const valueStart = skipBlanks(value, at + 1)
    const end = endOfValue(value, valueStart)
    if (end === -1) return undefined
    parameters.set(name, unquote(value.slice(valueStart, end)))
    at = skipBlanks(value, end)
    if (at === value.length) return parameters
    if (value.charCodeAt(at) !== 0x2c) return undefined
    at = skipBlanks(value, at + 1)
  }
}

function endOfValue(value: string, start: number): number {
  if (value.charCodeAt(start) === 0x22) return endOfQuoted(value, start)
  let end = start
  while (end < value.length && value.charCodeAt(end) > 0x20 && value.charCodeAt(end) !== 0x2c) end += 1
  return end === start ? -1 : end
}

/** Algorithms are compared in any case; absent means MD5 (RFC 7616 3.3). */
function findAlgorithm(text: string | undefined): DigestAlgorithm | undefined {
  const wanted = (text ?? 'MD5').toUpperCase()
  return (Object.keys(algorithms) as DigestAlgorithm[]).find((name) => name.toUpperCase() === wanted)
}

/** One WWW-Authenticate or Proxy-Authenticate value; undefined for other schemes, unknown algorithms and malformed text. */
export function parseChallenge(value: string): Challenge | undefined {
  const parameters = parseDigest(value)
  const realm = parameters?.get('realm')
  const nonce = parameters?.get('nonce')
  const algorithm = findAlgorithm(parameters?.get('algorithm'))
  if (parameters === undefined || realm === undefined || nonce === undefined || algorithm === undefined)
    return undefined
  const qop = (parameters.get('qop') ?? '').toLowerCase().split(',')
  return {
    realm,
    nonce,
    algorithm,
    qop: qop.map((name) => name.trim()).filter((name) => name !== ''),
    opaque: parameters.get('opaque'),
    stale: parameters.get('stale')?.toLowerCase() === 'true',
    userhash: parameters.get('userhash')?.toLowerCase() === 'true',
  }
}

/** One Authorization or Proxy-Authorization value; undefined unless it is whole (RFC 7616 3.4). */
export function parseCredentials(value: string): Credentials | undefined {
  const parameters = parseDigest(value)
  if (parameters === undefined) return undefined
  const algorithm = findAlgorithm(parameters.get('algorithm'))
  const [username, realm, nonce] = [parameters.get('username'), parameters.get('realm'), parameters.get('nonce')]
  const [uri, response, cnonce] = [parameters.get('uri'), parameters.get('response'), parameters.get('cnonce')]
  const qop = parameters.get('qop')?.toLowerCase()
  const nc = parameters.get('nc')
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined) return undefined
  if (response === undefined || algorithm === undefined) return undefined
  if (qop !== undefined && qop !== 'auth' && qop !== 'auth-int') return undefined
  if (qop !== undefined && (cnonce === undefined || nc === undefined || !/^[0-9a-f]{8}$/i.test(nc))) return undefined
  const userhash = parameters.get('userhash')?.toLowerCase() === 'true'
  return {
    username,
    realm,
    nonce,
    uri,
    response,
    algorithm,
    qop,
    nc,
    cnonce,
    opaque: parameters.get('opaque'),
    userhash,
  }
}

/** Texts are latin1, one character per byte; a password or name of ours goes through `wireText` first. */
export function digestResponse(input: DigestInput): string {
  const { hash } = algorithms[input.algorithm]
  const secret = hash(Buffer.from(`${input.username}:${input.realm}:${input.password}`, 'latin1'))
  return proofOf(secret, input)
}

/** The response for a secret that is kept as HA1 of the algorithm (RFC 7616 3.4.2), in lower-case hexadecimal. */
export function proofOf(ha1: string, input: Omit<DigestInput, 'username' | 'realm' | 'password'>): string {
  const { hash } = algorithms[input.algorithm]
  const hashText = (text: string): string => hash(Buffer.from(text, 'latin1'))
  let secret = ha1
  if (input.algorithm.endsWith('-sess')) secret = hashText(`${secret}:${input.nonce}:${input.cnonce ?? ''}`)
  const bodyHash = input.qop === 'auth-int' ? `:${hash(input.body ?? Buffer.alloc(0))}` : ''
  const request = hashText(`${input.method}:${input.uri}${bodyHash}`)
  if (input.qop === undefined) return hashText(`${secret}:${input.nonce}:${request}`)
  assert(input.nc !== undefined && input.cnonce !== undefined, 'qop without nc and cnonce')
  return hashText(`${secret}:${input.nonce}:${input.nc}:${input.cnonce}:${input.qop}:${request}`)
}

/** Strongest first, as they are offered (RFC 8760 2.4). */
export const strongestFirst = (names: readonly DigestAlgorithm[]): DigestAlgorithm[] =>
  names.toSorted((a, b) => algorithms[b].strength - algorithms[a].strength)

/** The user name as `userhash=true` sends it (RFC 7616 3.4.4). */
export const hashUsername = (algorithm: DigestAlgorithm, username: string, realm: string): string =>
  algorithms[algorithm].hash(Buffer.from(`${username}:${realm}`, 'latin1'))

/** True when the credentials are those of this password for this request. */
export function isProof(credentials: Credentials, request: Pick<DigestInput, 'method' | 'password' | 'body'>): boolean {
  const expected = digestResponse({ ...credentials, ...request })
  return constantTimeEqual(expected, credentials.response.toLowerCase())
}

/** The strongest challenge that can be answered; of equal ones the first (RFC 8760 2.4 lists the preferred one first). */
export function chooseChallenge(values: readonly string[]): Challenge | undefined {
  let best: Challenge | undefined
  for (const value of values) {
    const challenge = parseChallenge(value)
    if (challenge === undefined || !isAnswerable(challenge)) continue
    if (best === undefined || algorithms[challenge.algorithm].strength > algorithms[best.algorithm].strength)
      best = challenge
  }
  return best
}

const isAnswerable = (challenge: Challenge): boolean =>
  challenge.qop.length === 0 || challenge.qop.includes('auth') || challenge.qop.includes('auth-int')

export interface Answer {
  readonly username: string
  readonly password: string
  readonly method: string
  readonly uri: string
  /** How often this nonce was used, with this time. */
  readonly nonceCount: number
  readonly cnonce: string
  readonly body?: Buffer | undefined
}

/** The credentials that answer a challenge: `auth` where it is offered. */
export function answerChallenge(challenge: Challenge, answer: Answer): Credentials {
  const { realm, nonce, algorithm, opaque, userhash } = challenge
  const { username, password, method, uri, body } = answer
  const qop = challenge.qop.includes('auth') ? 'auth' : challenge.qop.includes('auth-int') ? 'auth-int' : undefined
  // The session variants need a cnonce also without qop (RFC 7616 3.4.2).
  const cnonce = qop === undefined && !algorithm.endsWith('-sess') ? undefined : answer.cnonce
  const nc = qop === undefined ? undefined : answer.nonceCount.toString(16).padStart(8, '0')
  const response = digestResponse({ algorithm, username, realm, password, nonce, method, uri, qop, nc, cnonce, body })
  const name = userhash ? hashUsername(algorithm, username, realm) : username
  return { username: name, realm, nonce, uri, response, algorithm, qop, nc, cnonce, opaque, userhash }
}

/** The value of Authorization or Proxy-Authorization (quotes as RFC 7616 3.4 asks). */
export function serializeCredentials(credentials: Credentials): string {
  const { username, realm, nonce, uri, response, algorithm, qop, nc, cnonce, opaque } = credentials
  const parts = [`username=${quote(username)}`, `realm=${quote(realm)}`, `nonce=${quote(nonce)}`, `uri=${quote(uri)}`]
  parts.push(`response="${response}"`, `algorithm=${algorithm}`)
  if (cnonce !== undefined) parts.push(`cnonce=${quote(cnonce)}`)
  if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`)
  if (qop !== undefined) parts.push(`qop=${qop}`)
  if (nc !== undefined) parts.push(`nc=${nc}`)
  if (credentials.userhash) parts.push('userhash=true')
  return `Digest ${parts.join(', ')}`
}

/** The value of WWW-Authenticate or Proxy-Authenticate. */
export function serializeChallenge(challenge: Challenge): string {
  const parts = [`realm=${quote(challenge.realm)}`, `nonce=${quote(challenge.nonce)}`]
  parts.push(`algorithm=${challenge.algorithm}`)
  if (challenge.qop.length > 0) parts.push(`qop="${challenge.qop.join(',')}"`)
  if (challenge.opaque !== undefined) parts.push(`opaque=${quote(challenge.opaque)}`)
  if (challenge.stale) parts.push('stale=true')
  if (challenge.userhash) parts.push('userhash=true')
  return `Digest ${parts.join(', ')}`
}
