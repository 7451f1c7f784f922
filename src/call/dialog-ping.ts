// In-dialog OPTIONS on legs whose entry asks for it (product: sessions): any reply but 408 and 481 is life, and silence
// counts only from a peer that answered one before.
import { bound } from '../base/limits.ts'
import type { Timer, TimerOwner } from '../base/timers.ts'
import { peerKey } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction, ClientTransactionUser } from '../transaction/transactions.ts'
import type { Call } from './call.ts'
import { composeDialogRequest, newBranch } from './compose.ts'
import { answerInDialog, authorise } from './credentials.ts'
import type { Leg } from './leg.ts'
import { acceptsAnswer } from './peer-check.ts'
import type { PeerCheck } from './peer-check.ts'

export class DialogPing implements TimerOwner, ClientTransactionUser, PeerCheck {
  readonly #leg: Leg
  #timer: Timer | undefined
  #round = { answers: 0 }
  #answers = false
  #misses = 0

  constructor(leg: Leg) {
    this.#leg = leg
    this.#wait()
  }

  get call(): Call {
    return this.#leg.call
  }

  /** For printing: unanswered pings in a row; null while the peer has never answered one. */
  get misses(): number | null {
    return this.#answers ? this.#misses : null
  }

  acceptsResponse(response: SipMessage, address: string): boolean {
    const { dialogTag: local, remoteTag: remote } = this.#leg
    return acceptsAnswer(this.#leg, { local, remote }, response, address)
  }

  #wait(): void {
    const { clock, timers } = this.call.context
    timers.stop(this.#timer)
    this.#timer = timers.start(clock.nowMs(), bound('dialogPingSeconds') * 1_000, this, 0)
  }

  stop(): void {
    this.call.context.timers.stop(this.#timer)
    this.#timer = undefined
  }

  onTimer(): void {
    this.#timer = undefined
    if (this.call.ended || this.#leg.gone) return
    const leg = this.#leg
    const { context } = this.call
    this.#round = { answers: 0 }
    leg.localCseq += 1
    const branch = newBranch(context.random)
    const target = leg.target()
    const bytes = composeDialogRequest(leg, { method: 'OPTIONS', cseq: leg.localCseq, branch })
    context.transactions.openClient({
      request: authorise(leg, 'OPTIONS', bytes),
      method: 'OPTIONS',
      branch,
      reliable: target.protocol !== 'udp',
      peer: peerKey(target),
      send: (datagram) => context.transport.send(datagram, target),
      user: this,
    })
  }

  onResponse(transaction: ClientTransaction, response: SipMessage): void {
    if (response.status < 200 || this.call.ended) return
    if (answerInDialog(this.#leg, transaction, response, this.#round) !== undefined) return
    if (response.status === 408 || response.status === 481)
      return this.#lost(`${response.status} to an OPTIONS of ours`)
    this.#answers = true
    this.#misses = 0
    this.#wait()
  }

  onClientFailure(): void {
    if (this.call.ended) return
    if (this.#answers) this.#misses += 1
    if (this.#misses >= bound('dialogPingMisses')) this.#lost(`no answer to ${this.#misses} OPTIONS of ours`)
    else this.#wait()
  }

  onClientTerminated(): void {
    // What it brought was said before.
  }

  #lost(detail: string): void {
    const side = this.#leg.side === 'inbound' ? 'caller' : 'gateway'
    this.call.end({ outcome: 'answered', reason: 'ping lost', by: 'edge', detail: `${side}: ${detail}` })
  }
}
