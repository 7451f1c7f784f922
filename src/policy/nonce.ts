// Nonces that prove themselves: time and number under a keyed MAC with the source address and the realm, so that a
// challenge costs no state. What was answered is remembered for as long as a nonce lives, so that nothing succeeds twice.
import type { Clock } from '../base/clock.ts'
import { constantTimeEqual, hmacSha256Hex } from '../base/hash.ts'
import { bound } from '../base/limits.ts'
import { randomToken, type Random } from '../base/random.ts'

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
export class Nonces {
  readonly #clock: Clock
  readonly #boot: string
  #number = 0
  /** Number of a nonce -> highest count that succeeded, for this life of a nonce and the one before. */
  #used = new Map<number, number>()
  #usedBefore = new Map<number, number>()
  #turnAtMs: number

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#boot = randomToken(random, 12)
    this.#turnAtMs = clock.nowMs() + bound('digestNonceMs')
  }

  issue(seal: NonceSeal): string {
    this.#number += 1
    const body = `${this.#boot}.${Math.floor(this.#clock.nowMs()).toString(36)}.${this.#number.toString(36)}`
    return `${body}.${macOf(body, seal)}`
  }

  check(nonce: string, seal: NonceSeal): NonceState {
    const end = nonce.lastIndexOf('.')
    const body = nonce.slice(0, Math.max(0, end))
    if (!constantTimeEqual(macOf(body, seal), nonce.slice(end + 1))) return 'foreign'
    const [boot, time = ''] = body.split('.')
    if (boot !== this.#boot) return 'stale'
    return this.#clock.nowMs() - Number.parseInt(time, 36) > bound('digestNonceMs') ? 'stale' : 'fresh'
  }

  /** True once for each count of a fresh nonce, and only for counts that rise (RFC 7616 3.4.5: nothing is replayed). */
  use(nonce: string, count: number): boolean {
    this.#turn()
    const number = Number.parseInt(nonce.split('.')[2] ?? '', 36)
    const last = this.#used.get(number) ?? this.#usedBefore.get(number) ?? 0
    if (count <= last || this.#used.size >= bound('digestNoncesMax')) return false
    this.#used.set(number, count)
    return true
  }

  /** How many answered nonces are remembered. */
  get remembered(): number {
    this.#turn()
    return this.#used.size + this.#usedBefore.size
  }

  #turn(): void {
    const nowMs = this.#clock.nowMs()
    const life = bound('digestNonceMs')
    if (nowMs < this.#turnAtMs) return
    this.#usedBefore = nowMs < this.#turnAtMs + life ? this.#used : new Map()
    this.#used = new Map()
    this.#turnAtMs = nowMs + life
  }
}
