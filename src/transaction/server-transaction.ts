// One server transaction, INVITE or not: runs the table of its kind (RFC 3261 17.2, RFC 6026) and answers retransmissions.
import { ownCopy } from '../base/bytes.ts'
import type { TimerOwner } from '../base/timers.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseDatagram } from '../sip/parse.ts'
import type { TransactionContext } from './context.ts'
import { inviteServer, inviteServerStart } from './invite-server.ts'
import type { InviteServerAction, InviteServerEvent, InviteServerState } from './invite-server.ts'
import { take } from './machine.ts'
import type { MachineOwner, PartialMachine } from './machine.ts'
import { hasCookie } from './match.ts'
import { nonInviteServer, nonInviteServerStart } from './non-invite-server.ts'
import type { NonInviteServerAction, NonInviteServerEvent, NonInviteServerState } from './non-invite-server.ts'
import { TransactionTimers, isTimerAction, timerName } from './timers.ts'
import type { TimerName } from './timers.ts'

export type ServerState = InviteServerState | NonInviteServerState
type Event = InviteServerEvent | NonInviteServerEvent | TimerName
type Action = InviteServerAction | NonInviteServerAction
type Message = Buffer | undefined

export interface ServerTransactionUser {
  /** No ACK for a non-2xx final response within 64*T1 (timer H), or the transport reported an error. */
  onServerFailure(transaction: ServerTransaction, why: 'timeout' | 'transport'): void
  /** It is gone; said once, and not at all after `terminate`. */
  onServerTerminated(transaction: ServerTransaction): void
}

export interface ServerTransactionOptions {
  readonly request: SipMessage
  /** Came over TCP or TLS. */
  readonly reliable: boolean
  readonly send: (bytes: Buffer) => void
  readonly user: ServerTransactionUser | undefined
}

/** Told by each transaction when it is over, and before that if it is retired. */
export interface ServerTransactionOwner {
  onOver(transaction: ServerTransaction): void
  onRetired(transaction: ServerTransaction, note: number): void
}

/** What RFC 2543 matching compares beyond the key. */
interface LegacyTags {
  readonly request: string | undefined
  response: string | undefined
}

export class ServerTransaction implements TimerOwner, MachineOwner<ServerState, Action, Message> {
  readonly method: string
  readonly key: string
  state: ServerState
  user: ServerTransactionUser | undefined
  readonly #context: TransactionContext
  readonly #owner: ServerTransactionOwner
  readonly #send: (bytes: Buffer) => void
  readonly #machine: PartialMachine<ServerState, Event, Action>
  readonly #timers: TransactionTimers
  readonly #legacyTags: LegacyTags | undefined
  #request: SipMessage | undefined
  #response: Buffer | undefined
  #over = false
  #isLast = false

  constructor(
    context: TransactionContext,
    owner: ServerTransactionOwner,
    key: string,
    options: ServerTransactionOptions,
  ) {
    const { request } = options
    this.#context = context
    this.#owner = owner
    this.key = key
    this.method = request.method
    this.user = options.user
    this.#request = request
    this.#send = options.send
    this.#machine = this.#isInvite ? inviteServer : nonInviteServer
    this.#timers = new TransactionTimers(context, this, options.reliable)
    this.#legacyTags = hasCookie(request.topVia.branch) ? undefined : { request: request.toTag, response: undefined }
    this.state = (this.#isInvite ? inviteServerStart : nonInviteServerStart).next
  }

  /** The request that opened it; dropped once the final response is sent. */
  get request(): SipMessage | undefined {
    return this.#request
  }

  /** Size of the response that is kept for retransmissions. */
  get keptBytes(): number {
    return this.#response?.length ?? 0
  }

  /** A retransmission, or the ACK of a non-2xx final response: absorbed or answered as the table says. */
  receive(request: SipMessage): void {
    if (!this.#isInvite) this.#dispatch('request', undefined)
    else this.#dispatch(request.method === 'ACK' ? 'ACK' : 'INVITE', undefined)
  }

  /**
   * Sends a response, and again for each retransmitted request until a later one. A second final response is discarded,
   * except further 2xx to INVITE. To a non-INVITE no 1xx but 100 is sent, and no 408 (RFC 4320 4.1, 4.2).
   */
  respond(status: number, bytes: Buffer): void {
    if (this.#isInvite)
      this.#dispatch(status < 200 ? '1xx from user' : status < 300 ? '2xx from user' : '300-699 from user', bytes)
    else if (status >= 200) this.#dispatch(status === 408 ? '408 from user' : '200-699 from user', bytes)
    else if (status === 100) this.#dispatch('1xx from user', bytes)
  }

  /** The transport reports that a response did not get out. */
  failTransport(): void {
    this.#dispatch('transportError', undefined)
  }

  /** Over at once, without any callback. */
  terminate(): void {
    this.state = 'terminated'
    this.#end(undefined)
  }

  /**
   * Sends the final answer. Nobody needs to hear of the end any more: only `note` is kept, by which whoever finds it knows how to
   * answer once more. Where an ACK is to come, and for requests of RFC 2543, it stays as it is.
   */
  finish(status: number, bytes: Buffer, note: number): void {
    this.#isLast = true
    this.respond(status, bytes)
    this.retire(note)
  }

  /** See `finish`, for one that has its answer. */
  retire(note: number): void {
    const isDone = this.state === (this.#isInvite ? 'accepted' : 'completed')
    if (this.#over || !isDone || this.#legacyTags !== undefined) return
    this.state = 'terminated'
    this.#owner.onRetired(this, note)
    this.#end(undefined)
  }

  /** This ACK is of its non-2xx final response, not of a 2xx (RFC 3261 17.2.3; RFC 6026 6 and 7.1). */
  isAcknowledgedBy(ack: SipMessage): boolean {
    if (this.state !== 'completed' && this.state !== 'confirmed') return false
    return this.#legacyTags === undefined || this.#legacyTags.response === ack.toTag
  }

  /** By the rules of RFC 2543 the To tags must agree as well. */
  isRepeatedBy(request: SipMessage): boolean {
    return this.#legacyTags === undefined || this.#legacyTags.request === request.toTag
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
      case 'send response':
        this.#sendResponse(message as Buffer)
        break
      case 'send 2xx again':
        this.#context.onRetransmission('out')
        this.#send(message as Buffer)
        break
      case 'answer retransmission':
        this.#context.onRetransmission('in')
        this.#resend()
        break
      case 'resend response':
        this.#resend()
        break
      case 'absorb request':
        this.#context.onRetransmission('in')
        break
      case 'forget response':
        this.#request = undefined
        this.#response = undefined
        break
      case 'inform timeout':
        this.user?.onServerFailure(this, 'timeout')
        break
      case 'inform transport':
        this.user?.onServerFailure(this, 'transport')
        break
    }
  }

  get #isInvite(): boolean {
    return this.method === 'INVITE'
  }

  /** Keeps the bytes only as long as a retransmission may ask for them; a 2xx to INVITE is the user's to repeat. */
  #sendResponse(bytes: Buffer): void {
    if (this.state !== 'proceeding') this.#request = undefined
    const isKept = this.state !== 'accepted' && !(this.#isLast && this.#legacyTags === undefined)
    if (this.state === 'completed' && isKept) this.#response = ownCopy(bytes)
    else this.#response = isKept ? bytes : undefined
    if (this.#legacyTags !== undefined && this.state === 'completed') this.#legacyTags.response = toTagOf(bytes)
    this.#send(bytes)
  }

  #resend(): void {
    if (this.#response === undefined) return
    this.#context.onRetransmission('out')
    this.#send(this.#response)
  }

  /** Cleans up even if a user throws: nobody else would. */
  #dispatch(event: Event, message: Message): void {
    const transition = this.#machine[this.state]?.[event]
    if (transition === undefined) return
    try {
      take(this, transition, message)
    } finally {
      const zero = this.#timers.takeZero()
      if (zero !== undefined) this.#dispatch(zero, undefined)
      else if (this.state === 'terminated') this.#end(this.user)
    }
  }

  #end(user: ServerTransactionUser | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#timers.stopAll()
    this.#request = undefined
    this.#response = undefined
    this.#owner.onOver(this)
    user?.onServerTerminated(this)
  }
}

/** The tag that our own response carries. */
function toTagOf(bytes: Buffer): string | undefined {
  const response = parseDatagram(bytes)
  return response.kind === 'fault' ? undefined : response.toTag
}
