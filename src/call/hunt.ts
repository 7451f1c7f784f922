// Goes from gateway to gateway and from carrier to carrier until one answers (product: failover). What to do after each
// failure stands in policy/failover; here it is done: permits taken before each attempt, full ones skipped.
import { bound } from '../base/limits.ts'
import type { GatewayTarget } from '../directory/directory.ts'
import { outcomeOf } from '../policy/failover.ts'
import type { AttemptOutcome, FailoverEvent } from '../policy/failover.ts'
import { refuseLimit } from '../policy/refusals.ts'
import { findReplyRule } from '../policy/reply-rules.ts'
import type { HuntTurn, Refusal } from '../policy/verdict.ts'
import type { SipMessage } from '../sip/message.ts'
import { defaultReasonPhrase } from '../sip/status.ts'
import { Attempt, attemptTarget } from './attempt.ts'
import type { AttemptFailure } from './attempt.ts'
import type { Call } from './call.ts'
import { findWay } from './way.ts'

/** What the caller gets if nothing further helps. */
interface Final {
  readonly status: number
  readonly reasonPhrase: string
  readonly source: SipMessage | undefined
  readonly headers: readonly (readonly [string, string])[]
  readonly detail: string
  readonly byGateway: boolean
}

const noGateway: Final = {
  status: 503,
  reasonPhrase: 'Service Unavailable',
  source: undefined,
  headers: [],
  detail: 'no gateway available',
  byGateway: false,
}

export class Hunt {
  readonly #call: Call
  readonly #turns: readonly HuntTurn[]
  #turn = 0
  #position = 0
  #tries = 0
  #final: Final = noGateway

  constructor(call: Call, turns: readonly HuntTurn[]) {
    this.#call = call
    this.#turns = turns
  }

  start(): void {
    const first = this.#turns[0]
    if (first !== undefined) this.#call.startHuntTimer(first.account.timeouts.huntMs)
    if (!this.#tryNext()) this.#fail()
  }

  /** The current attempt ended without an answer. */
  onFailure(attempt: Attempt, failure: AttemptFailure): void {
    const outcome = outcomeOf(eventOf(failure), attempt.progressPassed)
    const rule =
      failure.kind === 'status' ? findReplyRule(attempt.endpoint, attempt.account, failure.status) : undefined
    this.#final = finalOf(attempt, failure, outcome)
    if (rule?.newCode !== undefined)
      this.#final = {
        ...this.#final,
        status: rule.newCode,
        reasonPhrase: rule.newReason ?? defaultReasonPhrase(rule.newCode),
      }
    const next = rule?.action === 'failover' ? 'carrier' : rule?.action === 'failoverGateway' ? 'gateway' : outcome.next
    if (next === 'carrier') this.#nextTurn()
    if (next === 'none' || !this.#tryNext()) this.#fail()
  }

  /** huntMs is over and nobody made progress: nothing further is tried. */
  onTimeout(): void {
    const outcome = outcomeOf({ kind: 'huntTimeout' }, false)
    const status = outcome.callerStatus === 'asReceived' ? 408 : outcome.callerStatus
    this.#final = {
      ...noGateway,
      status,
      reasonPhrase: defaultReasonPhrase(status),
      detail: 'no gateway made progress in time',
    }
    this.#call.currentAttempt?.giveUp('hunt time is over')
    this.#fail()
  }

  #nextTurn(): void {
    this.#turn += 1
    this.#position = 0
    this.#tries = 0
  }

  #tryNext(): boolean {
    while (this.#turn < this.#turns.length && this.#call.attempts.length < bound('attemptsPerCallMax')) {
      const turn = this.#turns[this.#turn] as HuntTurn
      const gateway = this.#tries > turn.account.gatewayFailoverMax ? undefined : turn.gateways[this.#position]
      if (gateway === undefined) this.#nextTurn()
      else {
        this.#position += 1
        if (this.#try(gateway)) {
          this.#tries += 1
          return true
        }
      }
    }
    return false
  }

  #try(gateway: GatewayTarget): boolean {
    const call = this.#call
    const { context, directory } = call
    const endpoint = directory.endpoints[gateway.endpointIndex]
    if (endpoint === undefined) return false
    const skip = (why: string): false => {
      call.explanation.add('admit', `${endpoint.name} ${attemptTarget(gateway)} skipped: ${why}`)
      return false
    }
    const health = context.health.find(gateway.key)
    if (health?.status === 'red') return skip(`red, ${health.reason}`)
    const way = findWay(context.transport, context.random, gateway, { endpoint })
    if (typeof way === 'string') return skip(way)
    const permit = context.limits.admitGateway(call.id, gateway, directory, call.exempt)
    if ('kind' in permit) {
      if (this.#call.attempts.length === 0) this.#final = finalOfLimit(refuseLimit(permit, directory))
      return skip(permit.detail)
    }
    call.attempts.push(new Attempt(call, gateway, permit, way))
    return true
  }

  #fail(): void {
    const { status, reasonPhrase, source, headers, detail, byGateway } = this.#final
    this.#call.failToCaller(
      status,
      reasonPhrase,
      {
        outcome: 'failed',
        reason: byGateway ? 'gateway failure' : 'timeout',
        by: byGateway ? 'gateway' : 'edge',
        detail,
      },
      source === undefined ? { headers } : { source, headers },
    )
  }
}

function eventOf(failure: AttemptFailure): FailoverEvent {
  if (failure.kind !== 'status') return { kind: failure.kind }
  if (failure.status === 401 || failure.status === 407) return { kind: 'challenge' }
  return { kind: 'status', status: failure.status }
}

function finalOf(attempt: Attempt, failure: AttemptFailure, outcome: AttemptOutcome): Final {
  const detail = `${attempt.endpoint.name}: ${attempt.reason}`
  if (outcome.callerStatus === 'asReceived' && failure.kind === 'status') {
    const { status, response } = failure
    return { status, reasonPhrase: response.reasonPhrase, source: response, headers: [], detail, byGateway: true }
  }
  const status = outcome.callerStatus === 'asReceived' ? 503 : outcome.callerStatus
  const headers = failure.kind === 'ringTimeout' ? ([['Reason', 'Q.850;cause=19']] as const) : []
  return {
    status,
    reasonPhrase: defaultReasonPhrase(status),
    source: undefined,
    headers,
    detail,
    byGateway: failure.kind === 'status',
  }
}

const finalOfLimit = (refusal: Refusal): Final => ({
  status: refusal.status,
  reasonPhrase: refusal.reasonPhrase,
  source: undefined,
  headers: refusal.headers,
  detail: refusal.detail,
  byGateway: false,
})
