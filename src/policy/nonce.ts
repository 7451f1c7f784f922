// Nonces that prove themselves: time and number under a keyed MAC with the source address and the realm, so that a
// challenge costs no state. What was answered is remembered for as long as a nonce lives, so that nothing succeeds twice.
import type { Clock } from '../base/clock.ts'
import { constantTimeEqual, hmacSha256Hex } from '../base/hash.ts'
import { bound } from '../base/limits.ts'
import { randomToken, type Random } from '../base/random.ts'
import { OwnNonceCounts } from './nonce-counts.ts'
import type { NonceCounts } from './nonce-counts.ts'

/** `foreign`: not ours, or not for this source. `stale`: ours, but too old or from before the last start. */
export type NonceState = 'fresh' | 'stale' | 'foreign'

/** Under which a nonce was issued. */
export interface NonceSeal {
  readonly key: string
  readonly address: string
  readonly realm: string
}

const macLength = 32

const macOf = (body: string, { key, address, realm }: NonceSeal): string =>
  hmacSha256Hex(key, `${body}\n${address}\n${realm}`).slice(0, macLength)

/**
 * `BOOT.TIME.NUMBER.MAC`. The time is that of the monotonic clock, so that steps of the wall clock change nothing; a
 * nonce from before the last start, whose counts are gone, has another BOOT and is stale.
 */
/** What the nonces of several threads have in common. */
export interface SharedNonces {
  /** The same for all of them. */
  readonly boot: string
  /** Of this thread, and how many there are: no two threads issue the same number. */
  readonly thread: number
  readonly threads: number
  readonly counts: NonceCounts
  /** From this thread's monotonic clock to that of all. */
  toShared(nowMs: number): number
}

export class Nonces {
  readonly #clock: Clock
  readonly #boot: string
  readonly #counts: NonceCounts
  readonly #shared: SharedNonces | undefined
  #number: number
  readonly #step: number

  constructor(clock: Clock, random: Random, shared?: SharedNonces) {
    this.#clock = clock
    this.#shared = shared
    this.#boot = shared?.boot ?? randomToken(random, 12)
    this.#counts = shared?.counts ?? new OwnNonceCounts(clock)
    this.#number = shared?.thread ?? 0
    this.#step = shared?.threads ?? 1
  }

  get #nowMs(): number {
    const nowMs = this.#clock.nowMs()
    return this.#shared === undefined ? nowMs : this.#shared.toShared(nowMs)
  }

  issue(seal: NonceSeal): string {
    this.#number += this.#step
    const body = `${this.#boot}.${Math.floor(this.#nowMs).toString(36)}.${this.#number.toString(36)}`
    return `${body}.${macOf(body, seal)}`
  }

  check(nonce: string, seal: NonceSeal): NonceState {
    const end = nonce.lastIndexOf('.')
    const body = nonce.slice(0, Math.max(0, end))
    if (!constantTimeEqual(macOf(body, seal), nonce.slice(end + 1))) return 'foreign'
    const [boot, time = ''] = body.split('.')
    if (boot !== this.#boot) return 'stale'
    return this.#nowMs - Number.parseInt(time, 36) > bound('digestNonceMs') ? 'stale' : 'fresh'
  }

  /** True once for each count of a fresh nonce, and only for counts that rise (RFC 7616 3.4.5: nothing is replayed). */
  use(nonce: string, count: number): boolean {
    const [, time = '', number = ''] = nonce.split('.')
    return this.#counts.use(Number.parseInt(number, 36), count, Number.parseInt(time, 36))
  }

  /** How many answered nonces are remembered. */
  get remembered(): number {
    return this.#counts.remembered
  }
}
