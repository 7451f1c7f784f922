// Messages of one call on their way across: restricted codecs leave, and where media is relayed the description goes
// through the relay first. Without either a message crosses at once and as it is.
import type { SipMessage } from '../sip/message.ts'
import { hasOffer } from './acknowledge.ts'
import { crossBody, deniedIn } from './body.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import type { Leg } from './leg.ts'
import type { MediaFault, MediaSession } from './media-session.ts'

const mediaOf = (call: Call): MediaSession | undefined => call.currentAttempt?.way.media

/** Told at once, or when the relay has answered; with a fault the message has no body any more. */
export type Crossed = (message: SipMessage, fault: MediaFault | undefined) => void

const describesMedia = new Set(['INVITE', 'UPDATE', 'PRACK', 'ACK'])
const nothing = Buffer.alloc(0)

/** The gateway's side is named by its tag: forks are sides of their own. */
function passThrough(
  media: MediaSession,
  leg: Leg,
  message: SipMessage,
  options: { isAnswer: boolean; done: Crossed },
): void {
  const hides = hasOffer(message) && !describesMedia.has(message.method)
  const shown = hides ? message.withBody(nothing) : message
  media.pass({ from: leg.side, tag: leg.remoteTag, message: shown, isAnswer: options.isAnswer }, options.done)
}

/** An answer of the gateway to the INVITE of an attempt. */
export function crossAnswer(attempt: Attempt, response: SipMessage): void {
  const { message } = crossBody(attempt.denied, response)
  const { media, invite } = attempt.way
  if (media === undefined) return attempt.onCrossed(message)
  const isAnswer = invite !== undefined && hasOffer(invite)
  media.pass({ from: 'outbound', tag: message.toTag ?? '', message, isAnswer }, (crossed, fault) =>
    attempt.onCrossed(crossed, fault),
  )
}

/** An ACK answers an offer of ours; a PRACK does where the INVITE made none (RFC 3262 5). */
const isAnswer = (call: Call, { method }: SipMessage): boolean =>
  method === 'ACK' || (method === 'PRACK' && !hasOffer(call.request))

/** A request of the peer of `leg`. */
export function crossRequest(leg: Leg, request: SipMessage, done: Crossed): void {
  const { message, emptied } = crossBody(deniedIn(leg.call), request)
  if (emptied !== undefined) return done(message, { status: 488, detail: emptied })
  const media = mediaOf(leg.call)
  if (media === undefined) done(message, undefined)
  else passThrough(media, leg, message, { isAnswer: isAnswer(leg.call, request), done })
}

/** The answer of the peer of `leg` to a request that was relayed to it. */
export function crossResponse(leg: Leg, response: SipMessage, options: { request: SipMessage; done: Crossed }): void {
  const { message } = crossBody(deniedIn(leg.call), response)
  const media = mediaOf(leg.call)
  if (media === undefined) options.done(message, undefined)
  else passThrough(media, leg, message, { isAnswer: hasOffer(options.request), done: options.done })
}
