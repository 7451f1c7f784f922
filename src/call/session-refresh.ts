// Our own refresh of a session (RFC 4028 7.4): an UPDATE where the peer takes one, else a re-INVITE with the description
// that the peer had from us last, so that nothing changes.
import { randomFraction } from '../base/random.ts'
import { peerKey } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction, ClientTransactionUser } from '../transaction/transactions.ts'
import { acknowledge, acknowledgeAgain } from './acknowledge.ts'
import type { Call } from './call.ts'
import { answerInDialog, authorise } from './credentials.ts'
import { composeDialogRequest, newBranch } from './compose.ts'
import type { Leg } from './leg.ts'
import { acceptsAnswer } from './peer-check.ts'
import type { PeerCheck } from './peer-check.ts'
import { minSeOf } from './session-timer.ts'

class Refresh implements ClientTransactionUser, PeerCheck {
  readonly #leg: Leg
  readonly #method: 'INVITE' | 'UPDATE'
  readonly #round = { answers: 0 }
  #finished = false

  constructor(leg: Leg, method: 'INVITE' | 'UPDATE') {
    this.#leg = leg
    this.#method = method
  }

  get call(): Call {
    return this.#leg.call
  }

  acceptsResponse(response: SipMessage, address: string): boolean {
    const { dialogTag: local, remoteTag: remote } = this.#leg
    return acceptsAnswer(this.#leg, { local, remote }, response, address)
  }

  onResponse(transaction: ClientTransaction, response: SipMessage): void {
    const { status } = response
    if (status < 200) return
    if (!this.#finished && answerInDialog(this.#leg, transaction, response, this.#round) !== undefined) return
    if (this.#method === 'INVITE' && status < 300) {
      if (this.#finished) return acknowledgeAgain(this.#leg, response.cseq.number)
      acknowledge(this.#leg, response.cseq.number)
    }
    if (!this.#finish() || this.call.ended) return
    const { session } = this.#leg
    if (status < 300) {
      this.#leg.refreshTarget(response)
      session.learn(response)
    } else if (status === 408 || status === 481) session.expire(`${status} to our refresh`)
    else if (status === 422) {
      session.minSeSeconds = minSeOf(response)
      session.seconds = Math.max(session.seconds, session.minSeSeconds)
      refreshSession(this.#leg)
    } else if (status === 491) session.retryIn(this.#glareMs())
    else if (this.#method === 'UPDATE') {
      this.#leg.takesUpdate = false
      refreshSession(this.#leg)
    } else session.retryIn(session.seconds * 125)
  }

  /** RFC 3261 14.1: the side that made the Call-ID waits 2.1 to 4 s, the other up to 2 s. */
  #glareMs(): number {
    const chance = randomFraction(this.call.context.random)
    return this.#leg.side === 'outbound' ? 2_100 + chance * 1_900 : chance * 2_000
  }

  onClientFailure(): void {
    if (this.#finish() && !this.call.ended) this.#leg.session.expire('no answer to our refresh')
  }

  onClientTerminated(): void {
    this.#finish()
  }

  #finish(): boolean {
    if (this.#finished) return false
    this.#finished = true
    if (this.#method === 'INVITE' && this.#leg.pendingInvite === 'local') this.#leg.pendingInvite = 'none'
    return true
  }
}

/** Sends a refresh on `leg`; while another INVITE is under way there, a little later. */
export function refreshSession(leg: Leg): void {
  const { call } = leg
  if (call.ended || leg.gone) return
  const method = leg.takesUpdate ? 'UPDATE' : 'INVITE'
  const busy = leg.pendingInvite !== 'none' || leg.answer?.waiting === true
  if (busy || (method === 'INVITE' && leg.sentSession === undefined)) {
    leg.session.retryIn(2_000)
    return
  }
  leg.localCseq += 1
  if (method === 'INVITE') leg.pendingInvite = 'local'
  const { context } = call
  const branch = newBranch(context.random)
  const target = leg.target()
  const request = composeDialogRequest(leg, {
    method,
    cseq: leg.localCseq,
    branch,
    headers: leg.session.offer(),
    ...(method === 'INVITE' ? { session: leg.sentSession } : {}),
  })
  context.transactions.openClient({
    request: authorise(leg, method, request),
    method,
    branch,
    reliable: target.protocol !== 'udp',
    peer: peerKey(target),
    send: (bytes) => context.transport.send(bytes, target),
    user: new Refresh(leg, method),
  })
}
