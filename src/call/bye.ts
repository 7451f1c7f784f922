// BYE in both directions (RFC 3261 15): 200 at once to the side that hangs up, BYE to the other one, each leg once.
import { peerKey } from '../sip/flow.ts'
import type { Flow } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction, ClientTransactionUser, ServerTransaction } from '../transaction/transactions.ts'
import { acknowledgeOwed } from './acknowledge.ts'
import type { Call } from './call.ts'
import { composeDialogRequest, newBranch } from './compose.ts'
import { answerInDialog, authorise } from './credentials.ts'
import { composeLateAnswer, lateAnswerNote } from './late.ts'
import type { Leg } from './leg.ts'
import type { PeerCheck } from './peer-check.ts'
import { acceptsAnswer } from './peer-check.ts'

/** Our BYE on one leg: whatever comes back, or nothing, the dialog is gone. */
class ByeUser implements ClientTransactionUser, PeerCheck {
  readonly #leg: Leg
  readonly #onGone: () => void
  readonly #round = { answers: 0 }
  /** The BYE under way: the first, or the one that answers its challenge. */
  #current: ClientTransaction | undefined

  constructor(leg: Leg, onGone: () => void) {
    this.#leg = leg
    this.#onGone = onGone
  }

  get call(): Call {
    return this.#leg.call
  }

  acceptsResponse(response: SipMessage, address: string): boolean {
    const { dialogTag: local, remoteTag: remote } = this.#leg
    return acceptsAnswer(this.#leg, { local, remote }, response, address)
  }

  onResponse(transaction: ClientTransaction, response: SipMessage): void {
    if (response.status < 200) return
    this.#current = answerInDialog(this.#leg, transaction, response, this.#round)
    if (this.#current !== undefined) return
    this.#onGone()
    transaction.retire(this.#leg.remoteTag, this.#leg.peer.address)
  }

  onClientFailure(transaction: ClientTransaction): void {
    this.#onEnd(transaction)
  }

  onClientTerminated(transaction: ClientTransaction): void {
    this.#onEnd(transaction)
  }

  #onEnd(transaction: ClientTransaction): void {
    if (this.#current === undefined || this.#current === transaction) this.#onGone()
  }
}

/** The dialog of this leg no longer exists: its room is free. */
function legGone(leg: Leg): void {
  if (leg.gone) return
  leg.gone = true
  leg.answer?.stop()
  leg.call.releaseGone()
  leg.call.finishIfDone()
}

/** Sends BYE on a dialog, with the fields of the other side's if there is one; `onGone` may be called more than once. */
export function openBye(leg: Leg, source: SipMessage | undefined, onGone: () => void): void {
  leg.localCseq += 1
  const { context } = leg.call
  const branch = newBranch(context.random)
  const target = leg.target()
  context.transactions.openClient({
    request: authorise(leg, 'BYE', composeDialogRequest(leg, { method: 'BYE', cseq: leg.localCseq, branch, source })),
    method: 'BYE',
    branch,
    reliable: target.protocol !== 'udp',
    peer: peerKey(target),
    send: (bytes) => context.transport.send(bytes, target),
    user: new ByeUser(leg, onGone),
  })
}

/**
 * Ends one leg if it is up. A side that has not acknowledged our 2xx yet gets its BYE after the ACK or the time-out (15);
 * one whose 2xx waits for a late ACK of ours gets that first.
 */
export function sendBye(leg: Leg): void {
  if (!leg.confirmed || leg.gone || leg.byeSent || leg.answer?.waiting === true) return
  acknowledgeOwed(leg)
  leg.byeSent = true
  openBye(leg, leg.call.byeSource, () => legGone(leg))
}

/** A BYE in one of several early dialogs ends that one only; in the one that the caller hears it ends the call (15). */
function onEarlyBye(leg: Leg, request: SipMessage): void {
  const { call } = leg
  if (leg.side === 'outbound') return
  const fork = call.parts.shown.legOf(request.toTag ?? '')
  if (request.toTag === call.parts.shown.current || fork === undefined) call.onCancel(request.value(headerIds.reason))
  else if (fork.reachable) {
    fork.gone = true
    openBye(fork, request, () => undefined)
  }
}

/** A BYE came in on `leg`. */
export function onBye(leg: Leg, request: SipMessage, flow: Flow, transaction: ServerTransaction): void {
  const { call } = leg
  transaction.finish(200, composeLateAnswer(request, flow), lateAnswerNote(leg.answerNat))
  // The dialog was over already, or belongs to an attempt that was given up: nothing more ends with it.
  if (leg.gone) return
  if (call.state === 'hunting') {
    onEarlyBye(leg, request)
    return
  }
  const alreadyEnded = call.ended
  // A 2xx of ours that has no ACK yet is still repeated: the BYE ended the dialog, not the INVITE (13.3.1.4).
  leg.gone = true
  if (!alreadyEnded) {
    const by = leg.side === 'inbound' ? 'caller' : 'gateway'
    call.end({ outcome: 'answered', reason: `${by} BYE`, by, detail: `the ${by} hung up` }, request)
    return
  }
  call.releaseGone()
  call.finishIfDone()
}
