// What happens when more comes than the thread can do: as long as the sockets have not been seen empty for a while (age of
// the queue, not CPU), a growing share of new requests gets a stateless 503 with Retry-After before anybody looks who they
// are from (RFC 3261 21.5.4; the idea of RFC 7339 5.4). What belongs to a dialog or a transaction always passes, sources that
// ask for little pass before those that ask for much, and emergency calls pass always.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { randomBelow } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { dialledOf } from '../call/on-invite.ts'
import { bareNumber } from '../directory/bare-number.ts'
import type { Directory } from '../directory/directory.ts'
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import type { StatelessAnswers } from './stateless.ts'

/** How long, in milliseconds, the sockets have not been seen empty. */
export type QueueAge = () => number

export interface OverloadParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly queueAgeMs: QueueAge
  readonly directory: () => Directory
}

/** The share is looked at, and the sources counted, in windows of this length. */
const windowMs = 50
/** Of what still passes, this much more is refused for each window that is behind. */
const step = 0.2
/** Share given back for each window that is not: from everything to nothing takes five seconds. */
const giveBack = 0.01
const shareMax = 0.98
const retryAfterSeconds = { least: 2, most: 5 }

/** The most requests that each source may have in a window, so that `room` pass: who asks for less gets all of it. */
export function fairShare(asked: readonly number[], room: number): number {
  let left = room
  const rising = asked.toSorted((a, b) => a - b)
  for (const [i, count] of rising.entries()) {
    const each = left / (rising.length - i)
    if (count > each) return each
    left -= count
  }
  return Number.POSITIVE_INFINITY
}

export class Overload {
  readonly #parts: OverloadParts
  readonly #shed: number
  readonly #level: number
  /** New requests of each source in this window. */
  readonly #asked = new Map<string, number>()
  #windowEndMs = 0
  /** Share of the new requests that is refused, 0 to 1. */
  #share = 0
  /** A pause of the thread is not yet an overload: two windows in a row must be behind. */
  #wasBehind = false
  #perSource = Number.POSITIVE_INFINITY
  #shedNow = 0

  constructor(parts: OverloadParts) {
    this.#parts = parts
    this.#shed = parts.metrics.series('overloadShed')
    this.#level = parts.metrics.series('overloadShare')
  }

  get share(): number {
    return this.#share
  }

  /** True: this new request was refused, and nothing more is to be done about it. */
  sheds(request: SipMessage, flow: Flow, stateless: StatelessAnswers): boolean {
    this.#look(this.#parts.clock.nowMs())
    const known = this.#asked.has(flow.address) || this.#asked.size < bound('rejectionSourcesMax')
    const source = known ? flow.address : ''
    const asked = (this.#asked.get(source) ?? 0) + 1
    this.#asked.set(source, asked)
    if (this.#share === 0 || asked <= this.#perSource || this.#isEmergency(request)) return false
    this.#shedNow += 1
    this.#parts.metrics.add(this.#shed)
    const { least, most } = retryAfterSeconds
    // Not all at the same moment.
    const seconds = least + randomBelow(this.#parts.random, most - least + 1)
    stateless.send(request, flow, { status: 503, headers: [['Retry-After', String(seconds)]] })
    return true
  }

  #isEmergency(request: SipMessage): boolean {
    const numbers = this.#parts.directory().system.emergencyNumbers
    if (numbers.length === 0 || request.method !== 'INVITE') return false
    const digits = bareNumber(dialledOf(request).number)
    return numbers.some((number) => bareNumber(number) === digits)
  }

  /** Called every few milliseconds, so that it ends also when nothing comes any more. */
  tick(nowMs: number): void {
    this.#look(nowMs)
  }

  #look(nowMs: number): void {
    if (nowMs < this.#windowEndMs) return
    this.#windowEndMs = nowMs + windowMs
    const isBehind = this.#parts.queueAgeMs() > bound('queueAgeMs')
    const before = this.#share
    if (isBehind && this.#wasBehind) this.#share = Math.min(shareMax, before + (1 - before) * step)
    else if (!isBehind) this.#share = Math.max(0, before - giveBack)
    this.#wasBehind = isBehind
    this.#parts.metrics.set(this.#level, this.#share)
    if (this.#share > 0) this.#divide()
    this.#asked.clear()
    this.#say(before)
  }

  /** What the last window asked for is the best guess of what the next one will. */
  #divide(): void {
    const asked = [...this.#asked.values()]
    if (asked.length === 0) return
    const all = asked.reduce((sum, count) => sum + count, 0)
    this.#perSource = fairShare(asked, all * (1 - this.#share))
  }

  #say(before: number): void {
    if (before === 0 && this.#share > 0) this.#parts.log.warn('overload: new requests get 503')
    if (before === 0 || this.#share > 0) return
    this.#parts.log.info('overload is over', { refused: this.#shedNow })
    this.#perSource = Number.POSITIVE_INFINITY
    this.#shedNow = 0
  }
}
