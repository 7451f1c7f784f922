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
import { Answer } from './answer.ts'
import type { AnswerOwner } from './answer.ts'
import type { CancelOwner } from './cancel-owner.ts'
import { composeCancel } from './compose-cancel.ts'
import { composeAnswer, composeDialogRequest, newBranch } from './compose.ts'
import type { Leg } from './leg.ts'
import { acceptsFrom } from './peer-check.ts'
import type { PeerCheck } from './peer-check.ts'
import { sendBye } from './bye.ts'

export class Relay implements ClientTransactionUser, ServerTransactionUser, AnswerOwner, PeerCheck, CancelOwner {
  readonly #from: Leg
  readonly #to: Leg
  readonly #request: SipMessage
  readonly #flow: Flow
  readonly #server: ServerTransaction
  readonly #cseq: number
  readonly #client: ClientTransaction
  #replied = false
  #cancelWanted = false
  #cancelSent = false
  #finished = false
  #answer: Answer | undefined

  constructor(from: Leg, to: Leg, arrived: { request: SipMessage; flow: Flow; transaction: ServerTransaction }) {
    this.#from = from
    this.#to = to
    this.#request = arrived.request
    this.#flow = arrived.flow
    this.#server = arrived.transaction
    this.#server.user = this
    to.localCseq += 1
    this.#cseq = to.localCseq
    if (this.#isInvite) {
      from.pendingInvite = 'remote'
      to.pendingInvite = 'local'
    }
    this.#client = this.#open()
  }

  get #isInvite(): boolean {
    return this.#request.method === 'INVITE'
  }

  #open(): ClientTransaction {
    const { call } = this.#to
    const { context } = call
    const { method } = this.#request
    const branch = newBranch(context.random)
    const target = this.#to.target()
    return context.transactions.openClient({
      request: composeDialogRequest(this.#to, {
        method,
        cseq: this.#cseq,
        branch,
        source: this.#request,
        maxForwards: (this.#request.maxForwards ?? 70) - 1,
      }),
      method,
      branch,
      reliable: target.protocol !== 'udp',
      peer: peerKey(target),
      send: (bytes) => context.transport.send(bytes, target),
      user: this,
    })
  }

  acceptsFrom(address: string): boolean {
    return acceptsFrom(this.#to, address)
  }

  #respond(
    status: number,
    reasonPhrase: string,
    more: { source?: SipMessage; headers?: readonly (readonly [string, string])[] } = {},
  ): Buffer {
    const bytes = composeAnswer({
      request: this.#request,
      flow: this.#flow,
      status,
      reasonPhrase,
      toTag: undefined,
      ...more,
    })
    if (status < 200 || status >= 300 || !this.#isInvite) this.#server.respond(status, bytes)
    return bytes
  }

  onResponse(_transaction: ClientTransaction, response: SipMessage): void {
    if (response.callId !== this.#to.callId) return
    if (response.status < 200) return this.#onProvisional(response)
    if (this.#finished) {
      this.#to.call.resendAck(this.#to)
      return
    }
    this.#finish()
    if (response.status < 300) this.#onSuccess(response)
    else this.#onFailure(response)
  }

  #onProvisional(response: SipMessage): void {
    this.#replied = true
    if (this.#cancelWanted) this.#sendCancel()
    if (this.#isInvite && response.status > 100)
      this.#respond(response.status, response.reasonPhrase, { source: response })
  }

  #onSuccess(response: SipMessage): void {
    const { method } = this.#request
    if (method === 'INVITE' || method === 'UPDATE') this.#to.refreshTarget(response)
    const bytes = this.#respond(response.status, response.reasonPhrase, { source: response })
    if (!this.#isInvite) return
    // With an offer in the re-INVITE its 2xx is acknowledged at once; without one the answer comes in the other ACK.
    this.#to.lastAck = undefined
    if (this.#request.body.length > 0) this.#to.call.acknowledge(this.#to, this.#cseq, undefined)
    this.#answer = new Answer(
      this.#from,
      this.#server,
      { request: this.#request, status: response.status, bytes },
      this,
    )
    if (this.#to.call.ended) this.#answer.stop()
  }

  #onFailure(response: SipMessage): void {
    const { status } = response
    if (status === 401 || status === 407) this.#respond(503, 'Service Unavailable')
    else this.#respond(status, response.reasonPhrase, { source: response })
    if (this.#isInvite && (status === 408 || status === 481)) this.#endCall(`${status} to a re-INVITE`)
  }

  onAcknowledged(ack: SipMessage): void {
    const { call } = this.#to
    if (this.#to.lastAck === undefined) call.acknowledge(this.#to, this.#cseq, ack)
    if (call.ended) sendBye(this.#from, undefined)
  }

  onUnacknowledged(): void {
    const { call } = this.#from
    call.end({ outcome: 'answered', reason: 'missing ACK', by: 'edge', detail: 'no ACK to a re-INVITE within 32 s' })
    sendBye(this.#from, undefined)
  }

  onClientFailure(_transaction: ClientTransaction, why: 'timeout' | 'transport'): void {
    if (this.#finished) return
    this.#finish()
    if (why === 'transport') this.#respond(503, 'Service Unavailable')
    else if (this.#isInvite) {
      this.#respond(408, 'Request Timeout')
      this.#endCall('no answer to a re-INVITE')
    } else this.#server.terminate()
  }

  onClientTerminated(): void {
    if (!this.#finished) this.#finish()
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
    const { context } = this.#to.call
    const target = this.#to.target()
    context.transactions.openClient({
      request: composeCancel(this.#client.request, undefined),
      method: 'CANCEL',
      branch: this.#client.branch,
      reliable: target.protocol !== 'udp',
      peer: peerKey(target),
      send: (bytes) => context.transport.send(bytes, target),
      user: { onResponse: () => undefined, onClientFailure: () => undefined, onClientTerminated: () => undefined },
    })
  }

  #finish(): void {
    this.#finished = true
    if (!this.#isInvite) return
    this.#from.pendingInvite = 'none'
    this.#to.pendingInvite = 'none'
  }

  #endCall(detail: string): void {
    const by = this.#to.side === 'outbound' ? 'gateway' : 'caller'
    this.#to.call.end({ outcome: 'answered', reason: `${by} lost`, by, detail })
  }
}

/** True for bodies and fields that name a dialog of one leg and would be wrong on the other (RFC 3891, 3911, 4538). */
export function namesOtherDialog(request: SipMessage): boolean {
  const referTo = request.value(headerIds.referTo) ?? ''
  return (
    /[?&]replaces=/i.test(referTo) ||
    ['replaces', 'join', 'target-dialog'].some((name) => request.valueOf(name) !== undefined)
  )
}
