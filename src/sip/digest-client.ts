// Our side of digest authentication toward one server (RFC 3261 22.2, RFC 7616, RFC 8760): answers its challenges, uses a
// nonce again in advance, and counts its uses so that no two requests carry the same. Where credentials may go is left to others.
import { assert } from '../base/assert.ts'
import { bound } from '../base/limits.ts'
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { wireText } from './characters.ts'
import { answerChallenge, chooseChallenge, parseChallenge, parseCredentials, serializeCredentials } from './digest.ts'
import type { Challenge } from './digest.ts'
import { headerIds } from './header.ts'
import type { SipMessage } from './message.ts'
import { parseFramed } from './parse.ts'
import { headerSet, messageWriter } from './serialize.ts'

/** A header field as name and value. */
export type CredentialField = readonly [name: 'Authorization' | 'Proxy-Authorization', value: string]

/** A request with credentials. */
export interface Authorised {
  readonly bytes: Buffer
  readonly field: CredentialField
}

/** How often one request was challenged and answered; kept by whoever sends it. */
export interface DigestRound {
  answers: number
}

interface Nonce {
  readonly challenge: Challenge
  readonly name: CredentialField[0]
  uses: number
}

export interface DigestLogin {
  readonly username: string
  readonly password: string
  /** The only realm that is answered; undefined = the first one seen. */
  readonly realm: string | undefined
}

const written = headerSet(headerIds.via, headerIds.cseq, headerIds.authorization, headerIds.proxyAuthorization)
const nonceLengthMax = 1_024

/** A text of the peer's, fit for a sentence of ours. */
const shown = (text: string): string => `"${text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, 64)}"`

/** The request with a field behind its last one. */
export function addCredentials(request: Buffer, [name, value]: CredentialField): Buffer {
  const end = request.indexOf('\r\n\r\n') + 2
  assert(end > 1, 'a request of ours has a head')
  return Buffer.concat([
    request.subarray(0, end),
    Buffer.from(`${name}: ${value}\r\n`, 'latin1'),
    request.subarray(end),
  ])
}

/** The same request as a new one: own branch, next CSeq number, these credentials only (RFC 3261 8.1.3.5, 22.2). */
function reissue(request: SipMessage, next: { branch: string; cseq: number }, field: CredentialField): Buffer {
  const via = request.topVia
  return messageWriter()
    .requestLine(request.method, request.requestUri)
    .header('Via', via.text.replace(`branch=${via.branch ?? ''}`, `branch=${next.branch}`))
    .header('CSeq', `${next.cseq} ${request.method}`)
    .header(...field)
    .copyHeaders(request, written)
    .finish(request.body)
}

export class DigestClient {
  readonly #username: string
  readonly #password: string
  readonly #random: Random
  /** By nonce, the least recently seen first. */
  readonly #nonces = new Map<string, Nonce>()
  #realm: string | undefined
  #current: Nonce | undefined

  constructor(login: DigestLogin, random: Random) {
    this.#username = wireText(login.username)
    this.#password = wireText(login.password)
    this.#realm = login.realm === undefined ? undefined : wireText(login.realm)
    this.#random = random
  }

  /** The request with credentials in advance, where a nonce may be used again (RFC 7616 3.6); undefined = as it is. */
  preempt(request: Buffer): Authorised | undefined {
    const nonce = this.#current
    if (nonce === undefined || nonce.uses >= bound('nonceUsesMax')) return undefined
    const line = request.subarray(0, request.indexOf('\r\n')).toString('latin1')
    const [method = '', uri = ''] = line.split(' ')
    const field = this.#use(nonce, { method, uri, body: request.subarray(request.indexOf('\r\n\r\n') + 4) })
    return { bytes: addCredentials(request, field), field }
  }

  /** What was used is not used again in advance: the next request is challenged anew. */
  forget(): void {
    this.#current = undefined
  }

  /** Answers a 401 or 407 to `request`, or says in one sentence why not. */
  answer(
    request: Buffer,
    response: SipMessage,
    round: DigestRound,
    next: { branch: string; cseq: number },
  ): Authorised | string {
    const sent = parseFramed(request)
    assert(sent.kind === 'request', 'our own request parses')
    const challenge = this.#choose(response)
    if (typeof challenge === 'string') return challenge
    if (this.#isRefusal(sent, challenge, round)) {
      this.#current = undefined
      return 'credentials refused'
    }
    const nonce = this.#remember(challenge, response.status === 407 ? 'Proxy-Authorization' : 'Authorization')
    if (nonce.uses >= bound('nonceUsesMax')) return 'challenged with the same nonce again and again'
    round.answers += 1
    // Without qop there is no count, so a second request with the nonce would be a replay.
    this.#current = challenge.qop.length > 0 ? nonce : undefined
    const field = this.#use(nonce, { method: sent.method, uri: sent.requestUri, body: sent.body })
    return { bytes: reissue(sent, next, field), field }
  }

  /** The strongest challenge of our realm. */
  #choose(response: SipMessage): Challenge | string {
    const id = response.status === 407 ? headerIds.proxyAuthenticate : headerIds.wwwAuthenticate
    const challenges = response.values(id)
    const realm = this.#realm
    const ours = challenges.filter((value) => realm === undefined || parseChallenge(value)?.realm === realm)
    const challenge = chooseChallenge(ours)
    if (challenge !== undefined && challenge.nonce.length <= nonceLengthMax) {
      this.#realm ??= challenge.realm
      return challenge
    }
    const foreign = challenges.map((value) => parseChallenge(value)?.realm).find((name) => name !== undefined)
    if (realm !== undefined && foreign !== undefined && foreign !== realm)
      return `challenged for realm ${shown(foreign)}, the credentials are for ${shown(realm)}`
    return challenges.length === 0 ? 'challenged without a challenge' : 'challenged in a way that nobody knows'
  }

  /** Once per request, and once more for `stale=true`; never again with a nonce that the request carried (22.3). */
  #isRefusal(sent: SipMessage, challenge: Challenge, round: DigestRound): boolean {
    const carried = sent.value(headerIds.proxyAuthorization) ?? sent.value(headerIds.authorization) ?? ''
    if (parseCredentials(carried)?.nonce === challenge.nonce) return true
    return round.answers >= 2 || (round.answers === 1 && !challenge.stale)
  }

  #remember(challenge: Challenge, name: CredentialField[0]): Nonce {
    const nonce = { challenge, name, uses: this.#nonces.get(challenge.nonce)?.uses ?? 0 }
    this.#nonces.delete(challenge.nonce)
    this.#nonces.set(challenge.nonce, nonce)
    if (this.#nonces.size > bound('noncesPerLoginMax'))
      for (const oldest of this.#nonces.keys()) {
        this.#nonces.delete(oldest)
        break
      }
    return nonce
  }

  #use(nonce: Nonce, request: { method: string; uri: string; body: Buffer }): CredentialField {
    nonce.uses += 1
    const credentials = answerChallenge(nonce.challenge, {
      ...request,
      username: this.#username,
      password: this.#password,
      nonceCount: nonce.uses,
      cnonce: randomToken(this.#random, 16),
    })
    return [nonce.name, serializeCredentials(credentials)]
  }
}
