// What happens when more comes than the thread can do: as long as more datagrams wait than are read at once, new requests
// step aside into lines, one for each source, until everything else that has come is done. What belongs to a dialog or a
// transaction never waits behind them. A line that is soon worked off harms nobody; when new requests have waited too long for
// some time, those that did get a stateless 503 with Retry-After (RFC 3261 21.5.4; the idea of RFC 7339 5.4), before anybody
// looks who they are from. The thread refuses only what it has no time for: there is no rate to be guessed.
import type { Clock } from '../base/clock.ts'
import { keptCopy } from '../base/bytes.ts'
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
import { EarlyRefusal, mayBeEmergency, requestLineOf } from './early-refusal.ts'
import type { EdgeMetrics } from './edge-metrics.ts'
import type { StatelessAnswers } from './stateless.ts'
import { WaitingRequests } from './waiting-requests.ts'
import type { WaitingRequest } from './waiting-requests.ts'

export interface OverloadParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: EdgeMetrics
  /** More waits than is read at once. */
  readonly isQueueLong: () => boolean
  /** Runs work after what has come meanwhile; undefined = nothing ever waits. */
  readonly later: ((work: () => void) => void) | undefined
  /** Does what is to be done about a message. */
  readonly handle: (bytes: Buffer, flow: Flow) => void
  readonly directory: () => Directory
  /** Nobody that is configured or has proved itself. */
  readonly isStranger: (address: string) => boolean
  readonly transactions: Pick<Transactions, 'isOpen'>
  readonly transport: Pick<CallTransport, 'reply'>
}

/** What waits, by its first and third letter, which together no other method has; a CANCEL stays behind its INVITE. */
const waitingMethods = new Map(
  ['INVITE', 'REGISTER', 'OPTIONS', 'CANCEL'].map((method) => [
    (method.charCodeAt(0) << 8) | method.charCodeAt(2),
    method,
  ]),
)
const firstOfAck = 0x41
const firstOfCancel = 0x43
/** ACKs of what was refused come so long after it (timers of RFC 3261 17.1.1). */
const lingerMs = 32_000

/** For so long the thread does new requests before it looks what else has come, */
const turnMs = 2
/** which is all read first, if it is not more than so many reads. */
const skippedMax = 16
/** So many of one source are refused before it is another one's turn. */
const refusedAtOnce = 8
/** It is over when nobody was refused for so long. */
const calmMs = 1_000
/** The share of what is refused is that of so long. */
const windowMs = 1_000
/** In the place of a source: all strangers, and what is more than can be counted one by one. */
const others = ''
const retryAfterSeconds = { least: 2, most: 5 }

export class Overload {
  readonly #parts: OverloadParts
  /** Made at the first overload: most edges never have one. */
  #early: EarlyRefusal | undefined
  readonly #shed: number
  readonly #level: number
  readonly #waiting = new WaitingRequests()
  #isServing = false
  /** Turns since new requests were served last. */
  #skipped = 0
  /** Since then everybody who was served had waited too long; 0 = the last one had not. */
  #lateSinceMs = 0
  #isOverload = false
  #lastShedMs = 0
  #shedInAll = 0
  /** ACKs of refusals may come until then; 0 = nothing was refused yet, or long ago. */
  #shedUntilMs = 0
  /** What is handled now is to be refused, if it is a new request. */
  #isRefusing = false
  #asked = 0
  #refused = 0
  #windowEndMs = 0

  constructor(parts: OverloadParts) {
    this.#parts = parts
    this.#shed = parts.metrics.metrics.series('overloadShed')
    this.#level = parts.metrics.metrics.series('overloadShare')
  }

  /** Something has come. True: it waits, or nothing is to be done about it. */
  defers(bytes: Buffer, flow: Flow): boolean {
    const first = bytes[0] as number
    if (first === firstOfAck) return this.#shedUntilMs > 0 && this.#dropsAck(bytes, flow)
    const method = waitingMethods.get((first << 8) | (bytes[2] as number))
    if (method === undefined) return false
    if (first !== firstOfCancel) this.#asked += 1
    const { later, clock } = this.#parts
    if (later === undefined || (this.#waiting.count === 0 && !this.#parts.isQueueLong())) return false
    const source = this.#sourceOf(flow)
    const before = this.#waiting.countOf(source)
    const isFull = this.#isFull(before)
    if (first === firstOfCancel ? before === 0 || isFull : this.#mayBeEmergency(bytes)) return false
    const request = { bytes: flow.listener.protocol === 'udp' ? bytes : keptCopy(bytes), flow, sinceMs: clock.nowMs() }
    if (isFull) this.#refuse(request, request.sinceMs)
    else {
      this.#waiting.add(source, request)
      if (!this.#isServing) {
        this.#isServing = true
        later(this.#serve)
      }
    }
    return true
  }

  /** Each source may have its part of the room; the rest of it is for those who come while it is taken. */
  #isFull(ofSource: number): boolean {
    const most = bound('waitingRequestsMax')
    return this.#waiting.count >= 2 * most || ofSource * Math.max(1, this.#waiting.sources) >= most
  }

  #dropsAck(bytes: Buffer, flow: Flow): boolean {
    if (this.#parts.clock.nowMs() > this.#shedUntilMs || this.#early?.isOwnAck(bytes) !== true) return false
    this.#parts.metrics.onUnread('ACK', flow.listener.protocol)
    return true
  }

  #sourceOf({ address }: Flow): string {
    return this.#parts.isStranger(address) ? others : address
  }

  #mayBeEmergency(bytes: Buffer): boolean {
    const { emergencyNumbers } = this.#parts.directory().system
    return emergencyNumbers.length > 0 && mayBeEmergency(requestLineOf(bytes), emergencyNumbers)
  }

  readonly #serve = (): void => {
    const { clock, handle, later } = this.#parts
    if (this.#parts.isQueueLong() && this.#skipped < skippedMax) {
      this.#skipped += 1
      later?.(this.#serve)
      return
    }
    this.#skipped = 0
    const endMs = clock.nowMs() + turnMs
    let refused = 0
    for (;;) {
      const next = this.#waiting.peek()
      if (next === undefined) break
      const nowMs = clock.nowMs()
      const isShed = this.#isTooLate(nowMs - next.sinceMs, nowMs) && next.bytes[0] !== firstOfCancel
      refused = isShed ? refused + 1 : 0
      this.#waiting.take(refused % refusedAtOnce === 0)
      if (isShed) this.#refuse(next, nowMs)
      else handle(next.bytes, next.flow)
      if (clock.nowMs() >= endMs) break
    }
    if (this.#waiting.count > 0) later?.(this.#serve)
    else {
      this.#isServing = false
      this.#lateSinceMs = 0
    }
  }

  /** A burst that is soon worked off is no overload. */
  #isTooLate(waitedMs: number, nowMs: number): boolean {
    if (waitedMs <= bound('waitingRequestMs')) {
      this.#lateSinceMs = 0
      return false
    }
    if (this.#isOverload) return true
    if (this.#lateSinceMs === 0) this.#lateSinceMs = nowMs
    return nowMs - this.#lateSinceMs >= bound('overloadAfterMs')
  }

  #refuse(request: WaitingRequest, nowMs: number): void {
    const { bytes, flow } = request
    const { system } = this.#parts.directory()
    const method = waitingMethods.get(((bytes[0] as number) << 8) | (bytes[2] as number)) ?? ''
    const about = { method, emergencyNumbers: system.emergencyNumbers, retryAfterSeconds: this.#retryAfterSeconds() }
    this.#early ??= new EarlyRefusal(this.#parts.transactions, this.#parts.random)
    const answer = this.#early.answer(bytes, flow, about)
    if (answer === undefined) {
      // What belongs to a dialog or a transaction, or is not written plainly.
      this.#isRefusing = true
      this.#parts.handle(bytes, flow)
      this.#isRefusing = false
      return
    }
    this.#noteShed(nowMs)
    this.#parts.metrics.onUnread(method, flow.listener.protocol)
    this.#parts.transport.reply(answer.bytes, flow, answer.port)
  }

  /** True: this new request was refused, and nothing more is to be done about it. */
  sheds(request: SipMessage, flow: Flow, stateless: StatelessAnswers): boolean {
    if (!this.#isRefusing || this.#isEmergency(request)) return false
    this.#noteShed(this.#parts.clock.nowMs())
    stateless.send(request, flow, { status: 503, headers: [['Retry-After', String(this.#retryAfterSeconds())]] })
    return true
  }

  #noteShed(nowMs: number): void {
    if (!this.#isOverload) this.#parts.log.warn('overload: new requests get 503')
    this.#isOverload = true
    this.#lastShedMs = nowMs
    this.#refused += 1
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
    if (nowMs >= this.#windowEndMs) {
      this.#windowEndMs = nowMs + windowMs
      this.#parts.metrics.metrics.set(this.#level, this.#asked === 0 ? 0 : Math.min(1, this.#refused / this.#asked))
      this.#asked = this.#refused = 0
    }
    if (nowMs > this.#shedUntilMs) this.#shedUntilMs = 0
    if (!this.#isOverload || nowMs - this.#lastShedMs < calmMs) return
    this.#isOverload = false
    this.#parts.log.info('overload is over', { refused: this.#shedInAll })
    this.#shedInAll = 0
  }
}
