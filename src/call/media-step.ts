// What stands between the decision for a gateway and its INVITE when media is relayed: the offer goes to the relay first.
// The step holds the gateway's room meanwhile; it is cancelled with the hunt, and nobody else waits for it.
import type { DirectoryEndpoint } from '../directory/directory.ts'
import type { Permit } from '../policy/verdict.ts'
import type { SipMessage } from '../sip/message.ts'
import type { Call } from './call.ts'
import { newCallId } from './compose.ts'
import { MediaSession } from './media-session.ts'
import type { MediaFault } from './media-session.ts'

/** The session that this attempt needs, undefined for none, or why there cannot be one. */
export function openMedia(call: Call, endpoint: DirectoryEndpoint): MediaSession | MediaFault | undefined {
  const secure = {
    inbound: call.caller.endpoint?.mediaEncryption === 'srtp',
    outbound: endpoint.mediaEncryption === 'srtp',
  }
  if (!secure.inbound && !secure.outbound) return undefined
  const { media, random } = call.context
  const detail = media === undefined ? 'no media relay is configured' : media.trouble
  if (media === undefined || detail !== undefined) return { status: 503, detail: detail ?? '' }
  return new MediaSession(media, newCallId(random), secure)
}

export class MediaStep {
  readonly #permit: Permit
  readonly #session: MediaSession
  #over = false

  constructor(permit: Permit, session: MediaSession) {
    this.#permit = permit
    this.#session = session
  }

  /** `done` gets the INVITE as it goes on; with a fault the room is given back already. Not called after `cancel`. */
  start(invite: SipMessage, done: (invite: SipMessage, fault: MediaFault | undefined) => void): void {
    this.#session.pass({ from: 'inbound', tag: '', message: invite, isAnswer: false }, (message, fault) => {
      if (this.#over) return
      this.#over = true
      if (fault !== undefined) this.#giveBack()
      done(message, fault)
    })
  }

  cancel(): void {
    if (this.#over) return
    this.#over = true
    this.#giveBack()
  }

  #giveBack(): void {
    this.#permit.release()
    this.#session.close()
  }
}
