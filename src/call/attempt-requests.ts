// The requests of an attempt that nobody waits for any more: CANCEL, and ACK with BYE for an unwanted 2xx.
import { peerKey } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { composeCancel } from './compose-cancel.ts'
import { composeDialogRequest, newBranch } from './compose.ts'
import { Leg } from './leg.ts'
import type { Attempt } from './attempt.ts'
import type { PeerCheck } from './peer-check.ts'
import type { ClientTransactionUser } from '../transaction/transactions.ts'

/** For requests whose answer changes nothing; answers are taken from the attempt's peer only. */
const silent = (attempt: Attempt): ClientTransactionUser & PeerCheck => ({
  onResponse: () => undefined,
  onClientFailure: () => undefined,
  onClientTerminated: () => undefined,
  acceptsFrom: (address) => attempt.acceptsFrom(address),
})

/** RFC 3261 9.1: same Request-URI, Call-ID, From, To, CSeq number, Route and branch as the INVITE. */
export function sendCancel(attempt: Attempt): void {
  const { call, leg, transaction } = attempt
  call.context.transactions.openClient({
    request: composeCancel(transaction.request, call.cancelReason),
    method: 'CANCEL',
    branch: transaction.branch,
    reliable: leg.reliable,
    peer: peerKey(leg.peer),
    send: (bytes) => call.context.transport.send(bytes, leg.peer),
    user: silent(attempt),
  })
}

/** The dialog that an unwanted 2xx has opened, just long enough to end it. */
function strayLeg(attempt: Attempt, response: SipMessage): Leg {
  const { leg } = attempt
  const stray = new Leg({
    call: leg.call,
    side: 'outbound',
    account: leg.account,
    callId: leg.callId,
    localTag: leg.localTag,
    remoteTag: response.toTag ?? '',
    localParty: leg.localParty,
    remoteParty: leg.remoteParty,
    listener: leg.listener,
    peer: leg.peer,
    remoteTarget: leg.remoteTarget,
  })
  stray.establish(response)
  return stray
}

/** ACK, and once for each dialog BYE. */
export function refuseSuccess(attempt: Attempt, response: SipMessage, withBye: boolean): void {
  const { context } = attempt.call
  const stray = strayLeg(attempt, response)
  const target = stray.target()
  const ack = { method: 'ACK', cseq: response.cseq.number, branch: newBranch(context.random) }
  context.transport.send(composeDialogRequest(stray, ack), target)
  if (!withBye) return
  const branch = newBranch(context.random)
  context.transactions.openClient({
    request: composeDialogRequest(stray, { method: 'BYE', cseq: response.cseq.number + 1, branch }),
    method: 'BYE',
    branch,
    reliable: target.protocol !== 'udp',
    peer: peerKey(target),
    send: (bytes) => context.transport.send(bytes, target),
    user: silent(attempt),
  })
}
