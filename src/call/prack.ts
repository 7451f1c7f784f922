// PRACK of our own toward a gateway that sends reliable 18x although nobody offered to take them (RFC 3262 4).
import { peerKey } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction, ClientTransactionUser } from '../transaction/transactions.ts'
import type { Call } from './call.ts'
import { composeDialogRequest, newBranch } from './compose.ts'
import { answerInDialog, authorise } from './credentials.ts'
import type { Leg } from './leg.ts'
import { acceptsAnswer } from './peer-check.ts'
import type { PeerCheck } from './peer-check.ts'

/** Whatever is answered, but for a challenge, changes nothing: the INVITE's own transaction tells how the call goes on. */
class PrackUser implements ClientTransactionUser, PeerCheck {
  readonly #leg: Leg
  readonly #remoteTag: string
  readonly #round = { answers: 0 }

  constructor(leg: Leg) {
    this.#leg = leg
    this.#remoteTag = leg.remoteTag
  }

  get call(): Call {
    return this.#leg.call
  }

  acceptsResponse(response: SipMessage, address: string): boolean {
    return acceptsAnswer(this.#leg, { local: this.#leg.dialogTag, remote: this.#remoteTag }, response, address)
  }

  onResponse(transaction: ClientTransaction, response: SipMessage): void {
    if (!this.call.ended) answerInDialog(this.#leg, transaction, response, this.#round)
  }

  onClientFailure(): void {
    // See above.
  }

  onClientTerminated(): void {
    // See above.
  }
}

/** Acknowledges the 18x with this RSeq to the INVITE with this CSeq number. */
export function acknowledgeProgress(leg: Leg, rseq: number, inviteCseq: number): void {
  const { context } = leg.call
  leg.localCseq += 1
  const branch = newBranch(context.random)
  const target = leg.target()
  const headers = [['RAck', `${rseq} ${inviteCseq} INVITE`]] as const
  context.transactions.openClient({
    request: authorise(
      leg,
      'PRACK',
      composeDialogRequest(leg, { method: 'PRACK', cseq: leg.localCseq, branch, headers }),
    ),
    method: 'PRACK',
    branch,
    reliable: target.protocol !== 'udp',
    peer: peerKey(target),
    send: (bytes) => context.transport.send(bytes, target),
    user: new PrackUser(leg),
  })
}
