// One call: two legs, its attempts, its permits, its timers, its record. Every path to the end goes through `end`.
import { assert } from '../base/assert.ts'
import { isRunning, type Timer, type TimerOwner } from '../base/timers.ts'
import type { Directory } from '../directory/directory.ts'
import type { Explanation } from '../policy/explanation.ts'
import { findReplyRule } from '../policy/reply-rules.ts'
import type { Caller } from '../policy/verdict.ts'
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ServerTransaction, ServerTransactionUser } from '../transaction/transactions.ts'
import { acknowledge, acknowledgeOwed, hasOffer } from './acknowledge.ts'
import { Answer, type AnswerOwner } from './answer.ts'
import type { Attempt, AttemptFailure } from './attempt.ts'
import { sendBye } from './bye.ts'
import { allowTo, composeAnswer, replacedPhrase } from './compose.ts'
import type { CancelOwner } from './cancel-owner.ts'
import type { CallContext } from './context.ts'
import { startWatching, stopWatching } from './watch.ts'
import { type CallParts, newSetUp, serverTransactionOf } from './call-parts.ts'
import { callerLeg } from './caller-leg.ts'
import { forget } from './forget.ts'
import type { Leg } from './leg.ts'
import { KeptInvite } from './kept-invite.ts'
import { makeRecord } from './make-record.ts'
import { acceptsFrom } from './peer-check.ts'
import type { CallOutcome, ReleaseReason } from './record.ts'
import type { Relay } from './relay.ts'
import { ReliableProgress } from './reliable.ts'
import { isDurationOver, wake, watchDuration } from './rest.ts'
import { type RestingCall, cseqSum, legsOf } from './resting-call.ts'
import { ShownDialogs } from './shown-dialogs.ts'

export type CallState = 'hunting' | 'answered' | 'confirmed' | 'ended'

/** How a call ended, for the record. */
export interface Release {
  readonly outcome: CallOutcome
  readonly reason: ReleaseReason
  readonly by: 'caller' | 'gateway' | 'edge'
  readonly detail: string
}

const noRelays: readonly Relay[] = []
const huntTimer = 1
export const durationTimer = 2

export class Call implements TimerOwner, ServerTransactionUser, AnswerOwner, CancelOwner {
  readonly id: string
  readonly context: CallContext
  readonly directory: Directory
  flow: Flow
  readonly caller: Caller
  readonly startedAt: number
  /** One of the two is there. */
  awake: CallParts | undefined
  resting: RestingCall | undefined
  /** For the end of the longest time, and to look whether it is quiet (rest.ts). */
  durationTimer: Timer | undefined
  /** `cseqSum` when it was quiet at the last look; -1 = it was not. */
  quietSum = -1
  forgotten = false
  state: CallState = 'hunting'
  /** Destination and CLI after the caller's rewrites. */
  readonly dialled: string
  destination: string
  cli: string
  /** Of the call table, while the INVITE has no final response. */
  inviteKey: string | undefined
  answeredAt: number | null = null
  talkSinceMs: number | null = null
  endedAt: number | null = null
  /** What the caller got as final answer. */
  status = 0
  reasonPhrase = ''
  /** The BYE that ended the call; its Reason crosses. */
  byeSource: SipMessage | undefined
  /** Requests inside the dialog that are under way from one leg to the other. */
  relays = noRelays
  #huntTimer: Timer | undefined

  constructor(
    context: CallContext,
    options: {
      id: string
      request: SipMessage
      flow: Flow
      caller: Caller
      explanation: Explanation
      serverTransaction: ServerTransaction
      dialled: string
    },
  ) {
    this.id = options.id
    this.context = context
    this.directory = context.directory()
    this.flow = options.flow
    this.caller = options.caller
    this.startedAt = context.clock.wallMs()
    this.dialled = options.dialled
    this.destination = options.dialled
    this.cli = options.caller.cli
    const { serverTransaction, explanation } = options
    serverTransaction.user = this
    const inboundLeg = callerLeg(this, options.request, options.flow)
    this.awake = {
      inboundLeg,
      outboundLeg: undefined,
      attempts: [],
      shown: new ShownDialogs(this, inboundLeg.localTag),
      reliable: new ReliableProgress(this),
      verdict: undefined,
      hunt: undefined,
      serverTransaction,
      invite: new KeptInvite(options.request),
      explanation,
      setUp: newSetUp(),
    }
    context.calls.add(this)
    context.calls.addLeg(inboundLeg.localTag, inboundLeg)
  }

  /** Whoever asks wakes a call that rests. */
  get parts(): CallParts {
    return this.awake ?? wake(this)
  }

  get inboundLeg(): Leg {
    return this.parts.inboundLeg
  }

  get outboundLeg(): Leg | undefined {
    return this.parts.outboundLeg
  }

  get attempts(): readonly Attempt[] {
    return this.parts.attempts
  }

  get explanation(): Explanation {
    return this.parts.explanation
  }

  /** The caller's INVITE; dropped when the call rests or is forgotten. */
  get request(): SipMessage {
    const { invite } = this.parts
    assert(invite !== undefined, 'a call that rested or was forgotten is not asked for its INVITE')
    return invite.message
  }

  legUnder(tag: string): Leg | undefined {
    return legsOf(this.parts).find((leg) => leg.localTag === tag || leg.otherLocalTags.includes(tag))
  }

  /** The leg that this dialog identifier belongs to. */
  legOf(callId: string): Leg | undefined {
    return [this.inboundLeg, this.outboundLeg].find((leg) => leg?.callId === callId)
  }

  get ended(): boolean {
    return this.state === 'ended'
  }

  /** To tag of our answers to the INVITE, which the answer to its CANCEL repeats (9.2). */
  get answerTag(): string {
    return this.parts.shown.current
  }

  /** The attempt that is under way or has won. */
  get currentAttempt(): Attempt | undefined {
    return this.attempts.at(-1)
  }

  /** Names of the timers that run. */
  get timers(): string[] {
    const running = Object.entries({ hunt: this.#huntTimer, duration: this.durationTimer })
    return running.filter(([, timer]) => isRunning(timer)).map(([name]) => name)
  }

  addRelay(relay: Relay): void {
    this.relays = [...this.relays, relay]
  }

  removeRelay(relay: Relay): void {
    const left = this.relays.filter((one) => one !== relay)
    this.relays = left.length === 0 ? noRelays : left
  }

  acceptsCancelFrom(address: string): boolean {
    return acceptsFrom(this.inboundLeg, address)
  }

  /** Emergency numbers are never refused for lack of room. */
  get exempt(): boolean {
    return this.parts.verdict?.exempt === true
  }

  startHuntTimer(ms: number): void {
    this.#huntTimer = this.context.timers.start(this.context.clock.nowMs(), ms, this, huntTimer)
  }

  /** Sends an answer to the caller's INVITE. */
  answerCaller(
    status: number,
    reasonPhrase: string,
    more: { source?: SipMessage; headers?: readonly (readonly [string, string])[] } = {},
  ): void {
    serverTransactionOf(this).respond(status, this.#composeAnswer(status, reasonPhrase, more))
  }

  #composeAnswer(
    status: number,
    reasonPhrase: string,
    more: { source?: SipMessage; headers?: readonly (readonly [string, string])[] },
  ): Buffer {
    const { request, flow } = this
    const toTag = status === 100 ? undefined : this.parts.shown.current
    const allow = status < 300 && more.source !== undefined ? allowTo(this.caller.account, more.source) : undefined
    const { source, headers } = more
    return composeAnswer({ request, flow, status, reasonPhrase, toTag, allow, source, headers })
  }

  /** 101-199 of the current attempt: goes on with our tag, reply rules first. */
  onProgress(attempt: Attempt, dialog: Leg, response: SipMessage): void {
    if (this.state !== 'hunting' || attempt !== this.currentAttempt || !this.parts.reliable.isNews(dialog, response))
      return
    const nowMs = this.context.clock.wallMs()
    this.parts.setUp.firstReplyAt ??= attempt.firstReplyAt
    this.parts.setUp.ringingAt ??= nowMs
    this.context.timers.stop(this.#huntTimer)
    this.parts.shown.show(dialog, response)
    attempt.progressPassed = true
    const rule = findReplyRule(attempt.endpoint, attempt.account, response.status)
    const status = rule?.newCode ?? response.status
    const phrase = rule?.newCode === undefined ? response.reasonPhrase : replacedPhrase(status, rule.newReason)
    if (this.parts.reliable.needs(response)) {
      const bytes = this.#composeAnswer(status, phrase, { source: response, headers: this.parts.reliable.fields() })
      this.parts.reliable.send(dialog, response, { status, bytes })
    } else this.answerCaller(status, phrase, { source: response })
  }

  onAnswered(attempt: Attempt, response: SipMessage): void {
    this.context.timers.stop(this.#huntTimer)
    this.#huntTimer = undefined
    this.state = 'answered'
    this.parts.setUp.firstReplyAt ??= attempt.firstReplyAt
    this.answeredAt = this.context.clock.wallMs()
    this.talkSinceMs = this.context.clock.nowMs()
    this.parts.outboundLeg = attempt.leg
    this.status = response.status
    this.reasonPhrase = response.reasonPhrase
    if (hasOffer(this.request)) acknowledge(attempt.leg, response.cseq.number)
    else attempt.leg.owedAck = response.cseq.number
    this.parts.shown.show(attempt.leg, response)
    this.inboundLeg.confirmed = true
    this.context.calls.settleInvite(this)
    const headers = startWatching(this, attempt, response)
    const bytes = this.#composeAnswer(response.status, response.reasonPhrase, { source: response, headers })
    watchDuration(this)
    const answer = { request: this.request, status: this.status, bytes }
    void new Answer(this.inboundLeg, serverTransactionOf(this), answer, this)
  }

  /** The shorter of both accounts' limits. */
  get maxDurationMs(): number {
    const gateway = this.currentAttempt?.account.maxDurationSeconds ?? this.caller.account.maxDurationSeconds
    return Math.min(gateway, this.caller.account.maxDurationSeconds) * 1_000
  }

  onAcknowledged(ack: SipMessage): void {
    if (this.state === 'answered') this.state = 'confirmed'
    this.parts.invite?.fold()
    this.quietSum = cseqSum(this.parts)
    if (this.outboundLeg !== undefined) acknowledgeOwed(this.outboundLeg, ack)
    if (this.ended) sendBye(this.inboundLeg)
    this.finishIfDone()
  }

  onUnacknowledged(): void {
    this.end({ outcome: 'answered', reason: 'missing ACK', by: 'edge', detail: 'the caller sent no ACK within 32 s' })
    sendBye(this.inboundLeg)
    this.finishIfDone()
  }

  onAttemptFailed(attempt: Attempt, failure: AttemptFailure): void {
    if (this.state === 'hunting' && attempt === this.currentAttempt) this.parts.hunt?.onFailure(attempt, failure)
    this.finishIfDone()
  }

  /** The caller's CANCEL, or a BYE in the early dialog: 487 at once, the attempt is stopped (9.2). */
  onCancel(reason: string | undefined): void {
    if (this.state !== 'hunting') return
    this.parts.setUp.cancelReason = reason
    this.failToCaller(487, 'Request Terminated', {
      outcome: 'cancelled',
      reason: 'cancel',
      by: 'caller',
      detail: 'the caller cancelled',
    })
  }

  /** Final answer to the caller, then the end. */
  failToCaller(
    status: number,
    reasonPhrase: string,
    release: Release,
    more: { source?: SipMessage; headers?: readonly (readonly [string, string])[] } = {},
  ): void {
    if (this.state !== 'hunting') return
    this.status = status
    this.reasonPhrase = reasonPhrase
    this.answerCaller(status, reasonPhrase, more)
    this.inboundLeg.gone = true
    this.end(release)
  }

  /** 64*T1 without an ACK for our failure answer, or the caller's transport broke: nobody is there to tell. */
  onServerFailure(_transaction: ServerTransaction, why: 'timeout' | 'transport'): void {
    if (why === 'transport' && this.state === 'hunting') {
      this.status = 487
      this.inboundLeg.gone = true
      this.end({ outcome: 'cancelled', reason: 'caller lost', by: 'caller', detail: 'the caller cannot be reached' })
    }
  }

  onServerTerminated(): void {
    this.finishIfDone()
  }

  onTimer(kind: number, nowMs: number): void {
    if (kind === huntTimer) {
      this.parts.hunt?.onTimeout()
      return
    }
    if (!isDurationOver(this, nowMs)) return
    this.end({
      outcome: 'answered',
      reason: 'max duration',
      by: 'edge',
      detail: `longer than ${this.maxDurationMs / 1_000} s`,
    })
  }

  /** Ends the call for a reason of ours, whatever its state. */
  release(reason: 'operator' | 'drained', detail: string): void {
    if (this.state === 'hunting')
      this.failToCaller(503, 'Service Unavailable', { outcome: 'failed', reason, by: 'edge', detail })
    else this.end({ outcome: 'answered', reason, by: 'edge', detail })
  }

  /** The one way out: timers, attempts, permits, BYE to whoever is still there, the record. Idempotent. */
  end(release: Release, source?: SipMessage): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    this.endedAt = this.context.clock.wallMs()
    this.context.timers.stop(this.#huntTimer)
    this.context.timers.stop(this.durationTimer)
    stopWatching(this)
    this.context.calls.settleInvite(this)
    this.byeSource = source
    this.parts.hunt?.stop()
    for (const attempt of this.attempts) {
      attempt.giveUp(release.reason === 'cancel' ? 'cancelled' : release.detail)
      attempt.close(release.detail)
    }
    for (const relay of this.relays) relay.onCallEnded()
    for (const leg of [this.outboundLeg, this.inboundLeg]) if (leg !== undefined) sendBye(leg)
    const record = makeRecord(this, release)
    this.context.metrics.onEnd(record)
    this.context.onRecord(record)
    this.releaseGone()
    this.finishIfDone()
  }

  /** Gives back the room of each side whose dialog is gone. */
  releaseGone(): void {
    if (!this.ended) return
    if (this.inboundLeg.gone) this.parts.verdict?.permit.release()
    if (this.outboundLeg?.gone === true) this.currentAttempt?.releaseRoom()
  }

  /** Forgets the call when nothing can bring anything more. */
  finishIfDone(): void {
    if (!this.ended || !this.inboundLeg.gone || this.outboundLeg?.gone === false) return
    if (this.inboundLeg.answer?.waiting === true || this.outboundLeg?.answer?.waiting === true) return
    if (this.attempts.some((attempt) => !attempt.done && attempt.state !== 'answered')) return
    forget(this)
  }

  /** After a bug of ours: ends the call, or drops what it holds if ending it does not work either. */
  abort(): void {
    const release = { reason: 'internal error', by: 'edge', detail: 'a fault of Tollgate' } as const
    try {
      if (this.ended) forget(this)
      else if (this.state !== 'hunting') this.end({ outcome: 'answered', ...release })
      else this.failToCaller(500, 'Server Internal Error', { outcome: 'failed', ...release })
    } catch {
      forget(this)
    }
  }
}
