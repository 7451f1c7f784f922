// One client transaction, INVITE or not: runs the table of its kind (RFC 3261 17.1, RFC 6026), sends, times, tells its user.
import { flat } from '../base/flat.ts'
import type { TimerOwner } from '../base/timers.ts'
import type { SipMessage } from '../sip/message.ts'
import { buildAck } from './ack.ts'
import type { TransactionContext } from './context.ts'
import { inviteClient, inviteClientStart } from './invite-client.ts'
import type { InviteClientAction, InviteClientEvent, InviteClientState } from './invite-client.ts'
import { take } from './machine.ts'
import type { MachineOwner, PartialMachine, Transition } from './machine.ts'
import { nonInviteClient, nonInviteClientStart } from './non-invite-client.ts'
import type { NonInviteClientAction, NonInviteClientEvent, NonInviteClientState } from './non-invite-client.ts'
import type { PeerMember } from './peer-index.ts'
import { TransactionTimers, isTimerAction, timerName } from './timers.ts'
import type { TimerName } from './timers.ts'

export type ClientState = InviteClientState | NonInviteClientState
type Event = InviteClientEvent | NonInviteClientEvent | TimerName
type Action = InviteClientAction | NonInviteClientAction
type Message = SipMessage | string | undefined

export interface ClientTransactionUser {
  /** Every provisional response, the final one once, and each further 2xx to INVITE (retransmitted or of another fork). */
  onResponse(transaction: ClientTransaction, response: SipMessage): void
  /** No final response in time (timers B, F), or the transport failed before any response. Never after `abandon`. */
  onClientFailure(transaction: ClientTransaction, why: 'timeout' | 'transport', detail: string): void
  /** It is gone; said once, and not at all after `terminate`. */
  onClientTerminated(transaction: ClientTransaction): void
}

export interface ClientTransactionOptions {
  /** The whole request, which is sent at once and by timers A and E. */
  readonly request: Buffer
  readonly method: string
  /** Of our top Via. A CANCEL has that of its INVITE and is a transaction of its own. */
  readonly branch: string
  /** TCP or TLS. */
  readonly reliable: boolean
  /** `peerKey` of the target; under it `failPeer` finds the transaction while nothing was heard. */
  readonly peer: string
  readonly send: (bytes: Buffer) => void
  readonly user: ClientTransactionUser
}

/** Told by each transaction when it stops waiting for a first reply, when it is over, and before that if it is retired. */
export interface ClientTransactionOwner {
  onHeard(transaction: ClientTransaction): void
  onRetired(transaction: ClientTransaction, toTag: string, address: string): void
  onOver(transaction: ClientTransaction): void
}

const nothing = Buffer.alloc(0)

export class ClientTransaction
  implements TimerOwner, MachineOwner<ClientState, Action, Message>, PeerMember<ClientTransaction>
{
  readonly method: string
  readonly branch: string
  readonly peer: string
  state: ClientState
  nextAtPeer: ClientTransaction | undefined
  previousAtPeer: ClientTransaction | undefined
  readonly #context: TransactionContext
  readonly #owner: ClientTransactionOwner
  readonly #user: ClientTransactionUser
  readonly #send: (bytes: Buffer) => void
  readonly #machine: PartialMachine<ClientState, Event, Action>
  readonly #timers: TransactionTimers
  #request: Buffer
  #ack: Buffer | undefined
  #abandoned = false
  #over = false

  constructor(context: TransactionContext, owner: ClientTransactionOwner, options: ClientTransactionOptions) {
    this.#context = context
    this.#owner = owner
    this.method = options.method
    this.branch = flat(options.branch)
    this.peer = options.peer
    this.#user = options.user
    this.#send = options.send
    this.#request = options.request
    this.#machine = this.#isInvite ? inviteClient : nonInviteClient
    this.#timers = new TransactionTimers(context, this, options.reliable)
    this.state = 'terminated'
  }

  /** Whom it tells. */
  get user(): ClientTransactionUser {
    return this.#user
  }

  /** The request as sent; empty once a final response made it useless. */
  get request(): Buffer {
    return this.#request
  }

  /** Sends the request and starts its timers. */
  start(): void {
    this.#take(this.#isInvite ? inviteClientStart : nonInviteClientStart, undefined)
  }

  /** A response that matching found to be ours (RFC 3261 17.1.3). */
  receive(response: SipMessage): void {
    if (this.isWaiting) this.#owner.onHeard(this)
    const { status } = response
    if (status < 200) this.#dispatch('1xx', response)
    else if (this.#isInvite) this.#dispatch(status < 300 ? '2xx' : '300-699', response)
    else this.#dispatch('200-699', response)
  }

  /** Nothing was heard yet, and somebody wants to know if nothing ever will be. */
  get isWaiting(): boolean {
    return (this.state === 'calling' || this.state === 'trying') && !this.#abandoned
  }

  /** The transport reports that the request (or the ACK) did not get out or away. */
  failTransport(detail: string): void {
    this.#dispatch('transportError', detail)
  }

  /**
   * ICMP says of some datagram to this peer that it did not arrive; perhaps not of ours. A user who gives the INVITE up now
   * still hears of a late 2xx; for everybody else it is over.
   */
  failPeer(detail: string): void {
    if (!this.#isInvite || this.#timers.reliable) return this.failTransport(detail)
    this.#user.onClientFailure(this, 'transport', detail)
    if (this.isWaiting) this.#take({ next: 'terminated', actions: ['stop timerA', 'stop timerB'] }, undefined)
  }

  /**
   * The user gave up: nothing is retransmitted any more and no failure is reported. Late responses still reach the user,
   * who cancels a late 1xx and ends a late 2xx (or two phones ring); after 64*T1 without a final one it is over
   * (RFC 3261 9.1), counted from the request, or from the 1xx that the CANCEL answers.
   */
  abandon(): void {
    if (this.state === 'terminated' || this.#abandoned) return
    if (this.isWaiting) this.#owner.onHeard(this)
    this.#abandoned = true
    this.#timers.stopRepeat()
    this.#boundAbandoned()
  }

  /** Over at once, without any callback. */
  terminate(): void {
    this.state = 'terminated'
    this.#end(undefined)
  }

  /**
   * Nobody needs to hear of what may still come: only its key is kept, of an INVITE also the tag of the dialog that was
   * answered and where it went. Does nothing before a 2xx to INVITE or a final answer to another request.
   */
  retire(toTag: string, address: string): void {
    if (this.#over || this.state !== (this.#isInvite ? 'accepted' : 'completed')) return
    this.#owner.onRetired(this, toTag, address)
    this.terminate()
  }

  onTimer(kind: number): void {
    this.#dispatch(timerName(kind), undefined)
  }

  perform(action: Action, message: Message): void {
    if (isTimerAction(action)) {
      this.#timers.perform(action)
      return
    }
    switch (action) {
      case 'send request':
        this.#send(this.#request)
        break
      case 'resend request':
        this.#resend(this.#request)
        break
      case 'send ACK':
        this.#ack = buildAck(this.#request, message as SipMessage)
        this.#send(this.#ack)
        break
      case 'resend ACK':
        this.#context.onRetransmission('in')
        if (this.#ack !== undefined) this.#resend(this.#ack)
        break
      case 'absorb response':
        this.#context.onRetransmission('in')
        break
      case 'pass response again':
        this.#context.onRetransmission('in')
        this.#user.onResponse(this, message as SipMessage)
        break
      case 'pass response':
        this.#user.onResponse(this, message as SipMessage)
        break
      case 'inform timeout':
        if (!this.#abandoned) this.#user.onClientFailure(this, 'timeout', 'no final response in time')
        break
      case 'inform transport':
        if (!this.#abandoned) this.#user.onClientFailure(this, 'transport', message as string)
        break
    }
  }

  get #isInvite(): boolean {
    return this.method === 'INVITE'
  }

  #resend(bytes: Buffer): void {
    this.#context.onRetransmission('out')
    this.#send(bytes)
  }

  #dispatch(event: Event, message: Message): void {
    const transition = this.#machine[this.state]?.[event]
    if (transition !== undefined) this.#take(transition, message)
  }

  /** Cleans up even if a user throws: nobody else would. */
  #take(transition: Transition<ClientState, Action>, message: Message): void {
    try {
      take(this, transition, message)
    } finally {
      this.#settle()
    }
  }

  #settle(): void {
    if (this.state === 'completed' || this.state === 'accepted') this.#request = nothing
    const zero = this.#timers.takeZero()
    if (zero !== undefined) this.#dispatch(zero, undefined)
    else if (this.state === 'terminated') this.#end(this.#user)
    else this.#boundAbandoned()
  }

  /** An INVITE in proceeding has no timer of its own; one that was given up gets timer B. */
  #boundAbandoned(): void {
    if (this.#abandoned && this.state === 'proceeding' && !this.#timers.endRuns) this.#timers.perform('start timerB')
  }

  #end(user: ClientTransactionUser | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#timers.stopAll()
    this.#request = nothing
    this.#ack = undefined
    this.#owner.onOver(this)
    user?.onClientTerminated(this)
  }
}
