// Our credentials toward gateways in the requests of a call (RFC 3261 22): sent in advance where a nonce is known, and in
// answer to a challenge, to the same target, in the same dialog. Toward a caller there are none; which address may have them
// is the owner's of the logins.
import { peerKey } from '../sip/flow.ts'
import type { Target } from '../sip/flow.ts'
import { addCredentials } from '../sip/digest-client.ts'
import type { Authorised, DigestClient, DigestRound } from '../sip/digest-client.ts'
import type { DirectoryEndpoint } from '../directory/directory.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction, ClientTransactionUser } from '../transaction/transactions.ts'
import type { Attempt } from './attempt.ts'
import { newBranch } from './compose.ts'
import type { Leg } from './leg.ts'
import { markBranch } from './loop.ts'

/** The credentials of gateways. */
export interface Logins {
  /** undefined = the gateway has none, or the address is neither a target nor an outbound proxy of it. */
  find(endpoint: DirectoryEndpoint, address: string): DigestClient | undefined
}

export const isChallenge = (response: SipMessage): boolean => response.status === 401 || response.status === 407

/** The gateway's entry that an outbound leg was opened for. */
const gatewayOf = (leg: Leg): DirectoryEndpoint | undefined =>
  leg.side === 'inbound'
    ? undefined
    : leg.call.attempts.find((attempt) => attempt.leg.localTag === leg.localTag)?.endpoint

const findLogin = (leg: Leg, address: string): DigestClient | undefined => {
  const endpoint = gatewayOf(leg)
  return endpoint === undefined ? undefined : leg.call.context.logins.find(endpoint, address)
}

/** The first INVITE of an attempt, with credentials in advance if there are any. */
export function authoriseInvite(attempt: Attempt, leg: Leg, bytes: Buffer): Buffer {
  const login = attempt.call.context.logins.find(attempt.endpoint, leg.peer.address)
  const authorised = login?.preempt(bytes)
  leg.inviteCredential = authorised?.field
  return authorised?.bytes ?? bytes
}

/** The same for a request inside a dialog. */
export function authorise(leg: Leg, method: string, bytes: Buffer): Buffer {
  const authorised = findLogin(leg, leg.target().address)?.preempt(bytes)
  if (method === 'INVITE') leg.inviteCredential = authorised?.field
  return authorised?.bytes ?? bytes
}

/** The ACK of a 2xx carries the credentials of its INVITE (RFC 3261 13.2.2.4). */
export const authoriseAck = (leg: Leg, ack: Buffer): Buffer =>
  leg.inviteCredential === undefined ? ack : addCredentials(ack, leg.inviteCredential)

function open(
  leg: Leg,
  sent: { branch: string; method: string; authorised: Authorised; target: Target },
  user: ClientTransactionUser,
): ClientTransaction {
  const { context } = leg.call
  const { branch, method, authorised, target } = sent
  leg.localCseq += 1
  if (method === 'INVITE') leg.inviteCredential = authorised.field
  return context.transactions.openClient({
    request: authorised.bytes,
    method,
    branch,
    reliable: target.protocol !== 'udp',
    peer: peerKey(target),
    send: (bytes) => context.transport.send(bytes, target),
    user,
  })
}

/** Sends the INVITE of an attempt once more with what its challenge asks for; a sentence says why not. */
export function answerInvite(attempt: Attempt, challenge: SipMessage, round: DigestRound): ClientTransaction | string {
  const { call, leg, transaction } = attempt
  const login = call.context.logins.find(attempt.endpoint, leg.peer.address)
  if (login === undefined || transaction === undefined) return 'challenged, and no credentials are set for this gateway'
  const branch = markBranch(newBranch(call.context.random), call.parts.setUp.loopMark)
  const next = { branch, cseq: leg.localCseq + 1 }
  const authorised = login.answer(transaction.request, challenge, round, next)
  if (typeof authorised === 'string') return authorised
  return open(leg, { branch, method: 'INVITE', authorised, target: leg.peer }, attempt)
}

/** The same for a request inside a dialog; undefined = it stays refused. */
export function answerInDialog(
  leg: Leg,
  sent: ClientTransaction,
  challenge: SipMessage,
  round: DigestRound,
): ClientTransaction | undefined {
  const target = leg.target()
  const login = findLogin(leg, target.address)
  if (login === undefined || !isChallenge(challenge)) return undefined
  const branch = newBranch(leg.call.context.random)
  const authorised = login.answer(sent.request, challenge, round, { branch, cseq: leg.localCseq + 1 })
  if (typeof authorised === 'string') return undefined
  return open(leg, { branch, method: sent.method, authorised, target }, sent.user)
}
