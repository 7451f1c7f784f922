// Goes from gateway to gateway and from carrier to carrier until one answers (product: failover). What to do after each
// failure stands in policy/failover; here it is done: permits taken before each attempt, full ones skipped.
import { bound } from '../base/limits.ts'
import type { DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import { outcomeOf } from '../policy/failover.ts'
import type { AttemptOutcome, FailoverEvent } from '../policy/failover.ts'
import { targetText } from '../policy/rank.ts'
import { refuseLimit } from '../policy/refusals.ts'
import { findReplyRule } from '../policy/reply-rules.ts'
import type { HuntTurn, Permit, Refusal } from '../policy/verdict.ts'
import type { SipMessage } from '../sip/message.ts'
import { defaultReasonPhrase } from '../sip/status.ts'
import { Attempt } from './attempt.ts'
import type { AttemptFailure } from './attempt.ts'
import type { Call, Release } from './call.ts'
import { crossBody, deniedCodecs } from './body.ts'
import { replacedPhrase } from './compose.ts'
import { explainFailure } from './explain-failure.ts'
import { noteFailure } from './outcome.ts'
import { MediaStep, openMedia } from './media-step.ts'
import type { MediaFault, MediaSession } from './media-session.ts'
import { findWay } from './way.ts'
import type { Way } from './way.ts'

/** What the caller gets if nothing further helps. */
interface Final {
  readonly status: number
  readonly reasonPhrase: string
  readonly source: SipMessage | undefined
  readonly headers: readonly (readonly [string, string])[]
  readonly release: Release
}

const noGateway: Final = {
  status: 503,
  reasonPhrase: 'Service Unavailable',
  source: undefined,
  headers: [],
  release: { outcome: 'refused', reason: 'refused', by: 'edge', detail: 'no gateway available' },
}

/** Every gateway that could be asked leads back to us (RFC 3261 16.3). */
const ownListener: Final = {
  ...noGateway,
  status: 482,
  reasonPhrase: defaultReasonPhrase(482),
  release: { ...noGateway.release, detail: 'the gateway is our own listener' },
}

/** What both sides restrict leaves nothing to talk with (RFC 3261 21.4.26). */
const noCodecLeft = (detail: string): Final => ({
  ...noGateway,
  status: 488,
  reasonPhrase: defaultReasonPhrase(488),
  release: { ...noGateway.release, detail },
})

/** The relay that this gateway or the caller needs cannot be had, or does not take the caller's description. */
const noMedia = (endpoint: DirectoryEndpoint | undefined, fault: MediaFault): Final => ({
  ...noGateway,
  status: fault.status,
  reasonPhrase: defaultReasonPhrase(fault.status),
  release: { ...noGateway.release, detail: `${endpoint?.name}: ${fault.detail}` },
})

export class Hunt {
  readonly #call: Call
  readonly #turns: readonly HuntTurn[]
  #turn = 0
  #position = 0
  #tries = 0
  #final: Final = noGateway
  #step: MediaStep | undefined

  constructor(call: Call, turns: readonly HuntTurn[]) {
    this.#call = call
    this.#turns = turns
  }

  /** For printing: the carrier and the gateway of it that comes next, and how many of its gateways were tried. */
  get position(): { readonly turn: number; readonly next: number; readonly tries: number } {
    return { turn: this.#turn, next: this.#position, tries: this.#tries }
  }

  start(): void {
    const first = this.#turns[0]
    if (first !== undefined) this.#call.startHuntTimer(first.account.timeouts.huntMs)
    if (!this.#tryNext()) this.#fail()
  }

  /** The current attempt ended without an answer. */
  onFailure(attempt: Attempt, failure: AttemptFailure): void {
    if (this.#tryOtherProxy(attempt, failure)) return
    noteFailure(attempt, failure)
    const outcome = outcomeOf(eventOf(failure), attempt.progressPassed)
    const rule =
      failure.kind === 'status' ? findReplyRule(attempt.endpoint, attempt.account, failure.status) : undefined
    this.#final = finalOf(attempt, failure, outcome)
    if (rule?.newCode !== undefined)
      this.#final = {
        ...this.#final,
        status: rule.newCode,
        reasonPhrase: replacedPhrase(rule.newCode, rule.newReason),
      }
    const next = rule?.action === 'failover' ? 'carrier' : rule?.action === 'failoverGateway' ? 'gateway' : outcome.next
    explainFailure(attempt, outcome, rule, next)
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
      release: { outcome: 'failed', reason: 'timeout', by: 'edge', detail: 'no gateway made progress in time' },
    }
    this.stop()
    this.#call.currentAttempt?.giveUp('hunt time is over')
    this.#fail()
  }

  /** The proxy is silent or gone: the next one leads to the same gateway, which has not failed yet. */
  #tryOtherProxy(attempt: Attempt, failure: AttemptFailure): boolean {
    const turn = this.#turns[this.#turn]
    if (failure.kind !== 'transport' && failure.kind !== 'firstReplyTimeout') return false
    if (!attempt.hasOtherWay || turn === undefined) return false
    if (this.#call.attempts.length >= bound('attemptsPerCallMax')) return false
    return this.#try(turn, attempt.gateway, attempt.way.proxies.slice(1))
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
        if (this.#try(turn, gateway)) {
          this.#tries += 1
          return true
        }
      }
    }
    return false
  }

  #try(turn: HuntTurn, gateway: GatewayTarget, proxies?: Way['proxies']): boolean {
    const call = this.#call
    const { context, directory } = call
    const endpoint = directory.endpoints[gateway.endpointIndex]
    if (endpoint === undefined) return false
    const skip = (why: string): false => {
      call.explanation.add('admit', `${endpoint.name} ${targetText(gateway)} skipped: ${why}`)
      return false
    }
    const health = context.health.find(gateway.key)
    if (health?.status === 'red') return skip(`red, ${health.reason}`)
    const way = findWay(
      context.transport,
      context.random,
      gateway,
      proxies === undefined ? { endpoint } : { endpoint, proxies },
    )
    if (typeof way === 'string') return skip(way)
    if (context.transport.isOwnAddress(way.target.address, way.target.port)) {
      if (call.attempts.length === 0) this.#final = ownListener
      return skip(`${way.target.address}:${way.target.port} is our own listener`)
    }
    const { message, emptied } = crossBody(deniedCodecs(call.caller, endpoint, turn.account), call.request)
    if (emptied !== undefined) {
      if (call.attempts.length === 0) this.#final = noCodecLeft(`${endpoint.name}: ${emptied}`)
      return skip(emptied)
    }
    const media = openMedia(call, endpoint)
    if (media !== undefined && 'status' in media) {
      if (call.attempts.length === 0) this.#final = noMedia(endpoint, media)
      return skip(media.detail)
    }
    const hold = call.exempt ? undefined : context.failures.findHoldOn(endpoint, turn.account)
    if (hold !== undefined) return skip(hold.detail)
    const permit = context.limits.admitGateway(call.id, gateway, directory, call.exempt)
    if ('kind' in permit) {
      if (call.attempts.length === 0) this.#final = finalOfLimit(refuseLimit(permit, directory))
      return skip(permit.detail)
    }
    context.failures.onAttempt(endpoint, turn.account)
    const used = message === call.request ? way : { ...way, invite: message }
    if (media === undefined) this.#open(gateway, permit, used)
    else this.#bridge(gateway, permit, { ...used, invite: message, media })
    return true
  }

  #open(gateway: GatewayTarget, permit: Permit, way: Way): void {
    try {
      const call = this.#call
      // An array that grows by itself takes room for sixteen more.
      call.parts.attempts = [...call.attempts, new Attempt(call, { gateway, permit, way })]
    } catch (bug) {
      // Nobody holds the room yet who could give it back.
      permit.release()
      throw bug
    }
  }

  /** The INVITE goes when the media relay has answered. */
  #bridge(gateway: GatewayTarget, permit: Permit, way: Way & { invite: SipMessage; media: MediaSession }): void {
    const call = this.#call
    this.#step = new MediaStep(permit, way.media)
    this.#step.start(way.invite, (invite, fault) => {
      this.#step = undefined
      if (fault === undefined) return this.#open(gateway, permit, { ...way, invite })
      const endpoint = call.directory.endpoints[gateway.endpointIndex]
      call.explanation.add('admit', `${endpoint?.name} ${targetText(gateway)} skipped: ${fault.detail}`)
      if (call.attempts.length === 0) this.#final = noMedia(endpoint, fault)
      if (!this.#tryNext()) this.#fail()
    })
  }

  /** The call is over: no further attempt starts. */
  stop(): void {
    this.#step?.cancel()
    this.#step = undefined
  }

  #fail(): void {
    const { status, reasonPhrase, source, headers, release } = this.#final
    this.#call.explanation.add('reply', `the caller gets ${status}: ${release.detail}`)
    this.#call.failToCaller(status, reasonPhrase, release, source === undefined ? { headers } : { source, headers })
  }
}

function eventOf(failure: AttemptFailure): FailoverEvent {
  if (failure.kind !== 'status') return { kind: failure.kind }
  if (failure.status === 401 || failure.status === 407) return { kind: 'challenge' }
  return { kind: 'status', status: failure.status }
}

function finalOf(attempt: Attempt, failure: AttemptFailure, outcome: AttemptOutcome): Final {
  const release = releaseOf(attempt, failure)
  if (outcome.callerStatus === 'asReceived' && failure.kind === 'status') {
    const { status, response } = failure
    return { status, reasonPhrase: response.reasonPhrase, source: response, headers: [], release }
  }
  const status = outcome.callerStatus === 'asReceived' ? 503 : outcome.callerStatus
  const headers = failure.kind === 'ringTimeout' ? ([['Reason', 'Q.850;cause=19']] as const) : []
  return {
    status,
    reasonPhrase: defaultReasonPhrase(status),
    source: undefined,
    headers,
    release,
  }
}

/** A reply or a broken way is the gateway's doing; what took too long was ended by us. */
function releaseOf(attempt: Attempt, failure: AttemptFailure): Release {
  const detail = `${attempt.endpoint.name}: ${attempt.reason}`
  if (failure.kind === 'status') return { outcome: 'failed', reason: 'gateway reply', by: 'gateway', detail }
  if (failure.kind === 'transport') return { outcome: 'failed', reason: 'gateway failure', by: 'gateway', detail }
  return { outcome: 'failed', reason: 'timeout', by: 'edge', detail }
}

const finalOfLimit = (refusal: Refusal): Final => ({
  status: refusal.status,
  reasonPhrase: refusal.reasonPhrase,
  source: undefined,
  headers: refusal.headers,
  release: { ...noGateway.release, detail: refusal.detail },
})
