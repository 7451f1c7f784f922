// Re-INVITEs that change nothing, answered here in place of equipment that cannot stand them (`interceptReinvite`).
// A changed offer (hold, move, codecs) is always relayed: an old description would answer it wrongly (RFC 3264 8).
import { isSameSession } from '../sip/sdp.ts'
import { hasOffer, sessionIn } from './acknowledge.ts'
import { Answer } from './answer.ts'
import type { AnswerOwner } from './answer.ts'
import { sendBye } from './bye.ts'
import { composeAnswer } from './compose.ts'
import type { ArrivedRequest } from './in-dialog.ts'
import type { Leg } from './leg.ts'

/** Without an offer, or with the one that the other side has already. */
function changesNothing(other: Leg, { request }: ArrivedRequest): boolean {
  if (!hasOffer(request)) return true
  const offer = sessionIn(request)
  return offer !== undefined && other.sentSession !== undefined && isSameSession(offer, other.sentSession)
}

/** Where the 2xx of a leg waits for its ACK; the other leg knows nothing of it. */
const ownerOf = (leg: Leg): AnswerOwner => ({
  onAcknowledged() {
    if (leg.call.ended) sendBye(leg)
    leg.call.finishIfDone()
  },
  onUnacknowledged() {
    leg.call.end({
      outcome: 'answered',
      reason: 'missing ACK',
      by: 'edge',
      detail: 'no ACK to a re-INVITE within 32 s',
    })
    sendBye(leg)
    leg.call.finishIfDone()
  },
})

/** Answers a re-INVITE of `leg` with the description that its peer has from us, if that is asked for and right. */
export function intercept(leg: Leg, other: Leg, arrived: ArrivedRequest): boolean {
  const { request, flow, transaction } = arrived
  const isAsked = leg.endpoint?.interceptReinvite === true || other.endpoint?.interceptReinvite === true
  const session = leg.sentSession
  if (request.method !== 'INVITE' || !isAsked || session === undefined || !changesNothing(other, arrived)) return false
  leg.refreshTarget(request)
  const headers = leg.session.accept(request)
  const answer = { request, flow, status: 200, reasonPhrase: 'OK', toTag: undefined, headers, session }
  void new Answer(leg, transaction, { request, status: 200, bytes: composeAnswer(answer) }, ownerOf(leg))
  return true
}
