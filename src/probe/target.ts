// One gateway target: when its OPTIONS leave and time out, how long it is held, what its light shows and why.
// The rules of failing are in `evidence.ts`; sending is the port's.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import { randomFraction } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { Timer, TimerOwner, Timers } from '../base/timers.ts'
import type { ProbeSettings } from '../contract/endpoint.ts'
import type { TargetHealth } from '../policy/verdict.ts'
import { isAliveStatus } from './alive-codes.ts'
import { addCallMiss, addCallReply, addProbeMiss, addProbeSuccess, noEvidence, restartProbing } from './evidence.ts'
import type { Miss } from './evidence.ts'
import { isNews, lightOf } from './light.ts'
import type { Light } from './light.ts'

export interface HealthChange extends Light {
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What the edge does for the probes. It may answer from inside `sendOptions`. */
export interface ProbePort {
  /** Sends one OPTIONS the way calls go and reports its fate once, with the same number. */
  sendOptions(key: string, probe: number): void
  /** Its own time-out has passed: no further retransmission, nothing to report any more. */
  stopOptions(key: string, probe: number): void
  /** The light changed, or stays red for another kind of reason. */
  onChange(key: string, change: HealthChange): void
  /** What routing sees of it from now on; only for those who route on other threads. */
  onRouting?(key: string, health: TargetHealth | undefined): void
}

export interface ProbeContext {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly port: ProbePort
}

export interface ProbeTargetOptions {
  readonly key: string
  readonly settings: ProbeSettings
  /** Why the configuration keeps it red (`switched off`, `account is inactive`); absent = it does not. */
  readonly operator?: string | undefined
  /** Why the registrar that it needs refuses it; absent = it does not. */
  readonly registration?: string | undefined
}

interface Outstanding {
  readonly sentAtMs: number
  readonly timer: Timer
}

const timerKinds = { next: 0, held: 1, trial: 2, timeout: 3 } as const
/** First probes of all targets spread over this time, or over their interval if that is shorter. */
const startSpreadMs = 5_000

export class ProbeTarget implements TimerOwner {
  readonly key: string
  readonly history: HealthChange[] = []
  shown: HealthChange
  lastProbe: { readonly at: number; readonly result: string } | null = null
  heldUntilMs: number | undefined
  readonly #context: ProbeContext
  readonly #evidence = noEvidence()
  readonly #outstanding = new Map<number, Outstanding>()
  #settings: ProbeSettings
  #operator: string | undefined
  #registration: string | undefined
  #routing: TargetHealth | undefined
  #nextProbe = 1
  /** When the last probe was due, which keeps the rhythm whatever the delay of timers; undefined = none sent yet. */
  #lastDueMs: number | undefined
  #dueMs: number
  #plannedMs: number | undefined
  #next: Timer | undefined
  #held: Timer | undefined
  #trial: Timer | undefined
  #trialOpen = false

  constructor(context: ProbeContext, options: ProbeTargetOptions) {
    this.#context = context
    this.key = options.key
    this.#settings = options.settings
    this.#operator = options.operator
    this.#registration = options.registration
    this.#dueMs = this.#firstDueMs()
    this.shown = { ...this.#look(), at: context.clock.wallMs() }
    this.#refreshRouting()
    this.#schedule()
  }

  /** undefined = never heard of: counts as green. A target on trial is green here and red in `shown`. */
  get routing(): TargetHealth | undefined {
    return this.#routing
  }

  /** The next OPTIONS, monotonic; undefined = none is planned. */
  get nextProbeAtMs(): number | undefined {
    return this.#next === undefined ? undefined : this.#dueMs
  }

  /** How many timers run for it. */
  get timerCount(): number {
    const running = [this.#next, this.#held, this.#trial].filter((timer) => timer !== undefined)
    return running.length + this.#outstanding.size
  }

  /** New settings keep what is known. */
  use(options: ProbeTargetOptions): void {
    const wasEnabled = this.#settings.enabled
    this.#settings = options.settings
    this.#operator = options.operator
    this.#registration = options.registration
    if (!wasEnabled && options.settings.enabled) {
      restartProbing(this.#evidence)
      this.#lastDueMs = undefined
      this.#dueMs = this.#firstDueMs()
    }
    this.#settle()
  }

  onRegistration(reason: string | undefined): void {
    this.#registration = reason
    this.#settle()
  }

  /** Forgets all timers and probes; it will not be used again. */
  close(): void {
    for (const timer of [this.#next, this.#held, this.#trial]) this.#context.timers.stop(timer)
    for (const [probe, { timer }] of this.#outstanding) {
      this.#context.timers.stop(timer)
      this.#context.port.stopOptions(this.key, probe)
    }
    this.#outstanding.clear()
    if (this.#routing !== undefined) this.#context.port.onRouting?.(this.key, undefined)
  }

  probeNow(): void {
    this.#send(this.#context.clock.nowMs())
    this.#settle()
  }

  onProbeReply(probe: number, status: number, retryAfterSeconds: number | undefined): void {
    const ms = this.#takeOutstanding(probe)
    if (ms === undefined) return
    this.#note(`${status} after ${ms} ms`)
    if (isAliveStatus(this.#settings.aliveCodes, status)) addProbeSuccess(this.#evidence, this.#settings)
    else addProbeMiss(this.#evidence, this.#settings, { kind: 'reply', detail: `answered with ${status}` })
    if (status === 503 && retryAfterSeconds !== undefined) this.#hold(retryAfterSeconds)
    this.#settle()
  }

  onProbeMiss(probe: number, miss: Miss): void {
    if (this.#takeOutstanding(probe) === undefined) return
    this.#note(miss.detail)
    addProbeMiss(this.#evidence, this.#settings, miss)
    this.#settle()
  }

  onCallMiss(miss: Miss): void {
    addCallMiss(this.#evidence, this.#settings, miss, this.#context.clock.nowMs())
    this.#endTrial()
    this.#settle()
  }

  onCallReply(): void {
    const { failure, callMisses, heardBy } = this.#evidence
    if (heardBy !== undefined && failure === undefined && callMisses === 0) return
    addCallReply(this.#evidence, this.#settings)
    this.#settle()
  }

  /** A call goes there now: a target on trial gets no second one until this one is decided, or the pause is over again. */
  onAttempt(): void {
    if (!this.#trialOpen) return
    this.#endTrial()
    this.#settle()
  }

  hold(seconds: number): void {
    this.#hold(seconds)
    this.#settle()
  }

  onTimer(kind: number, nowMs: number): void {
    if (kind === timerKinds.next) {
      this.#next = undefined
      this.#send(nowMs - this.#dueMs < this.#paceMs() ? this.#dueMs : nowMs)
    } else if (kind === timerKinds.held) {
      this.#held = undefined
      this.heldUntilMs = undefined
    } else if (kind === timerKinds.trial) {
      this.#trial = undefined
      this.#trialOpen = true
    } else {
      const probe = kind - timerKinds.timeout
      this.#context.port.stopOptions(this.key, probe)
      this.onProbeMiss(probe, { kind: 'timeout', detail: `no answer within ${this.#settings.timeoutMs} ms` })
    }
    this.#settle()
  }

  #send(dueMs: number): void {
    const { clock, timers, random, port } = this.#context
    const first = this.#lastDueMs === undefined
    // The second probe comes up to half an interval early, once, so that targets started together drift apart for good.
    this.#lastDueMs = dueMs - (first ? randomFraction(random) * 500 * this.#settings.intervalSeconds : 0)
    if (this.#outstanding.size >= bound('probesOutstandingMax')) return
    const probe = this.#nextProbe++
    const nowMs = clock.nowMs()
    const timer = timers.start(nowMs, this.#settings.timeoutMs, this, timerKinds.timeout + probe)
    this.#outstanding.set(probe, { sentAtMs: nowMs, timer })
    port.sendOptions(this.key, probe)
  }

  /** How long it took; undefined for one that is over: a reply after our own time-out proves nothing any more. */
  #takeOutstanding(probe: number): number | undefined {
    const outstanding = this.#outstanding.get(probe)
    if (outstanding === undefined) return undefined
    this.#outstanding.delete(probe)
    this.#context.timers.stop(outstanding.timer)
    return Math.round(this.#context.clock.nowMs() - outstanding.sentAtMs)
  }

  #note(result: string): void {
    this.lastProbe = { at: this.#context.clock.wallMs(), result }
  }

  /** RFC 3261 20.33, at most `retryAfterSecondsMax`; never shortens a hold that runs. */
  #hold(seconds: number): void {
    if (!(seconds > 0)) return
    const { clock, timers } = this.#context
    const delayMs = Math.min(seconds, bound('retryAfterSecondsMax')) * 1_000
    const untilMs = clock.nowMs() + delayMs
    if (this.heldUntilMs !== undefined && this.heldUntilMs >= untilMs) return
    this.heldUntilMs = untilMs
    timers.stop(this.#held)
    this.#held = timers.start(clock.nowMs(), delayMs, this, timerKinds.held)
  }

  /** After every event: timers and the light follow what is known now. */
  #settle(): void {
    this.#schedule()
    this.#scheduleTrial()
    const light = this.#look()
    const news = isNews(this.shown, light)
    if (news || light.kind !== this.shown.kind || light.reason !== this.shown.reason)
      this.shown = { ...light, at: news ? this.#context.clock.wallMs() : this.shown.at }
    this.#refreshRouting()
    if (!news) return
    this.history.push(this.shown)
    if (this.history.length > bound('healthHistoryMax')) this.history.shift()
    this.#context.port.onChange(this.key, this.shown)
  }

  /** The rhythm is kept from probe to probe; a faster one takes effect at once, and none runs while probing is off. */
  #schedule(): void {
    const { clock, timers } = this.#context
    if (!this.#settings.enabled) {
      timers.stop(this.#next)
      this.#next = undefined
      return
    }
    const plannedMs = this.#lastDueMs === undefined ? this.#dueMs : this.#lastDueMs + this.#paceMs()
    if (this.#next !== undefined && plannedMs === this.#plannedMs) return
    timers.stop(this.#next)
    const nowMs = clock.nowMs()
    this.#plannedMs = plannedMs
    this.#dueMs = Math.max(nowMs, plannedMs)
    this.#next = timers.start(nowMs, this.#dueMs - nowMs, this, timerKinds.next)
  }

  /** Nothing but a call can show that a red target is back when probing is off: after each pause one may try. */
  #scheduleTrial(): void {
    const { clock, timers } = this.#context
    if (this.#settings.enabled || this.#evidence.failure === undefined) {
      this.#endTrial()
    } else if (this.#trial === undefined && !this.#trialOpen)
      this.#trial = timers.start(clock.nowMs(), this.#settings.intervalDownSeconds * 1_000, this, timerKinds.trial)
  }

  /** Also ends the pause: where one is due, it begins anew. */
  #endTrial(): void {
    this.#context.timers.stop(this.#trial)
    this.#trial = undefined
    this.#trialOpen = false
  }

  #paceMs(): number {
    const { intervalSeconds, intervalDownSeconds } = this.#settings
    if (this.#evidence.failure !== undefined) return 1_000 * intervalDownSeconds
    return 1_000 * (this.#evidence.suspected ? Math.min(intervalSeconds, intervalDownSeconds) : intervalSeconds)
  }

  #firstDueMs(): number {
    const { clock, random } = this.#context
    return clock.nowMs() + randomFraction(random) * Math.min(startSpreadMs, 1_000 * this.#settings.intervalSeconds)
  }

  #look(): Light {
    const { clock } = this.#context
    const held = this.heldUntilMs
    return lightOf({
      evidence: this.#evidence,
      settings: this.#settings,
      operator: this.#operator,
      registration: this.#registration,
      heldUntil: held === undefined ? undefined : Math.round(clock.wallMs() + held - clock.nowMs()),
      trialOpen: this.#trialOpen,
    })
  }

  #refreshRouting(): void {
    const { kind, reason, status } = this.shown
    const onTrial = this.#trialOpen && kind !== 'held' && kind !== 'operator' && kind !== 'registration'
    const routed = onTrial ? 'green' : status
    const before = this.#routing
    if (kind === 'unknown') this.#routing = undefined
    else if (before?.status !== routed || before.reason !== reason) this.#routing = { status: routed, reason }
    if (this.#routing !== before) this.#context.port.onRouting?.(this.key, this.#routing)
  }
}
