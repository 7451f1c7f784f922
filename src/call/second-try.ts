// The INVITE that goes once more to the same gateway as the same attempt (product: failover): with credentials (401, 407),
// for a longer session (422), without 100rel (420).
import type { DigestRound } from '../sip/digest-client.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction } from '../transaction/transactions.ts'
import type { Attempt } from './attempt.ts'
import { answerInvite, isChallenge } from './credentials.ts'
import { reopenAttempt } from './open-attempt.ts'

export class SecondTry {
  readonly #attempt: Attempt
  readonly #round: DigestRound = { answers: 0 }
  readonly #givenIn: number[] = []
  /** Why a challenge was not answered; empty = none, or it was. */
  unanswered = ''

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  /** What was sent because of this failure; undefined = it stands. */
  open(failure: SipMessage): ClientTransaction | undefined {
    return isChallenge(failure) ? this.#answerChallenge(failure) : this.#giveIn(failure)
  }

  #answerChallenge(challenge: SipMessage): ClientTransaction | undefined {
    const answered = answerInvite(this.#attempt, challenge, this.#round)
    if (typeof answered !== 'string') return answered
    this.unanswered = answered
    return undefined
  }

  /** 422 and 420 for 100rel, once each; the new request may be challenged anew. */
  #giveIn(refusal: SipMessage): ClientTransaction | undefined {
    if ((refusal.status !== 422 && refusal.status !== 420) || this.#givenIn.includes(refusal.status)) return undefined
    this.#givenIn.push(refusal.status)
    this.#round.answers = 0
    return reopenAttempt(this.#attempt, refusal)
  }
}
