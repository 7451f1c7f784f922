// The early dialogs that the caller sees. A fork behind a gateway, or the next gateway, is a new dialog for the caller
// once an SDP was passed under the tag before; the 2xx carries the tag of the one that won (RFC 3261 13.2.2.4).
import type { SipMessage } from '../sip/message.ts'
import type { Call } from './call.ts'
import { newTag } from './compose.ts'
import type { Leg } from './leg.ts'

interface Shown {
  /** The gateway's dialog: Call-ID of our leg and the gateway's tag. */
  readonly callId: string
  readonly remoteTag: string
  /** Our tag toward the caller. */
  readonly tag: string
  leg: Leg
}

export class ShownDialogs {
  readonly #call: Call
  #shown: readonly Shown[] = []
  #current: string
  #bodyPassed = false

  /** @param current our first tag toward the caller. */
  constructor(call: Call, current: string) {
    this.#call = call
    this.#current = current
  }

  /** Our To tag for the next answer. */
  get current(): string {
    return this.#current
  }

  /** The gateway's dialog that the caller means by one of our tags: the one shown last under it. */
  legOf(tag: string): Leg | undefined {
    return this.#shown.findLast((one) => one.tag === tag)?.leg
  }

  /** Our tag toward the caller for a dialog with a gateway. */
  tagOf(leg: Leg): string {
    return this.#find(leg, leg.remoteTag)?.tag ?? this.#current
  }

  /** For printing. */
  list(): { readonly callId: string; readonly remoteTag: string; readonly tag: string }[] {
    return this.#shown.map(({ callId, remoteTag, tag }) => ({ callId, remoteTag, tag }))
  }

  /** Chooses the tag for an answer that came on `leg` and makes it the current one. */
  show(leg: Leg, response: SipMessage): void {
    const remoteTag = response.toTag ?? ''
    const known = this.#find(leg, remoteTag)
    if (known !== undefined) {
      this.#current = known.tag
      known.leg = leg
    } else {
      if (this.#bodyPassed) this.#openAnother()
      // An array that grows by itself takes room for sixteen more.
      this.#shown = [...this.#shown, { callId: leg.callId, remoteTag, tag: this.#current, leg }]
    }
    if (response.body.length > 0) this.#bodyPassed = true
    this.#call.inboundLeg.dialogTag = this.#current
  }

  #find(leg: Leg, remoteTag: string): Shown | undefined {
    return this.#shown.find((one) => one.callId === leg.callId && one.remoteTag === remoteTag)
  }

  #openAnother(): void {
    const { inboundLeg, context } = this.#call
    this.#current = newTag(context.random)
    this.#bodyPassed = false
    inboundLeg.otherLocalTags.push(this.#current)
    context.calls.addLeg(this.#current, inboundLeg)
  }
}
