// Proof of being on the host: 256 random bits in a file that only its owner can read. For the set-up and for `admin reset`.
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { constantTimeEqual } from '../base/hash.ts'

const wrongMax = 5

export class TokenFile {
  readonly file: string
  #token: string | undefined
  #wrong = 0

  constructor(file: string) {
    this.file = file
  }

  get token(): string | undefined {
    return this.#token
  }

  /** Writes a new token; the one before is void. */
  renew(): void {
    this.#token = randomBytes(32).toString('hex')
    this.#wrong = 0
    rmSync(this.file, { force: true })
    writeFileSync(this.file, `${this.#token}\n`, { mode: 0o600, flag: 'wx' })
  }

  /** The same, but without any token if the disk does not take it. */
  tryRenew(): void {
    try {
      this.renew()
    } catch {
      this.#token = undefined
    }
  }

  /** Whether this is the token; the fifth wrong one makes a new token. */
  accepts(given: string): boolean {
    if (this.#token === undefined) return false
    if (constantTimeEqual(given, this.#token)) return true
    this.#wrong += 1
    if (this.#wrong >= wrongMax) this.tryRenew()
    return false
  }

  /** The token is void and its file goes. */
  discard(): void {
    this.#token = undefined
    rmSync(this.file, { force: true })
  }
}
