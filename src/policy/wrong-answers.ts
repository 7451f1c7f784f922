// Wrong digest answers by source: the third within half a minute locks the source out for a while, whatever names it used.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { IpAddress } from '../contract/address.ts'

interface Source {
  /** Times of the wrong answers that still count, on the monotonic clock. */
  times: number[]
  lockedUntilMs: number
}

/** An IPv6 host owns its whole /64. */
const keyOf = ({ bytes }: IpAddress): string => bytes.slice(0, 8).join('.')

export class WrongAnswers {
  readonly #clock: Clock
  readonly #sources = new Map<string, Source>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isLocked(ip: IpAddress): boolean {
    return (this.#sources.get(keyOf(ip))?.lockedUntilMs ?? 0) > this.#clock.nowMs()
  }

  /** Counts one more; true when it locks the source out. */
  add(ip: IpAddress): boolean {
    const nowMs = this.#clock.nowMs()
    const key = keyOf(ip)
    const source = this.#sources.get(key) ?? { times: [], lockedUntilMs: 0 }
    // Put in anew, so that the table is in the order of the last wrong answer.
    this.#sources.delete(key)
    this.#sources.set(key, source)
    source.times = [...source.times.filter((at) => nowMs - at < bound('digestWrongMs')), nowMs]
    this.#trim()
    if (source.times.length < bound('digestWrongMax')) return false
    source.times = []
    source.lockedUntilMs = nowMs + bound('digestLockMs')
    return true
  }

  get size(): number {
    return this.#sources.size
  }

  #trim(): void {
    if (this.#sources.size <= bound('digestSourcesMax')) return
    const oldest = this.#sources.keys().next().value
    if (oldest !== undefined) this.#sources.delete(oldest)
  }
}
