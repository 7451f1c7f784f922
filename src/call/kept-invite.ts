// The INVITE of a call. While the call is made everybody reads it; once it is up hardly anybody does, and only its bytes are
// kept: the index and the parts that were read take as much again (2 KB for each live call).
import { assert } from '../base/assert.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseDatagram } from '../sip/parse.ts'

export class KeptInvite {
  readonly #bytes: Buffer
  #message: SipMessage | undefined

  constructor(message: SipMessage) {
    this.#bytes = message.bytes
    this.#message = message
  }

  /** Read anew once it was folded. */
  get message(): SipMessage {
    if (this.#message !== undefined) return this.#message
    const message = parseDatagram(this.#bytes)
    assert(message.kind === 'request', 'an INVITE that was read once is read again')
    return message
  }

  /** From now on only its bytes are kept. */
  fold(): void {
    this.#message = undefined
  }
}
