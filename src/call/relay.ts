// One request inside a dialog on its way to the other leg and its answer back: INFO, UPDATE, NOTIFY, MESSAGE, REFER,
// OPTIONS and re-INVITE, each leg with its own CSeq (RFC 3261 12.2, 14).
import { peerKey } from '../sip/flow.ts'
import type { Flow } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import type {
  ClientTransaction,
  ClientTransactionUser,
  ServerTransaction,
  ServerTransactionUser,
} from '../transaction/transactions.ts'
import { acknowledge, acknowledgeAgain, acknowledgeOwed, hasOffer, sessionIn } from './acknowledge.ts'
import { unescapeUser } from '../sip/uri.ts'
import { Answer } from './answer.ts'
import type { AnswerOwner } from './answer.ts'
import type { Call } from './call.ts'
import type { CancelOwner } from './cancel-owner.ts'
import { composeCancel } from './compose-cancel.ts'
import { composeAnswer, composeDialogRequest, newBranch } from './compose.ts'
import { answerInDialog, authorise, isChallenge } from './credentials.ts'
import type { Leg } from './leg.ts'
import { crossResponse } from './media-crossing.ts'
import type { MediaFault } from './media-session.ts'
import { acceptsAnswer, acceptsFrom } from './peer-check.ts'
import type { PeerCheck, SentTags } from './peer-check.ts'
import { sendBye } from './bye.ts'

export class Relay implements ClientTransactionUser, ServerTransactionUser, AnswerOwner, PeerCheck, CancelOwner {
  readonly #from: Leg
  readonly #to: Leg
  readonly request: SipMessage
  readonly #flow: Flow
  readonly #server: ServerTransaction
  /** CSeq number on the other leg. */
  cseq: number
  readonly #tags: SentTags
  readonly #round = { answers: 0 }
  readonly #more: readonly (readonly [string, string])[]
  #client: ClientTransaction
  #replied = false
  #cancelWanted = false
  #cancelSent = false
  #finished = false

  /** `more`: fields of this leg's own, like RAck. */
  constructor(
    from: Leg,
    to: Leg,
    arrived: { request: SipMessage; flow: Flow; transaction: ServerTransaction },
    more: readonly (readonly [string, string])[] = [],
  ) {
    this.#more = more

    this.#from = from
    this.#to = to
    this.request = arrived.request
    this.#flow = arrived.flow
    this.#server = arrived.transaction
    this.#server.user = this
    to.localCseq += 1
    this.cseq = to.localCseq
    this.#tags = { local: to.side === 'inbound' ? to.call.parts.shown.tagOf(from) : to.dialogTag, remote: to.remoteTag }
    this.call.addRelay(this)
    if (this.#isInvite) {
      from.pendingInvite = 'remote'
      to.pendingInvite = 'local'
      // How long the other side takes is not known: without this, its silence is ours (17.2.1).
      this.#respond(100, 'Trying')
    }
    this.#client = this.#open()
  }

  get call(): Call {
    return this.#from.call
  }

  get #isInvite(): boolean {
    return this.request.method === 'INVITE'
  }

  /** Re-INVITE and UPDATE refresh the session of each leg they cross (RFC 4028 7.4). */
  get #refreshes(): boolean {
    return (this.#isInvite || this.request.method === 'UPDATE') && this.call.state !== 'hunting'
  }

  #open(): ClientTransaction {
    const { call } = this.#to
    const { context } = call
    const { method } = this.request
    const branch = newBranch(context.random)
    const target = this.#to.target()
    return context.transactions.openClient({
      request: authorise(
        this.#to,
        method,
        composeDialogRequest(this.#to, {
          method,
          cseq: this.cseq,
          branch,
          source: this.request,
          localTag: this.#tags.local,
          headers: this.#refreshes ? this.#to.session.offer() : this.#more,
          maxForwards: (this.request.maxForwards ?? 70) - 1,
        }),
      ),
      method,
      branch,
      reliable: target.protocol !== 'udp',
      peer: peerKey(target),
      send: (bytes) => context.transport.send(bytes, target),
      user: this,
    })
  }

  acceptsResponse(response: SipMessage, address: string): boolean {
    return acceptsAnswer(this.#to, this.#tags, response, address)
  }

  acceptsCancelFrom(address: string): boolean {
    return acceptsFrom(this.#from, address)
  }

  #respond(
    status: number,
    reasonPhrase: string,
    more: { source?: SipMessage; headers?: readonly (readonly [string, string])[] } = {},
  ): Buffer {
    const bytes = composeAnswer({
      request: this.request,
      flow: this.#flow,
      status,
      reasonPhrase,
      toTag: undefined,
      passRetryAfter: true,
      ...more,
    })
    if (status < 200 || status >= 300 || !this.#isInvite) this.#server.respond(status, bytes)
    return bytes
  }

  onResponse(_transaction: ClientTransaction, arrived: SipMessage): void {
    const options = { request: this.request, done: this.#onCrossed }
    crossResponse(this.#to, arrived, options)
  }

  readonly #onCrossed = (response: SipMessage, fault: MediaFault | undefined): void => {
    if (response.status < 200) return this.#onProvisional(response)
    if (this.#finished) {
      if (this.#isInvite && response.status < 300) acknowledgeAgain(this.#to, response.cseq.number)
      return
    }
    if (isChallenge(response) && this.#answerChallenge(response)) return
    this.#finish()
    if (response.status >= 300) this.#onFailure(response)
    else if (fault === undefined) this.#onSuccess(response)
    else this.#onLostMedia(fault)
  }

  /** The other side agreed to what we cannot relay: neither knows what to send any more. */
  #onLostMedia(fault: MediaFault): void {
    this.#respond(503, 'Service Unavailable')
    if (this.#isInvite) acknowledge(this.#to, this.cseq)
    this.call.end({ outcome: 'answered', reason: 'media lost', by: 'edge', detail: fault.detail })
  }

  /** The gateway wants credentials: the request goes once more and is waited for as the first was. */
  #answerChallenge(challenge: SipMessage): boolean {
    if (this.#cancelWanted || this.#cancelSent) return false
    const answered = answerInDialog(this.#to, this.#client, challenge, this.#round)
    if (answered === undefined) return false
    this.#client = answered
    this.cseq = this.#to.localCseq
    this.#replied = false
    return true
  }

  #onProvisional(response: SipMessage): void {
    if (this.#finished) return
    this.#replied = true
    if (this.#cancelWanted) this.#sendCancel()
    if (this.#isInvite && response.status > 100)
      this.#respond(response.status, response.reasonPhrase, { source: response })
  }

  #onSuccess(response: SipMessage): void {
    const { method } = this.request
    if (method === 'INVITE' || method === 'UPDATE') {
      this.#from.refreshTarget(this.request)
      this.#to.refreshTarget(response)
    }
    const headers = this.#refreshes ? this.#refreshed(response) : []
    const bytes = this.#respond(response.status, response.reasonPhrase, { source: response, headers })
    if (!this.#isInvite) return
    // With an offer in the re-INVITE its 2xx is acknowledged at once; without one the answer comes in the other ACK.
    if (hasOffer(this.request)) acknowledge(this.#to, this.cseq)
    else this.#to.owedAck = this.cseq
    void new Answer(this.#from, this.#server, { request: this.request, status: response.status, bytes }, this)
  }

  #refreshed(response: SipMessage): readonly (readonly [string, string])[] {
    this.#to.sentSession = sessionIn(this.request) ?? this.#to.sentSession
    this.#from.sentSession = sessionIn(response) ?? this.#from.sentSession
    this.#to.session.learn(response)
    return this.#from.session.accept(this.request)
  }

  #onFailure(response: SipMessage): void {
    const { status } = response
    if (!isChallenge(response)) this.#respond(status, response.reasonPhrase, { source: response })
    else if (this.#cancelWanted || this.#cancelSent) this.#respond(487, 'Request Terminated')
    else this.#respond(503, 'Service Unavailable')
    if (this.#isInvite && (status === 408 || status === 481)) this.#endCall(`${status} to a re-INVITE`)
  }

  onAcknowledged(ack: SipMessage): void {
    if (this.#to.owedAck === this.cseq) acknowledgeOwed(this.#to, ack)
    if (this.call.ended) sendBye(this.#from)
    this.call.finishIfDone()
  }

  onUnacknowledged(): void {
    const { call } = this.#from
    call.end({ outcome: 'answered', reason: 'missing ACK', by: 'edge', detail: 'no ACK to a re-INVITE within 32 s' })
    sendBye(this.#from)
    call.finishIfDone()
  }

  onClientFailure(transaction: ClientTransaction, why: 'timeout' | 'transport'): void {
    if (this.#finished || transaction !== this.#client) return
    this.#finish()
    if (why === 'transport') this.#respond(503, 'Service Unavailable')
    else if (this.#isInvite) {
      this.#respond(408, 'Request Timeout')
      this.#endCall('no answer to a re-INVITE')
    } else this.#server.terminate()
  }

  /** Over without a final answer: it was cancelled, and the other side never said so (9.1). */
  onClientTerminated(transaction: ClientTransaction): void {
    if (this.#finished || transaction !== this.#client) return
    this.#finish()
    this.#respond(487, 'Request Terminated')
  }

  /** The dialog ends while the request is under way: it is answered all the same (15.1.2), and a late answer goes nowhere. */
  onCallEnded(): void {
    if (this.#finished) return
    this.#finish()
    this.#respond(487, 'Request Terminated')
    this.#client.abandon()
  }

  onServerFailure(): void {
    // The final answer to a re-INVITE got no ACK: the call itself is as it was.
  }

  onServerTerminated(): void {
    this.#server.user = undefined
  }

  /** CANCEL of a re-INVITE: it goes on to the other leg, and whatever final answer comes is relayed. */
  onCancel(): void {
    if (this.#finished) return
    if (this.#replied) this.#sendCancel()
    else this.#cancelWanted = true
  }

  #sendCancel(): void {
    if (this.#cancelSent) return
    this.#cancelSent = true
    this.#client.abandon()
    const { context } = this.#to.call
    const target = this.#to.target()
    const user: ClientTransactionUser & PeerCheck = {
      onResponse: () => undefined,
      onClientFailure: () => undefined,
      onClientTerminated: () => undefined,
      acceptsResponse: (response, address) => this.acceptsResponse(response, address),
    }
    context.transactions.openClient({
      request: composeCancel(this.#client.request, undefined),
      method: 'CANCEL',
      branch: this.#client.branch,
      reliable: target.protocol !== 'udp',
      peer: peerKey(target),
      send: (bytes) => context.transport.send(bytes, target),
      user,
    })
  }

  #finish(): void {
    this.#finished = true
    this.call.removeRelay(this)
    if (!this.#isInvite) return
    this.#from.pendingInvite = 'none'
    this.#to.pendingInvite = 'none'
  }

  #endCall(detail: string): void {
    const by = this.#to.side === 'outbound' ? 'gateway' : 'caller'
    this.#to.call.end({ outcome: 'answered', reason: `${by} lost`, by, detail })
  }
}

/** Fields that name a dialog of one leg and would be wrong on the other (RFC 3891, 3911, 4538), also inside Refer-To. */
export const namesOtherDialog = (request: SipMessage): boolean =>
  request.has(headerIds.replaces) ||
  request.has(headerIds.join) ||
  (request.has(headerIds.unknown) && request.valueOf('target-dialog') !== undefined) ||
  request.values(headerIds.referTo).some((uri) => /[?&](?:replaces|join|target-dialog)=/i.test(unescapeUser(uri)))
