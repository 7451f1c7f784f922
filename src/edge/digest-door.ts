// Who is not known by address may prove to be a SIP user: challenges go out without state, right answers come in as a
// caller. ACK and CANCEL never get here (RFC 3261 22.1).
import type { CallContext } from '../call/context.ts'
import type { IpAddress } from '../contract/address.ts'
import type { DirectorySipUser } from '../directory/directory.ts'
import { Authenticator, challengeStatus } from '../policy/authenticate.ts'
import type { DigestOutcome, SharedDigest } from '../policy/authenticate.ts'
import type { Explanation } from '../policy/explanation.ts'
import { identify } from '../policy/identify.ts'
import type { Caller, Refusal, SourceFacts } from '../policy/verdict.ts'
import type { Flow } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import type { EdgeMetrics } from './edge-metrics.ts'
import type { Guard } from './guard.ts'
import type { Rejections } from './rejections.ts'
import type { StatelessAnswers } from './stateless.ts'
import type { Tracing } from './tracing.ts'

interface DigestDoorParts {
  readonly context: CallContext
  readonly metrics: EdgeMetrics
  readonly rejections: Rejections
  readonly guard: Pick<Guard, 'trust'>
  /** Undefined: this is the only thread. */
  readonly sharedDigest: SharedDigest | undefined
  readonly tracing: Tracing
  readonly stateless: StatelessAnswers
}

export interface Arrival {
  readonly request: SipMessage
  readonly flow: Flow
  readonly facts: SourceFacts
}

/** A proxy asks with 407 and Proxy-Authenticate, an end of its own with 401 and WWW-Authenticate (RFC 3261 22.2, 22.3). */
const forms = {
  407: { ask: 'Proxy-Authenticate', answer: headerIds.proxyAuthorization, phrase: 'Proxy Authentication Required' },
  401: { ask: 'WWW-Authenticate', answer: headerIds.authorization, phrase: 'Unauthorized' },
} as const

type ChallengeStatus = keyof typeof forms
type Proof = Extract<DigestOutcome, { kind: 'proved' }>

/** Whole fields: commas inside credentials part parameters, not values (RFC 3261 20.7). */
function fieldsOf(request: SipMessage, id: number): string[] {
  const values: string[] = []
  for (let at = request.find(id); at !== -1; at = request.find(id, at + 1)) values.push(request.headerValueAt(at))
  return values
}

export class DigestDoor {
  readonly #parts: DigestDoorParts
  readonly #authenticator: Authenticator

  constructor(parts: DigestDoorParts) {
    this.#parts = parts
    const { clock, random } = parts.context
    this.#authenticator = new Authenticator(clock, random, parts.sharedDigest)
  }

  noteWrongAnswer(ip: IpAddress): void {
    this.#authenticator.noteWrongAnswer(ip)
  }

  /** What becomes of a source that was refused: still refused, the caller it proved to be, or undefined = answered. */
  admit(arrival: Arrival, refusal: Refusal, explanation: Explanation): Caller | Refusal | undefined {
    const { context } = this.#parts
    const { facts } = arrival
    const directory = context.directory()
    const status = challengeStatus(directory, refusal, facts.ip)
    if (status === undefined) return refusal
    const proved = this.#check(arrival, status, refusal.accountId)
    if (proved === undefined) return undefined
    explanation.add('authenticate', `the ${proved.algorithm} digest of SIP user ${proved.user.username} is right`)
    return identify(directory, { ...facts, sipUser: proved.user }, explanation, context.suspensions)
  }

  /** The SIP user behind a REGISTER; undefined = it was answered. We are its registrar, so that we ask with 401 (22.2). */
  prove(arrival: Arrival): DirectorySipUser | undefined {
    return this.#check(arrival, 401)?.user
  }

  #check({ request, flow, facts }: Arrival, status: ChallengeStatus, accountId?: string): Proof | undefined {
    const { context, guard } = this.#parts
    const outcome = this.#authenticator.authenticate(context.directory(), {
      method: request.method,
      requestUri: request.requestUri,
      facts,
      wallMs: context.clock.wallMs(),
      suspensions: context.suspensions,
      credentials: fieldsOf(request, forms[status].answer),
      accountId,
    })
    if (outcome.kind === 'proved') {
      guard.trust(facts.address)
      return outcome
    }
    this.#answer({ request, flow, facts }, status, outcome)
    return undefined
  }

  /** Challenges without looking at credentials: a request of a stranger that no SIP user could have served here. */
  ask(arrival: Arrival): void {
    const { request, facts } = arrival
    const { method, requestUri } = request
    const directory = this.#parts.context.directory()
    const outcome = this.#authenticator.authenticate(directory, {
      method,
      requestUri,
      facts,
      wallMs: 0,
      suspensions: this.#parts.context.suspensions,
      credentials: [],
    })
    if (outcome.kind !== 'proved') this.#answer(arrival, 401, outcome)
  }

  #answer(
    { request, flow, facts }: Arrival,
    status: ChallengeStatus,
    outcome: Exclude<DigestOutcome, { kind: 'proved' }>,
  ): void {
    const { metrics, rejections, stateless, tracing } = this.#parts
    tracing.onStray(request, flow)
    const sample = `${request.method} ${request.requestUri}: ${outcome.detail}`
    const asked = { callId: request.callId, facts, explanation: undefined }
    if (outcome.kind === 'locked') {
      rejections.add(flow, 'digest_locked', sample, asked)
      stateless.send(request, flow, { status: 403, reasonPhrase: 'Forbidden' })
      return
    }
    // A first challenge is how digest begins and no failure.
    if (outcome.cause === 'wrong') rejections.add(flow, 'digest_wrong', sample, asked)
    metrics.onChallenge(outcome.cause)
    const form = forms[status]
    const headers = outcome.values.map((value) => [form.ask, value] as const)
    stateless.send(request, flow, { status, reasonPhrase: form.phrase, headers })
  }
}
