// A 2xx of ours to an INVITE, sent again from T1 doubling to T2 until its ACK comes (RFC 3261 13.3.1.4), on any transport.
import type { Timer, TimerOwner } from '../base/timers.ts'
import type { SipMessage } from '../sip/message.ts'
import { t1Ms, t2Ms } from '../transaction/timers.ts'
import type { ServerTransaction } from '../transaction/transactions.ts'
import type { Call } from './call.ts'
import type { Leg } from './leg.ts'

const again = 1
const deadline = 2

export interface AnswerOwner {
  onAcknowledged(ack: SipMessage): void
  /** No ACK within 64 * T1. */
  onUnacknowledged(): void
}

export class Answer implements TimerOwner {
  readonly leg: Leg
  readonly cseq: number
  readonly #transaction: ServerTransaction
  readonly #status: number
  /** Undefined once nothing has to be repeated. */
  #bytes: Buffer | undefined
  readonly #owner: AnswerOwner
  #intervalMs = t1Ms
  #again: Timer | undefined
  #deadline: Timer | undefined

  constructor(
    leg: Leg,
    transaction: ServerTransaction,
    answer: { request: SipMessage; status: number; bytes: Buffer },
    owner: AnswerOwner,
  ) {
    this.leg = leg
    this.cseq = answer.request.cseq.number
    this.#transaction = transaction
    this.#status = answer.status
    this.#bytes = answer.bytes
    this.#owner = owner
    const { clock, timers } = leg.call.context
    const nowMs = clock.nowMs()
    leg.answer = this
    transaction.respond(answer.status, answer.bytes)
    this.#again = timers.start(nowMs, t1Ms, this, again)
    this.#deadline = timers.start(nowMs, 64 * t1Ms, this, deadline)
  }

  /** An ACK with this CSeq number came; later ones are retransmissions. */
  acknowledge(ack: SipMessage): void {
    if (ack.cseq.number !== this.cseq || this.#deadline === undefined) return
    this.stop()
    this.#owner.onAcknowledged(ack)
  }

  get call(): Call {
    return this.leg.call
  }

  get waiting(): boolean {
    return this.#deadline !== undefined
  }

  stop(): void {
    const { timers } = this.leg.call.context
    timers.stop(this.#again)
    timers.stop(this.#deadline)
    this.#again = undefined
    this.#deadline = undefined
    this.#bytes = undefined
  }

  onTimer(kind: number, nowMs: number): void {
    if (kind === deadline) {
      this.stop()
      this.#owner.onUnacknowledged()
      return
    }
    if (this.#bytes === undefined) return
    this.#intervalMs = Math.min(this.#intervalMs * 2, t2Ms)
    this.#again = this.leg.call.context.timers.start(nowMs, this.#intervalMs, this, again)
    this.#transaction.respond(this.#status, this.#bytes)
  }
}
