// The requests of an attempt that nobody waits for any more: CANCEL, and ACK with BYE for an unwanted 2xx.
import { assert } from '../base/assert.ts'
import { peerKey } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { acknowledge } from './acknowledge.ts'
import type { Attempt } from './attempt.ts'
import { openBye } from './bye.ts'
import { composeCancel } from './compose-cancel.ts'
import { forkOf } from './leg.ts'
import type { PeerCheck } from './peer-check.ts'
import type { ClientTransactionUser } from '../transaction/transactions.ts'

/** For a CANCEL, whose answer changes nothing; it is taken from the attempt's peer only. */
const silent = (attempt: Attempt): ClientTransactionUser & PeerCheck => ({
  onResponse: () => undefined,
  onClientFailure: () => undefined,
  onClientTerminated: () => undefined,
  acceptsResponse: (response, address) => attempt.acceptsResponse(response, address),
})

/** RFC 3261 9.1: same Request-URI, Call-ID, From, To, CSeq number, Route and branch as the INVITE. */
export function sendCancel(attempt: Attempt): void {
  const { call, leg, transaction } = attempt
  assert(transaction !== undefined, 'what is cancelled is under way')
  call.context.transactions.openClient({
    request: composeCancel(transaction.request, call.parts.setUp.cancelReason),
    method: 'CANCEL',
    branch: transaction.branch,
    reliable: leg.reliable,
    peer: peerKey(leg.peer),
    send: (bytes) => call.context.transport.send(bytes, leg.peer),
    user: silent(attempt),
  })
}

/** ACK, and once for each dialog BYE, in the dialog that the unwanted 2xx has opened. */
export function refuseSuccess(attempt: Attempt, response: SipMessage, withBye: boolean): void {
  const dialog = forkOf(attempt.leg, response)
  acknowledge(dialog, response.cseq.number)
  if (withBye) openBye(dialog, undefined, () => attempt.onRefusedGone())
}

/**
 * The call of an answered attempt is forgotten: what its gateway may still send is answered without it (late.ts), where
 * that needs no credentials, no registration and no proxy. Else the attempt stays for 64*T1.
 */
export function retireAttempt({ state, leg, gateway, way, transaction }: Attempt): void {
  const isPlain = leg.inviteCredential === undefined && gateway.contact === undefined && way.proxies.length === 0
  if (state === 'answered' && isPlain && !leg.reliable) transaction?.retire(leg.remoteTag, leg.peer.address)
}
