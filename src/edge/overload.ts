// What happens when more comes than the thread can do: as long as datagrams wait long before they are read (age of the
// queue, not CPU), new requests above a falling rate get a stateless 503 with Retry-After before anybody looks who they
// are from (RFC 3261 21.5.4; the idea of RFC 7339 5.4). What belongs to a dialog or a transaction always passes, sources that
// ask for little pass before those that ask for much (all strangers together are one source), and emergency calls pass always.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { randomBelow } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { dialledOf } from '../call/on-invite.ts'
import { bareNumber } from '../directory/bare-number.ts'
import type { Directory } from '../directory/directory.ts'
import type { CallTransport } from '../call/context.ts'
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import type { Transactions } from '../transaction/transactions.ts'
import { EarlyRefusal } from './early-refusal.ts'
import type { EdgeMetrics } from './edge-metrics.ts'
import type { StatelessAnswers } from './stateless.ts'

/** How long, in milliseconds, what is read now has waited. */
export type QueueAge = () => number

export interface OverloadParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: EdgeMetrics
  readonly queueAgeMs: QueueAge
  /** More waits than is read at once. */
  readonly isQueueLong: () => boolean
  readonly directory: () => Directory
  /** Nobody that is configured or has proved itself. */
  readonly isStranger: (address: string) => boolean
  readonly transactions: Pick<Transactions, 'isOpen'>
  readonly transport: Pick<CallTransport, 'reply'>
}

/** What may be shed, by its first letter; other methods begin with the same ones. */
const shedMethods = new Map(['INVITE ', 'REGISTER ', 'OPTIONS '].map((method) => [method.charCodeAt(0), method.trim()]))
const firstOfAck = 0x41
/** ACKs of what was refused come so long after it (timers of RFC 3261 17.1.1). */
const lingerMs = 32_000

/** The rate is looked at, and the sources counted, in windows of this length. */
const windowMs = 50
/** Far behind, behind, and not behind: what the next window may have of what this one let through. */
const farBehind = { times: 3, factor: 0.8 }
const whenBehind = 0.95
const whenNot = 1.05
/** Nothing waits: the thread could do far more. */
const whenIdle = 1.2
const shrinking = 0.97
/** It is over when so many times more could pass than is asked for. */
const spare = 2
/** So many windows in a row must be behind before anything is refused: a burst that is soon worked off is no overload. */
const windowsUntilOverload = 6
/**
 * Where less than this share of all that comes are new requests of those we know, something else keeps the thread busy: a flood
 * of strangers. To refuse calls would not end it.
 */
const newShareMin = 0.05
/** In the place of a source: all strangers, and what is more than can be counted one by one. */
const others = ''
/**
 * New requests for each window that pass whatever happens; and that pass in a flood, or as long as the queue is only long: when
 * there are no more of them, something else fills it, and to refuse them would not make it shorter.
 */
const roomMin = 1
const roomMinLong = 25
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
  /** Made at the first overload: most edges never have one. */
  #early: EarlyRefusal | undefined
  readonly #shed: number
  readonly #level: number
  /** New requests of each source in this window. */
  readonly #asked = new Map<string, number>()
  #askedNow = 0
  /** All messages of this window, also those that were dropped at the door. */
  #come = 0
  #shedNow = 0
  #windowStartMs = 0
  /** New requests that may pass for each millisecond; infinite = no overload. */
  #passPerMs = Number.POSITIVE_INFINITY
  #perSource = Number.POSITIVE_INFINITY
  /** The last window was late, or there is an overload: from now on strangers are told apart. */
  #isLate = false
  /** Windows in a row that were behind. */
  #behind = 0
  #lastAgeMs = 0
  #shedInAll = 0
  /** ACKs of refusals may come until then; 0 = nothing was refused yet, or long ago. */
  #shedUntilMs = 0

  constructor(parts: OverloadParts) {
    this.#parts = parts
    this.#shed = parts.metrics.metrics.series('overloadShed')
    this.#level = parts.metrics.metrics.series('overloadShare')
  }

  /**
   * The same as `sheds`, before anything of a message is read: true, and nothing is to be done about it. What cannot be
   * told apart so early comes to `sheds`, which counts it.
   */
  shedsUnread(bytes: Buffer, flow: Flow): boolean {
    if (!Number.isFinite(this.#perSource) && this.#shedUntilMs === 0) return false
    const nowMs = this.#parts.clock.nowMs()
    const first = bytes[0]
    if (first === firstOfAck) return this.#dropsAck(bytes, flow, nowMs)
    const method = shedMethods.get(first ?? 0)
    if (method === undefined) return false
    this.#look(nowMs)
    const source = this.#sourceOf(flow)
    const asked = (this.#asked.get(source) ?? 0) + 1
    if (asked <= this.#perSource) return false
    const { system } = this.#parts.directory()
    const { emergencyNumbers } = system
    const about = { method, emergencyNumbers, retryAfterSeconds: this.#retryAfterSeconds() }
    this.#early ??= new EarlyRefusal(this.#parts.transactions, this.#parts.random)
    const answer = this.#early.answer(bytes, flow, about)
    if (answer === undefined) return false
    this.#asked.set(source, asked)
    this.#askedNow += 1
    this.#noteShed(nowMs)
    this.#parts.metrics.onUnread(method, flow.listener.protocol)
    this.#parts.transport.reply(answer.bytes, flow, answer.port)
    return true
  }

  #dropsAck(bytes: Buffer, flow: Flow, nowMs: number): boolean {
    if (nowMs > this.#shedUntilMs || this.#early?.isOwnAck(bytes) !== true) return false
    this.#parts.metrics.onUnread('ACK', flow.listener.protocol)
    return true
  }

  /** Something has come, whatever it is. */
  onMessage(): void {
    this.#come += 1
  }

  /** True: this new request was refused, and nothing more is to be done about it. */
  sheds(request: SipMessage, flow: Flow, stateless: StatelessAnswers): boolean {
    const nowMs = this.#parts.clock.nowMs()
    this.#look(nowMs)
    const source = this.#sourceOf(flow)
    const asked = (this.#asked.get(source) ?? 0) + 1
    this.#asked.set(source, asked)
    this.#askedNow += 1
    if (asked <= this.#perSource || this.#isEmergency(request)) return false
    this.#noteShed(nowMs)
    stateless.send(request, flow, { status: 503, headers: [['Retry-After', String(this.#retryAfterSeconds())]] })
    return true
  }

  #sourceOf(flow: Flow): string {
    const { address } = flow
    if (this.#isLate && this.#parts.isStranger(address)) return others
    return this.#asked.has(address) || this.#asked.size < bound('rejectionSourcesMax') ? address : others
  }

  #noteShed(nowMs: number): void {
    this.#shedNow += 1
    this.#shedInAll += 1
    this.#shedUntilMs = nowMs + lingerMs
    this.#parts.metrics.metrics.add(this.#shed)
  }

  /** Not all at the same moment. */
  #retryAfterSeconds(): number {
    const { least, most } = retryAfterSeconds
    return least + randomBelow(this.#parts.random, most - least + 1)
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
    const elapsedMs = nowMs - this.#windowStartMs
    if (elapsedMs < windowMs) return
    const ageMs = this.#parts.queueAgeMs()
    // A fast thread never has old datagrams: the queue of the system is full before, and datagrams are lost. Of a thread that
    // only stood still for a moment, few wait.
    const isLong = this.#parts.isQueueLong()
    const ageMsMax = bound(isLong ? 'longQueueAgeMs' : 'queueAgeMs')
    const isLate = ageMs > ageMsMax
    const askedByKnown = this.#askedNow - (this.#asked.get(others) ?? 0)
    const isBehind = isLate && askedByKnown >= this.#come * newShareMin
    const factor = ageMs > ageMsMax * farBehind.times ? farBehind.factor : whenBehind
    const least = ageMs > bound('queueAgeMs') ? roomMin : roomMinLong
    const before = this.#passPerMs
    const passed = (this.#askedNow - this.#shedNow) / elapsedMs
    // A queue that gets shorter is left to it: to go on refusing more would end far below what can be done.
    const isShrinking = ageMs < this.#lastAgeMs * shrinking
    this.#lastAgeMs = ageMs
    this.#behind = isBehind ? this.#behind + 1 : 0
    const isOverload = this.#behind > (Number.isFinite(before) ? 1 : windowsUntilOverload)
    if (isOverload && !isShrinking) this.#passPerMs = Math.max(least / windowMs, Math.min(before, passed) * factor)
    else if (isLate && !isBehind) this.#passPerMs = Math.max(before * whenNot, roomMinLong / windowMs)
    else if (ageMs * 2 < ageMsMax) this.#passPerMs = before * (isLong || ageMs > 1 ? whenNot : whenIdle)
    if (!isBehind && this.#passPerMs > (this.#askedNow / elapsedMs) * spare) this.#passPerMs = Number.POSITIVE_INFINITY
    // What the last window asked for is the best guess of what the next one will.
    this.#perSource = (fairShare([...this.#asked.values()], this.#passPerMs * elapsedMs) * windowMs) / elapsedMs
    this.#isLate = isLate || Number.isFinite(this.#passPerMs)
    this.#parts.metrics.metrics.set(this.#level, this.#askedNow === 0 ? 0 : this.#shedNow / this.#askedNow)
    if (nowMs > this.#shedUntilMs) this.#shedUntilMs = 0
    this.#windowStartMs = nowMs
    this.#askedNow = this.#shedNow = this.#come = 0
    this.#asked.clear()
    this.#say(before)
  }

  #say(before: number): void {
    const was = Number.isFinite(before)
    const is = Number.isFinite(this.#passPerMs)
    if (!was && is) this.#parts.log.warn('overload: new requests get 503')
    if (!was || is) return
    this.#parts.log.info('overload is over', { refused: this.#shedInAll })
    this.#shedInAll = 0
  }
}
