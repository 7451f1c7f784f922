// One INVITE to one gateway: its own Call-ID, From tag and transaction (new for each attempt), its time-outs, its CANCEL.
// It tells the hunt how it ended; it never decides what happens next.
import type { Timer, TimerOwner } from '../base/timers.ts'
import type { DirectoryAccount, DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import { applyRewrites } from '../policy/rewrite.ts'
import type { Permit } from '../policy/verdict.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction } from '../transaction/transactions.ts'
import { acknowledgeAgain } from './acknowledge.ts'
import { refuseSuccess, sendCancel } from './attempt-requests.ts'
import { deniedCodecs } from './body.ts'
import type { DeniedCodecs } from './body.ts'
import type { Call } from './call.ts'
import { dialogOf, highestCseq } from './leg.ts'
import type { Leg } from './leg.ts'
import { entryOf } from './packed-attempt.ts'
import type { AttemptFacts, AttemptMeans } from './packed-attempt.ts'
import { openAttempt } from './open-attempt.ts'
import { noteSuccess } from './outcome.ts'
import { crossAnswer } from './media-crossing.ts'
import type { MediaFault } from './media-session.ts'
import type { PeerCheck } from './peer-check.ts'
import { acceptsFrom } from './peer-check.ts'
import { SecondTry } from './second-try.ts'
import type { Way } from './way.ts'

export type AttemptState = 'calling' | 'proceeding' | 'ringing' | 'answered' | 'failed' | 'givenUp'

/** Why an attempt ended without an answer. */
export type AttemptFailure =
  | { readonly kind: 'status'; readonly status: number; readonly response: SipMessage }
  | { readonly kind: 'firstReplyTimeout' | 'progressTimeout' | 'ringTimeout' }
  | { readonly kind: 'transport'; readonly detail: string }

const firstReply = 1
const progress = 2
const ring = 3

export class Attempt implements TimerOwner, PeerCheck {
  readonly call: Call
  readonly gateway: GatewayTarget
  readonly endpoint: DirectoryEndpoint
  readonly account: DirectoryAccount
  #permit: Permit | undefined
  readonly way: Way
  readonly denied: DeniedCodecs
  /** The number as this gateway gets it. */
  readonly destination: string
  readonly startedAt: number
  state: AttemptState = 'calling'
  leg: Leg
  /** Undefined: it is long over. */
  transaction: ClientTransaction | undefined
  firstReplyAt: number | null = null
  ringingAt: number | null = null
  endedAt: number | null = null
  status: number | null = null
  reason = ''
  /** An 18x of this attempt went to the caller. */
  progressPassed = false
  /** This attempt went over TCP because its INVITE was large. */
  viaTcpForSize = false
  #firstReplyTimer: Timer | undefined
  #progressTimer: Timer | undefined
  #ringTimer: Timer | undefined
  #cancelSent = false
  /** Something came in answer to the INVITE that is under way now. */
  #heard = false
  /** Its final response is here, perhaps still with the media relay: nothing to cancel any more (9.1). */
  #isFinal = false
  readonly #secondTry = new SecondTry(this)
  #refusedTags: string[] | undefined
  #holdsRoom = true
  /** The INVITE transaction can bring nothing more. */
  done = false

  /** Sends its INVITE. With `kept` it is one that did so long ago. */
  constructor(call: Call, means: AttemptMeans, kept?: { readonly leg: Leg; readonly facts: AttemptFacts }) {
    const { gateway, permit, way } = means
    this.call = call
    this.gateway = gateway
    this.#permit = permit
    this.way = way
    const { endpoint, account } = entryOf(call, gateway)
    this.endpoint = endpoint
    this.account = account
    this.denied = deniedCodecs(call.caller, endpoint, account)
    this.destination = applyRewrites(endpoint.rewrites, 'destination', call.destination)
    if (kept !== undefined) {
      this.leg = kept.leg
      this.startedAt = kept.facts.startedAt
      this.#resume(kept.facts)
      return
    }
    this.startedAt = call.context.clock.wallMs()
    call.context.evidence.onAttempt(gateway.key)
    const opened = openAttempt(this, way, true)
    this.leg = opened.leg
    this.transaction = opened.transaction
    call.context.metrics.onGatewayTaken(account.name)
    this.#startTimers()
  }

  #resume({ state, firstReplyAt, ringingAt, endedAt, status, reason, ...facts }: AttemptFacts): void {
    this.state = state
    this.firstReplyAt = firstReplyAt
    this.ringingAt = ringingAt
    this.endedAt = endedAt
    this.status = status
    this.reason = reason
    this.progressPassed = facts.progressPassed
    this.viaTcpForSize = facts.viaTcpForSize
    this.done = facts.done
    this.#holdsRoom = facts.holdsRoom
  }

  /** Of one that holds room. */
  get permit(): Permit | undefined {
    return this.#permit
  }

  /** Milliseconds of this attempt's time-outs: the gateway's overrides, else the account's. */
  timeoutMs(name: 'firstReplyMs' | 'progressMs' | 'ringMs'): number {
    return this.endpoint.timeouts[name] ?? this.account.timeouts[name]
  }

  #startTimers(): void {
    const { clock, timers } = this.call.context
    const nowMs = clock.nowMs()
    this.#startFirstReplyTimer()
    this.#progressTimer = timers.start(nowMs, this.timeoutMs('progressMs'), this, progress)
  }

  #startFirstReplyTimer(): void {
    const { clock, timers } = this.call.context
    this.#firstReplyTimer = timers.start(clock.nowMs(), this.timeoutMs('firstReplyMs'), this, firstReply)
  }

  #stopTimers(): void {
    const { timers } = this.call.context
    timers.stop(this.#firstReplyTimer)
    timers.stop(this.#progressTimer)
    timers.stop(this.#ringTimer)
    this.#firstReplyTimer = this.#progressTimer = this.#ringTimer = undefined
  }

  /** Names of the timers that run. */
  get timers(): string[] {
    const running = { firstReply: this.#firstReplyTimer, progress: this.#progressTimer, ring: this.#ringTimer }
    return Object.entries(running).flatMap(([name, timer]) => (timer === undefined ? [] : [name]))
  }

  get #isOpen(): boolean {
    return !this.over && this.state !== 'answered'
  }

  get over(): boolean {
    return this.state === 'failed' || this.state === 'givenUp'
  }

  acceptsResponse(response: SipMessage, address: string): boolean {
    const { leg } = this
    return response.callId === leg.callId && response.fromTag === leg.localTag && acceptsFrom(leg, address)
  }

  /** Gives the gateway's room back; harmless when repeated. */
  releaseRoom(): void {
    if (!this.#holdsRoom) return
    this.#holdsRoom = false
    this.#permit?.release()
    this.#permit = undefined
    this.way.media?.close()
    this.call.context.metrics.onGatewayReturned(this.account.name)
  }

  get holdsRoom(): boolean {
    return this.#holdsRoom
  }

  onResponse(_transaction: ClientTransaction, arrived: SipMessage): void {
    this.takeResponse(arrived)
  }

  /** Also of one that was held back. */
  takeResponse(arrived: SipMessage): void {
    this.#noteFirstReply()
    if (arrived.status >= 200) this.#isFinal = true
    crossAnswer(this, arrived)
  }

  /** A 2xx whose media cannot be relayed (`fault`) is no answer: it gets its ACK and BYE, and the hunt goes on. */
  onCrossed(response: SipMessage, fault?: MediaFault): void {
    if (fault !== undefined && response.status >= 200 && response.status < 300 && this.#isOpen)
      this.#giveUpAndFail({ kind: 'transport', detail: fault.detail }, fault.detail)
    if (response.status < 200) this.#onProvisional(response)
    else if (response.status < 300) this.#onSuccess(response)
    else if (!this.#tryAgain(response)) this.#onFinalFailure(response)
  }

  /** Same gateway, same attempt: the INVITE goes once more, and is waited for, cancelled and given up as the first was. */
  #tryAgain(response: SipMessage): boolean {
    if (this.over || this.ringingAt !== null) return false
    const next = this.#secondTry.open(response)
    if (next === undefined) return false
    this.transaction = next
    this.state = 'calling'
    this.#heard = this.#isFinal = false
    this.#startFirstReplyTimer()
    return true
  }

  /** Another outbound proxy is left: what happened on this one says nothing of the gateway yet. */
  get hasOtherWay(): boolean {
    return this.way.proxies.length > 1
  }

  #noteSilence(): void {
    const { evidence } = this.call.context
    if (!this.hasOtherWay) evidence.onFirstReplyTimeout(this.gateway.key, this.timeoutMs('firstReplyMs'))
  }

  #noteFirstReply(): void {
    this.#heard = true
    if (this.firstReplyAt === null) {
      this.firstReplyAt = this.call.context.clock.wallMs()
      this.call.context.evidence.onReply(this.gateway.key)
    }
    this.call.context.timers.stop(this.#firstReplyTimer)
    this.#firstReplyTimer = undefined
  }

  #onProvisional(response: SipMessage): void {
    if (this.over) return this.#cancelOnce()
    if (this.state === 'answered') return
    if (this.state === 'calling') this.state = 'proceeding'
    if (response.status === 100) return
    const dialog = dialogOf(this.leg, response)
    const { clock, timers } = this.call.context
    if (this.state === 'proceeding') {
      this.state = 'ringing'
      this.ringingAt = clock.wallMs()
      timers.stop(this.#progressTimer)
      this.#progressTimer = undefined
      this.#ringTimer = timers.start(clock.nowMs(), this.timeoutMs('ringMs'), this, ring)
    }
    noteSuccess(this, response.status)
    this.call.onProgress(this, dialog, response)
  }

  #onSuccess(response: SipMessage): void {
    const tag = response.toTag ?? ''
    if (this.state === 'answered') {
      if (tag === this.leg.remoteTag) acknowledgeAgain(this.leg, response.cseq.number)
      else this.#refuseSuccess(response)
      return
    }
    if (this.over) return this.#refuseSuccess(response)
    if (this.call.parts.reliable.holds(this, response)) return
    const dialog = dialogOf(this.leg, response)
    if (dialog.gone) return this.#refuseSuccess(response)
    this.state = 'answered'
    this.status = response.status
    this.reason = 'answered'
    this.#stopTimers()
    this.leg.settle(dialog, response)
    noteSuccess(this, response.status)
    this.call.onAnswered(this, response)
  }

  /** A 2xx that nobody wants any more, or a second one from a fork: ACK, then BYE; never connected. */
  #refuseSuccess(response: SipMessage): void {
    const tag = response.toTag ?? ''
    const first = this.#refusedTags?.includes(tag) !== true
    if (first) this.#refusedTags = [...(this.#refusedTags ?? []), tag]
    if (this.over && this.status === null) this.status = response.status
    refuseSuccess(this, response, first)
  }

  /** The dialog of an unwanted 2xx is gone. */
  onRefusedGone(): void {
    if (this.over) this.releaseRoom()
  }

  #onFinalFailure(response: SipMessage): void {
    this.done = true
    if (this.status === null) this.status = response.status
    const retryAfter = response.status === 503 ? Number.parseInt(response.value(headerIds.retryAfter) ?? '', 10) : 0
    if (retryAfter > 0) this.call.context.evidence.onRetryAfter(this.gateway.key, retryAfter)
    if (this.over) {
      this.releaseRoom()
      this.call.finishIfDone()
      return
    }
    const { unanswered } = this.#secondTry
    const why = unanswered === '' ? '' : `: ${unanswered}`
    this.#fail({ kind: 'status', status: response.status, response }, `${response.status} from the gateway${why}`)
  }

  onClientFailure(transaction: ClientTransaction, why: 'timeout' | 'transport', detail: string): void {
    if (transaction !== this.transaction) return
    if (why === 'transport' && this.viaTcpForSize && !this.over) {
      this.call.context.calls.removeLeg(this.leg)
      const opened = openAttempt(this, this.way, false)
      this.leg = opened.leg
      this.transaction = opened.transaction
      return
    }
    this.done = transaction.state === 'terminated'
    if (this.over) {
      this.releaseRoom()
      this.call.finishIfDone()
    } else if (why === 'transport') {
      if (!this.hasOtherWay) this.call.context.evidence.onTransportError(this.gateway.key, detail)
      if (this.done) this.#fail({ kind: 'transport', detail }, detail)
      else this.#giveUpAndFail({ kind: 'transport', detail }, detail)
    } else {
      this.#noteSilence()
      this.#fail({ kind: 'firstReplyTimeout' }, 'no reply')
    }
  }

  onClientTerminated(transaction: ClientTransaction): void {
    if (transaction !== this.transaction) return
    this.done = true
    if (this.over) this.releaseRoom()
    this.call.finishIfDone()
  }

  onTimer(kind: number): void {
    if (kind === firstReply) {
      this.#firstReplyTimer = undefined
      this.#noteSilence()
      this.#giveUpAndFail({ kind: 'firstReplyTimeout' }, `no reply within ${this.timeoutMs('firstReplyMs')} ms`)
    } else if (kind === progress) {
      this.#progressTimer = undefined
      this.#giveUpAndFail({ kind: 'progressTimeout' }, `no progress within ${this.timeoutMs('progressMs')} ms`)
    } else {
      this.#ringTimer = undefined
      this.#giveUpAndFail({ kind: 'ringTimeout' }, `not answered within ${this.timeoutMs('ringMs')} ms`)
    }
  }

  #fail(failure: AttemptFailure, reason: string): void {
    this.#stopTimers()
    this.state = 'failed'
    this.reason = reason
    this.endedAt = this.call.context.clock.wallMs()
    this.call.context.calls.removeLeg(this.leg)
    this.leg.gone = true
    this.releaseRoom()
    this.call.onAttemptFailed(this, failure)
  }

  #giveUpAndFail(failure: AttemptFailure, reason: string): void {
    this.giveUp(reason)
    this.call.onAttemptFailed(this, failure)
  }

  /** Stops this attempt for good: CANCEL once a 1xx came, ACK and BYE on a late 2xx. The caller goes on without it. */
  giveUp(reason: string): void {
    if (!this.#isOpen) return
    this.#stopTimers()
    const replied = this.#heard
    this.state = 'givenUp'
    this.reason = reason
    this.endedAt = this.call.context.clock.wallMs()
    this.leg.localCseq = highestCseq(this.leg)
    this.leg.forks = undefined
    this.leg.gone = true
    if (replied) this.#cancelOnce()
    else this.releaseRoom()
    // A gateway that never sends its final response is forgotten 64*T1 after the CANCEL (9.1).
    this.transaction?.abandon()
  }

  #cancelOnce(): void {
    if (this.#cancelSent || this.done || this.#isFinal) return
    this.#cancelSent = true
    sendCancel(this)
  }

  /** The dialog with this gateway is over: nothing of it may hold anything any more. */
  close(reason: string): void {
    this.#stopTimers()
    if (this.endedAt === null) this.endedAt = this.call.context.clock.wallMs()
    if (this.reason === '') this.reason = reason
  }
}
