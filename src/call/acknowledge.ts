// ACK of the 2xx answers that we get (RFC 3261 13.2.2.4). With an offer in our INVITE it goes at once; without one it waits
// for the other side's ACK, whose body is the answer. A 2xx that comes again gets the same ACK again.
import { keptCopy, ownCopy } from '../base/bytes.ts'
import { isTextAt } from '../sip/byte-text.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { composeDialogRequest, newBranch } from './compose.ts'
import { authoriseAck } from './credentials.ts'
import type { Leg } from './leg.ts'

const description = 'application/sdp'

/** True when the message carries a session description: its 2xx is then the answer, else the 2xx brings the offer. */
export function hasOffer(message: SipMessage): boolean {
  if (message.body.length === 0) return false
  const index = message.find(headerIds.contentType)
  // As nearly everybody writes it: nothing to read.
  if (index !== -1 && isTextAt(message.bytes, message.valueStartAt(index), description)) return true
  const type = message.value(headerIds.contentType)?.toLowerCase() ?? description
  if (type.startsWith('multipart/')) return /application\/sdp/i.test(message.body.toString('latin1'))
  return type.startsWith(description)
}

/** The description itself, where it is the whole body; a copy, because it is kept. */
export const sessionIn = (message: SipMessage): Buffer | undefined =>
  isSession(message) ? keptCopy(message.body) : undefined

/** The same of a message that is kept as long as the description: a part of it. */
export const sharedSessionIn = (message: SipMessage): Buffer | undefined =>
  isSession(message) ? message.body : undefined

function isSession(message: SipMessage): boolean {
  const index = message.find(headerIds.contentType)
  const isUsual = index !== -1 && isTextAt(message.bytes, message.valueStartAt(index), description)
  return hasOffer(message) && (isUsual || !/^multipart\//i.test(message.value(headerIds.contentType) ?? ''))
}

/** `source` is the other side's ACK, if it carries the answer to a late offer. */
export function acknowledge(leg: Leg, cseq: number, source?: SipMessage): void {
  const { context } = leg.call
  if (source !== undefined) leg.sentSession = sessionIn(source) ?? leg.sentSession
  const branch = newBranch(context.random)
  const bytes = composeAck(leg, cseq, branch, source)
  if (leg.owedAck === cseq) leg.owedAck = undefined
  // One without a body can be made again from its branch.
  if (cseq >= (leg.lastAck?.cseq ?? 0))
    leg.lastAck = { cseq, branch, bytes: (source?.body.length ?? 0) > 0 ? ownCopy(bytes) : undefined }
  context.transport.send(bytes, leg.target())
}

const composeAck = (leg: Leg, cseq: number, branch: string, source?: SipMessage): Buffer =>
  authoriseAck(leg, composeDialogRequest(leg, { method: 'ACK', cseq, branch, source }))

/** The ACK that waits for the other side's, if one does. */
export function acknowledgeOwed(leg: Leg, source?: SipMessage): void {
  if (leg.owedAck !== undefined) acknowledge(leg, leg.owedAck, source)
}

/** The peer sent its 2xx again: our ACK was lost. While the other side still owes the answer there is nothing to send. */
export function acknowledgeAgain(leg: Leg, cseq: number): void {
  if (leg.owedAck === cseq) return
  const { lastAck } = leg
  if (lastAck?.cseq !== cseq) return acknowledge(leg, cseq)
  leg.call.context.transport.send(lastAck.bytes ?? composeAck(leg, cseq, lastAck.branch), leg.target())
}
