// A SIP user's phone, for tests: reads challenges and answers them with its own arithmetic, so that the product's digest
// code does not prove itself.
import { createHash } from 'node:crypto'

export interface TestChallenge {
  readonly realm: string
  readonly nonce: string
  readonly algorithm: string
  readonly qop: string
  readonly stale: boolean
}

const nodeNames: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }

const hex = (algorithm: string, text: string): string =>
  createHash(nodeNames[algorithm] ?? 'md5')
    .update(text)
    .digest('hex')

const parameter = (value: string, name: string): string => new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(value)?.[1] ?? ''

export function readChallenge(value: string): TestChallenge {
  const read = (name: string): string => parameter(value, name)
  return {
    realm: read('realm'),
    nonce: read('nonce'),
    algorithm: read('algorithm'),
    qop: read('qop'),
    stale: read('stale') === 'true',
  }
}

export interface AnswerParts {
  readonly username: string
  readonly password: string
  readonly uri: string
  readonly method?: string
  readonly nc?: string
  readonly cnonce?: string
  /** null = the form of RFC 2069, without qop, count and cnonce. */
  readonly qop?: 'auth' | 'auth-int' | null
  /** Fields of the header that differ from what is right, as they stand there; null = left out. */
  readonly change?: Readonly<Record<string, string | null>>
}

/** The value of Authorization or Proxy-Authorization (RFC 7616 3.4). */
export function answerTo(challenge: TestChallenge, parts: AnswerParts): string {
  const { username, password, uri, method = 'INVITE', nc = '00000001', cnonce = 'c0ffee', change = {} } = parts
  const { realm, nonce, algorithm } = challenge
  const qop = parts.qop === undefined ? 'auth' : parts.qop
  const secret = hex(algorithm, `${username}:${realm}:${password}`)
  const request = hex(algorithm, `${method}:${uri}${qop === 'auth-int' ? `:${hex(algorithm, '')}` : ''}`)
  const middle = qop === null ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`
  const response = hex(algorithm, `${secret}:${middle}:${request}`)
  const fields: Record<string, string | null> = {
    username: `"${username}"`,
    realm: `"${realm}"`,
    nonce: `"${nonce}"`,
    uri: `"${uri}"`,
    response: `"${response}"`,
    algorithm,
    cnonce: qop === null ? null : `"${cnonce}"`,
    qop,
    nc: qop === null ? null : nc,
    ...change,
  }
  const whole = Object.entries(fields).filter(([, value]) => value !== null)
  return `Digest ${whole.map(([name, value]) => `${name}=${value}`).join(', ')}`
}
