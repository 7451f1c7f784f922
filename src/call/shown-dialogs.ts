// The early dialogs that the caller sees. A fork behind a gateway, or the next gateway, is a new dialog for the caller
// once an SDP was passed under the tag before; the 2xx carries the tag of the one that won (RFC 3261 13.2.2.4).
import type { SipMessage } from '../sip/message.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import { newTag } from './compose.ts'

export class ShownDialogs {
  readonly #call: Call
  /** Gateway dialog (Call-ID and To tag of the outbound leg) -> our To tag. */
  readonly #tags = new Map<string, string>()
  #current: string
  #bodyPassed = false

  constructor(call: Call) {
    this.#call = call
    this.#current = call.inboundLeg.localTag
  }

  /** Our To tag for the next answer. */
  get current(): string {
    return this.#current
  }

  /** Chooses the tag for an answer of `attempt` and makes it the current one. */
  show(attempt: Attempt, response: SipMessage): void {
    const dialog = `${attempt.leg.callId}\n${response.toTag ?? ''}`
    const known = this.#tags.get(dialog)
    if (known !== undefined) this.#current = known
    else {
      if (this.#bodyPassed) this.#openAnother()
      this.#tags.set(dialog, this.#current)
    }
    if (response.body.length > 0) this.#bodyPassed = true
    this.#call.inboundLeg.dialogTag = this.#current
  }

  #openAnother(): void {
    const { inboundLeg, context } = this.#call
    this.#current = newTag(context.random)
    this.#bodyPassed = false
    inboundLeg.otherLocalTags.push(this.#current)
    context.calls.addLeg(this.#current, inboundLeg)
  }
}
