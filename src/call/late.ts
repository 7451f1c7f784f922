// What still comes when a call is forgotten and its transactions are retired (transaction/finished.ts): answers are made anew
// from the message that came, so that nothing of the call has to stay for it.
import { peerKey } from '../sip/flow.ts'
import type { Flow, Target } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { messageWriter } from '../sip/serialize.ts'
import { parseUri, uriParameter } from '../sip/uri.ts'
import { addressText, parseAddress } from '../contract/address.ts'
import { bound } from '../base/limits.ts'
import type { ClientTransactionUser } from '../transaction/transactions.ts'
import { composeAnswer, newBranch, viaValue } from './compose.ts'
import type { CallContext } from './context.ts'
import { flowTarget, routeOf } from './leg.ts'
import { answerPort, isBehindNat } from './nat.ts'
import type { NatMode } from './nat.ts'
import type { PeerCheck } from './peer-check.ts'

const modes: readonly NatMode[] = ['automatic', 'source', 'written']
const absorbed = 0

/** A repeated INVITE is absorbed: its 2xx is repeated by itself until the ACK (RFC 6026 7.1). */
export const absorbedNote = absorbed
/** A repeated BYE gets its 200 once more. */
export const lateAnswerNote = (nat: NatMode): number => 1 + modes.indexOf(nat)

/** The answer to a BYE: all of it stands in the request. */
export const composeLateAnswer = (request: SipMessage, flow: Flow): Buffer =>
  composeAnswer({ request, flow, status: 200, reasonPhrase: 'OK', toTag: undefined })

/** A request came again whose transaction was retired with `note`. True: it was answered. */
export function answerLate(context: CallContext, request: SipMessage, flow: Flow, note: number): boolean {
  const mode = modes[note - 1]
  if (note === absorbed || mode === undefined) return false
  context.transport.reply(composeLateAnswer(request, flow), flow, answerPort(request, flow, mode))
  return true
}

/** Next hop of a request in the dialog of a late 2xx: by its route or Contact, or back where it came from. */
function targetOf(hop: string, flow: Flow): Target {
  const source: Target = { ...flowTarget(flow), watched: true }
  const uri = parseUri(hop)
  const host = uri === undefined ? undefined : parseAddress(uriParameter(uri, 'maddr') ?? uri.host)
  if (uri === undefined || host === undefined || host.family !== flow.listener.family) return source
  if (isBehindNat(uri.host, flow.address) || (uriParameter(uri, 'transport') ?? 'udp').toLowerCase() !== 'udp')
    return source
  return { ...source, address: addressText(host), port: uri.port ?? 5060 }
}

/** A request of ours in the dialog that a 2xx opened, made of that 2xx alone (12.1.2, 12.2.1.1). */
function composeRequest(response: SipMessage, flow: Flow, request: { method: string; cseq: number; branch: string }) {
  const { method, cseq, branch } = request
  const routes = response.values(headerIds.recordRoute).slice(0, bound('routeSetMax')).toReversed()
  const route = routeOf(routes, response.contact?.uri ?? response.to.uri)
  const writer = messageWriter().requestLine(method, route.requestUri).header('Via', viaValue(flow.listener, branch))
  for (const one of route.routes) writer.header('Route', one)
  const bytes = writer
    .header('Max-Forwards', '70')
    .copyHeader(response, headerIds.from)
    .copyHeader(response, headerIds.to)
    .copyHeader(response, headerIds.callId)
    .header('CSeq', `${cseq} ${method}`)
    .finish()
  return { bytes, target: targetOf(route.nextHop, flow) }
}

/** Whatever is answered, nobody waits for it; it is taken from the dialog's own peer only. */
const silent = (callId: string, address: string): ClientTransactionUser & PeerCheck => ({
  onResponse: (transaction, response) => {
    if (response.status >= 200) transaction.retire(response.toTag ?? '', address)
  },
  onClientFailure: () => undefined,
  onClientTerminated: () => undefined,
  acceptsResponse: (response, from) => response.callId === callId && from === address,
})

/**
 * A 2xx to an INVITE of a call that is forgotten: its ACK was lost, or a fork behind the gateway answered as well, whose
 * dialog is ended at once (13.2.2.4, 15). Over UDP, from a source that we know.
 */
export function acknowledgeLate(context: CallContext, response: SipMessage, flow: Flow): void {
  const { number } = response.cseq
  const ack = composeRequest(response, flow, { method: 'ACK', cseq: number, branch: newBranch(context.random) })
  context.transport.send(ack.bytes, ack.target)
  if (!context.transactions.isLateDialogNew(response)) return
  const branch = newBranch(context.random)
  const bye = composeRequest(response, flow, { method: 'BYE', cseq: number + 1, branch })
  context.transactions.openClient({
    request: bye.bytes,
    method: 'BYE',
    branch,
    reliable: false,
    peer: peerKey(bye.target),
    send: (bytes) => context.transport.send(bytes, bye.target),
    user: silent(response.callId, flow.address),
  })
}
