// BYE in both directions (RFC 3261 15): 200 at once to the side that hangs up, BYE to the other one, each leg once.
import { peerKey } from '../sip/flow.ts'
import type { Flow } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransactionUser, ServerTransaction } from '../transaction/transactions.ts'
import { composeAnswer, composeDialogRequest, newBranch } from './compose.ts'
import type { Leg } from './leg.ts'
import type { PeerCheck } from './peer-check.ts'
import { acceptsFrom } from './peer-check.ts'

/** Our BYE on one leg: whatever comes back, or nothing, the dialog is gone. */
class ByeUser implements ClientTransactionUser, PeerCheck {
  readonly #leg: Leg

  constructor(leg: Leg) {
    this.#leg = leg
  }

  acceptsFrom(address: string): boolean {
    return acceptsFrom(this.#leg, address)
  }

  onResponse(_transaction: unknown, response: SipMessage): void {
    if (response.status >= 200) legGone(this.#leg)
  }

  onClientFailure(): void {
    legGone(this.#leg)
  }

  onClientTerminated(): void {
    legGone(this.#leg)
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

/**
 * Ends one leg if it is up. A caller that has not acknowledged our 2xx yet gets its BYE after the ACK or the time-out
 * (15); a gateway whose 2xx waits for our late ACK gets that ACK first. `source` is the other side's BYE.
 */
export function sendBye(leg: Leg, source: SipMessage | undefined): void {
  if (!leg.confirmed || leg.gone || leg.byeSent) return
  const { call } = leg
  if (leg.side === 'inbound' && leg.answer?.waiting === true) return
  if (leg.side === 'outbound' && leg.lastAck === undefined) call.acknowledge(leg, leg.inviteCseq, undefined)
  leg.byeSent = true
  leg.localCseq += 1
  const { context } = call
  const branch = newBranch(context.random)
  const target = leg.target()
  context.transactions.openClient({
    request: composeDialogRequest(leg, { method: 'BYE', cseq: leg.localCseq, branch, source }),
    method: 'BYE',
    branch,
    reliable: target.protocol !== 'udp',
    peer: peerKey(target),
    send: (bytes) => context.transport.send(bytes, target),
    user: new ByeUser(leg),
  })
}

/** A BYE came in on `leg`. */
export function onBye(leg: Leg, request: SipMessage, flow: Flow, transaction: ServerTransaction): void {
  const { call } = leg
  transaction.respond(200, composeAnswer({ request, flow, status: 200, reasonPhrase: 'OK', toTag: undefined }))
  if (call.state === 'hunting') {
    if (leg.side === 'inbound') call.onCancel(request.value(headerIds.reason))
    return
  }
  const alreadyEnded = call.ended
  leg.gone = true
  leg.answer?.stop()
  if (!alreadyEnded) {
    const by = leg.side === 'inbound' ? 'caller' : 'gateway'
    call.end({ outcome: 'answered', reason: `${by} BYE`, by, detail: `the ${by} hung up` }, request)
    return
  }
  call.releaseGone()
  call.finishIfDone()
}
