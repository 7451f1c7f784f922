// ACK of the 2xx answers that we get (RFC 3261 13.2.2.4). With an offer in our INVITE it goes at once; without one it waits
// for the other side's ACK, whose body is the answer. A 2xx that comes again gets the same ACK again.
import { ownCopy } from '../base/bytes.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { composeDialogRequest, newBranch } from './compose.ts'
import { authoriseAck } from './credentials.ts'
import type { Leg } from './leg.ts'

/** True when the message carries a session description: its 2xx is then the answer, else the 2xx brings the offer. */
export function hasOffer(message: SipMessage): boolean {
  if (message.body.length === 0) return false
  const type = message.value(headerIds.contentType)?.toLowerCase() ?? 'application/sdp'
  if (type.startsWith('multipart/')) return /application\/sdp/i.test(message.body.toString('latin1'))
  return type.startsWith('application/sdp')
}

/** The description itself, where it is the whole body; in memory of its own, because it is kept. */
export const sessionIn = (message: SipMessage): Buffer | undefined =>
  hasOffer(message) && !/^multipart\//i.test(message.value(headerIds.contentType) ?? '')
    ? ownCopy(message.body)
    : undefined

/** `source` is the other side's ACK, if it carries the answer to a late offer. */
export function acknowledge(leg: Leg, cseq: number, source?: SipMessage): void {
  const { context } = leg.call
  if (source !== undefined) leg.sentSession = sessionIn(source) ?? leg.sentSession
  const ack = composeDialogRequest(leg, { method: 'ACK', cseq, branch: newBranch(context.random), source })
  const bytes = authoriseAck(leg, ack)
  if (leg.owedAck === cseq) leg.owedAck = undefined
  if (cseq >= (leg.lastAck?.cseq ?? 0)) leg.lastAck = { cseq, bytes: ownCopy(bytes) }
  context.transport.send(bytes, leg.target())
}

/** The ACK that waits for the other side's, if one does. */
export function acknowledgeOwed(leg: Leg, source?: SipMessage): void {
  if (leg.owedAck !== undefined) acknowledge(leg, leg.owedAck, source)
}

/** The peer sent its 2xx again: our ACK was lost. While the other side still owes the answer there is nothing to send. */
export function acknowledgeAgain(leg: Leg, cseq: number): void {
  if (leg.owedAck === cseq) return
  if (leg.lastAck?.cseq === cseq) leg.call.context.transport.send(leg.lastAck.bytes, leg.target())
  else acknowledge(leg, cseq)
}
