// Reliable provisional responses on the caller's leg (RFC 3262). A gateway's reliable 18x goes on reliably with an RSeq of
// ours, and the caller's PRACK goes on to that gateway; a caller that requires 100rel gets them from us by ourselves.
import { randomBelow } from '../base/random.ts'
import type { Timer, TimerOwner } from '../base/timers.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { t1Ms } from '../transaction/timers.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import { serverTransactionOf } from './call-parts.ts'
import type { ArrivedRequest } from './in-dialog.ts'
import { composeAnswer } from './compose.ts'
import type { Leg } from './leg.ts'
import { acknowledgeProgress } from './prack.ts'
import { Relay } from './relay.ts'

/** One 18x of ours that waits for its PRACK, or for its turn. */
interface Progress {
  readonly rseq: number
  readonly status: number
  readonly bytes: Buffer
  readonly hasBody: boolean
  /** Where the PRACK goes on to; undefined = we answer it. */
  readonly origin: { readonly dialog: Leg; readonly rack: string } | undefined
}

const waitingMax = 16
const again = 1
const deadline = 2

const names = (message: SipMessage, id: number): boolean =>
  message.values(id).some((option) => option.toLowerCase() === '100rel')

/** The caller understands reliable provisional responses; only then they are offered to gateways. */
export const takesReliable = (request: SipMessage): boolean =>
  names(request, headerIds.supported) || names(request, headerIds.require)

/** RSeq of a reliable 18x; undefined for an ordinary one. */
function rseqOf(response: SipMessage): number | undefined {
  const text = response.value(headerIds.rseq)?.trim() ?? ''
  return names(response, headerIds.require) && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}

export class ReliableProgress implements TimerOwner {
  readonly #call: Call
  readonly #waiting: Progress[] = []
  #rseq: number
  #intervalMs = t1Ms
  #again: Timer | undefined
  #deadline: Timer | undefined
  #held: { readonly attempt: Attempt; readonly response: SipMessage } | undefined

  /** @param rseq of the first; drawn if absent. */
  constructor(call: Call, rseq = 1 + randomBelow(call.context.random, 2 ** 30)) {
    this.#call = call
    this.#rseq = rseq
  }

  get call(): Call {
    return this.#call
  }

  /** For printing: what waits for its PRACK or its turn, and whether a 2xx waits behind it. */
  get pending(): { readonly waiting: readonly { rseq: number; status: number }[]; readonly holdsAnswer: boolean } {
    const waiting = this.#waiting.map(({ rseq, status }) => ({ rseq, status }))
    return { waiting, holdsAnswer: this.#held !== undefined }
  }

  /** Nothing waits. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#held === undefined
  }

  /** False for a repeated or overtaken reliable 18x, which goes nowhere (section 4). */
  isNews(dialog: Leg, response: SipMessage): boolean {
    const rseq = rseqOf(response)
    if (rseq === undefined) return true
    if (dialog.lastRseq !== undefined && rseq !== dialog.lastRseq + 1) return false
    dialog.lastRseq = rseq
    if (!takesReliable(this.#call.request)) acknowledgeProgress(dialog, rseq, response.cseq.number)
    return true
  }

  /** True when this 18x has to go to the caller reliably. */
  needs(response: SipMessage): boolean {
    if (rseqOf(response) !== undefined) return takesReliable(this.#call.request)
    return names(this.#call.request, headerIds.require)
  }

  /** Fields of the next reliable answer; `send` it right after. */
  fields(): readonly (readonly [string, string])[] {
    return [
      ['Require', '100rel'],
      ['RSeq', String(this.#rseq)],
    ]
  }

  /** Sends an 18x that carries `fields()`, or lets it wait for the PRACK of the one before (section 3). */
  send(dialog: Leg, response: SipMessage, answer: { status: number; bytes: Buffer }): void {
    if (this.#waiting.length >= waitingMax) return
    const gatewayRseq = rseqOf(response)
    const rack = `${gatewayRseq} ${response.cseq.number} INVITE`
    this.#waiting.push({
      ...answer,
      rseq: this.#rseq,
      hasBody: response.body.length > 0,
      origin: gatewayRseq === undefined ? undefined : { dialog, rack },
    })
    this.#rseq += 1
    if (this.#waiting.length === 1) this.#start()
  }

  #start(): void {
    const first = this.#waiting[0]
    if (first === undefined) return
    const { clock, timers } = this.#call.context
    this.#intervalMs = t1Ms
    this.#again = timers.start(clock.nowMs(), t1Ms, this, again)
    this.#deadline = timers.start(clock.nowMs(), 64 * t1Ms, this, deadline)
    serverTransactionOf(this.#call).respond(first.status, first.bytes)
  }

  onTimer(kind: number, nowMs: number): void {
    const first = this.#waiting[0]
    if (first === undefined) return
    if (kind === deadline) {
      this.stop()
      const detail = 'the caller sent no PRACK within 32 s'
      this.#call.failToCaller(500, 'Server Internal Error', {
        outcome: 'failed',
        reason: 'timeout',
        by: 'edge',
        detail,
      })
      return
    }
    this.#intervalMs *= 2
    this.#again = this.#call.context.timers.start(nowMs, this.#intervalMs, this, again)
    serverTransactionOf(this.#call).respond(first.status, first.bytes)
  }

  /** A PRACK of the caller: relayed to the gateway whose 18x it acknowledges, or answered here. */
  onPrack(arrived: ArrivedRequest): void {
    const { request, flow, transaction } = arrived
    const first = this.#waiting[0]
    const rack = request.value(headerIds.rack)?.trim().replaceAll(/\s+/g, ' ')
    const answer = (status: number, reasonPhrase: string): void =>
      transaction.respond(status, composeAnswer({ request, flow, status, reasonPhrase, toTag: undefined }))
    if (first === undefined || rack !== `${first.rseq} ${this.#call.request.cseq.number} INVITE`)
      return answer(481, 'Call/Transaction Does Not Exist')
    this.stop()
    this.#waiting.shift()
    if (first.origin?.dialog.reachable === true)
      void new Relay(this.#call.inboundLeg, first.origin.dialog, arrived, [['RAck', first.origin.rack]])
    else answer(200, 'OK')
    this.#start()
    this.#releaseHeld()
  }

  /** Keeps a 2xx back while a description of ours has no PRACK yet (section 3); true = it comes again later. */
  holds(attempt: Attempt, response: SipMessage): boolean {
    if (!this.#waiting.some((one) => one.hasBody)) return false
    this.#held = { attempt, response }
    return true
  }

  #releaseHeld(): void {
    const held = this.#held
    if (held === undefined || this.#waiting.some((one) => one.hasBody)) return
    this.#held = undefined
    held.attempt.takeResponse(held.response)
  }

  /** Nothing is sent again. */
  stop(): void {
    const { timers } = this.#call.context
    timers.stop(this.#again)
    timers.stop(this.#deadline)
    this.#again = undefined
    this.#deadline = undefined
  }
}
