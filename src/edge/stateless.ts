// Answers without state (RFC 3261 8.2.7): one packet out for one packet in, never sent again, same To tag for a
// retransmitted request, so that strangers and broken messages cost nothing that stays.
import { md5Hex } from '../base/hash.ts'
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { buildResponse } from '../sip/respond.ts'
import type { CallTransport } from '../call/context.ts'
import { answerPort } from '../call/nat.ts'

export class StatelessAnswers {
  readonly #transport: CallTransport
  readonly #salt: string

  /** `salt` makes our To tags unguessable. */
  constructor(transport: CallTransport, salt: string) {
    this.#transport = transport
    this.#salt = salt
  }

  /** Answers `request`, also one that could only be read in part. An ACK is never answered. */
  send(
    request: SipMessage,
    flow: Flow,
    answer: { status: number; reasonPhrase?: string; headers?: readonly (readonly [string, string])[] },
  ): void {
    if (request.kind !== 'request' || request.method === 'ACK') return
    const bytes = buildResponse(request, {
      ...answer,
      toTag: md5Hex(`${this.#salt}${request.topVia.text}${request.callId}`).slice(0, 16),
      received: { address: flow.address, port: flow.port },
    })
    this.#transport.reply(bytes, flow, answerPort(request, flow, 'automatic'))
  }
}
