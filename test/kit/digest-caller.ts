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
  /** Fields of the header that differ from what is right, as they stand there; null = left out. */
  readonly change?: Readonly<Record<string, string | null>>
}

/** The value of Authorization or Proxy-Authorization (RFC 7616 3.4). */
export function answerTo(challenge: TestChallenge, parts: AnswerParts): string {
  const { username, password, uri, method = 'INVITE', nc = '00000001', cnonce = 'c0ffee', change = {} } = parts
  const { realm, nonce, algorithm } = challenge
  const secret = hex(algorithm, `${username}:${realm}:${password}`)
  const response = hex(algorithm, `${secret}:${nonce}:${nc}:${cnonce}:auth:${hex(algorithm, `${method}:${uri}`)}`)
  const fields: Record<string, string | null> = {
    username: `"${username}"`,
    realm: `"${realm}"`,
    nonce: `"${nonce}"`,
    uri: `"${uri}"`,
    response: `"${response}"`,
    algorithm,
    cnonce: `"${cnonce}"`,
    qop: 'auth',
    nc,
    ...change,
  }
  const whole = Object.entries(fields).filter(([, value]) => value !== null)
  return `Digest ${whole.map(([name, value]) => `${name}=${value}`).join(', ')}`
}
