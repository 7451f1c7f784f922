// Our registration at one registrar (RFC 3261 10.2): when a REGISTER leaves, what its answer means, when it is refreshed,
// how failures are spaced, and when nothing more is tried. Sending, and answering challenges, is the port's.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import { randomFraction } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { Timer, TimerOwner, Timers } from '../base/timers.ts'

/** refused: nothing more is tried until the login changes. ending: the last REGISTER, with Expires 0, is under way. */
export type OutboundState = 'registering' | 'registered' | 'failing' | 'refused' | 'ending' | 'ended'

/** As it is shown. Times are milliseconds since 1970. */
export interface OutboundView {
  readonly state: OutboundState
  /** One sentence. */
  readonly reason: string
  readonly since: number
  /** Until when the registrar keeps our Contact; null = it has none. */
  readonly expiresAt: number | null
  /** When the next REGISTER leaves; null = none is planned. */
  readonly nextAt: number | null
}

/** What the edge does for a registration. It may answer from inside `sendRegister`. */
export interface OutboundPort {
  /** Sends one REGISTER and reports its fate once, with the same number. */
  sendRegister(key: string, number: number, expiresSeconds: number): void
  /** Another state, or another reason for it. */
  onRegistration(key: string, view: OutboundView): void
}

export interface OutboundContext {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly port: OutboundPort
}

/** What became of one REGISTER. */
export type RegisterFate =
  | { readonly kind: 'granted'; readonly expiresSeconds: number }
  /** 423 with Min-Expires. */
  | { readonly kind: 'tooBrief'; readonly minExpiresSeconds: number }
  /** The registrar does not want us: 401 or 407 after our answer, 403, 404 and the like. */
  | { readonly kind: 'rejected'; readonly detail: string }
  /** Silence, transport errors, 5xx: it may work later. */
  | { readonly kind: 'failed'; readonly detail: string; readonly retryAfterSeconds?: number | undefined }

/** Registrations that start together spread over this time. */
const startSpreadMs = 1_000
const firstRetryMs = 5_000
/** As often as this in a row, each time with a nonce that was new; then it is no accident. */
const rejectionsMax = 3

export class OutboundRegistration implements TimerOwner {
  readonly key: string
  readonly #context: OutboundContext
  #askedSeconds: number
  #state: OutboundState = 'registering'
  #reason = 'not registered yet'
  #since: number
  #number = 0
  /** Number of the REGISTER whose fate is awaited. */
  #awaited: number | undefined
  #failures = 0
  #rejections = 0
  #expiresAtMs: number | undefined
  #nextAtMs: number | undefined
  #timer: Timer | undefined

  constructor(context: OutboundContext, options: { key: string; expiresSeconds: number }) {
    this.#context = context
    this.key = options.key
    this.#askedSeconds = options.expiresSeconds
    this.#since = context.clock.wallMs()
    this.#plan(randomFraction(context.random) * startSpreadMs)
  }

  get view(): OutboundView {
    return {
      state: this.#state,
      reason: this.#reason,
      since: this.#since,
      expiresAt: this.#wallOf(this.#expiresAtMs),
      nextAt: this.#wallOf(this.#nextAtMs),
    }
  }

  /** Whether a timer of its own runs. */
  get timerCount(): number {
    return this.#timer === undefined ? 0 : 1
  }

  onTimer(): void {
    this.#timer = undefined
    this.#nextAtMs = undefined
    this.#send(this.#askedSeconds)
  }

  onFate(number: number, fate: RegisterFate): void {
    if (number !== this.#awaited) return
    this.#awaited = undefined
    if (this.#state === 'ending') this.#show('ended', 'unregistered')
    else if (fate.kind === 'granted') this.#onGranted(fate.expiresSeconds)
    else if (fate.kind === 'tooBrief') this.#onTooBrief(fate.minExpiresSeconds)
    else if (fate.kind === 'rejected') this.#onRejected(fate.detail)
    else this.#onFailed(fate.detail, fate.retryAfterSeconds ?? 0)
  }

  /** It is not wanted any more: what the registrar may know is taken back, once. */
  end(): void {
    if (this.#state === 'ending' || this.#state === 'ended') return
    this.#context.timers.stop(this.#timer)
    this.#timer = undefined
    this.#nextAtMs = undefined
    const mayBeKnown = this.#expiresAtMs !== undefined || this.#awaited !== undefined
    this.#expiresAtMs = undefined
    if (!mayBeKnown) return this.#show('ended', 'not registered')
    this.#show('ending', 'unregistering')
    this.#send(0)
  }

  #send(expiresSeconds: number): void {
    this.#number += 1
    this.#awaited = this.#number
    this.#context.port.sendRegister(this.key, this.#number, expiresSeconds)
  }

  #onGranted(expiresSeconds: number): void {
    const { clock, random } = this.#context
    const ms = Math.max(1, expiresSeconds) * 1_000
    this.#failures = 0
    this.#rejections = 0
    this.#expiresAtMs = clock.nowMs() + ms
    this.#plan(ms * (0.8 + randomFraction(random) / 10))
    this.#show('registered', `registered for ${expiresSeconds} s`)
  }

  /** RFC 3261 10.2.8: once more with what the registrar asks for, if that is more than we asked for. */
  #onTooBrief(minExpiresSeconds: number): void {
    if (!(minExpiresSeconds > this.#askedSeconds) || minExpiresSeconds > bound('registrationSecondsMax')) {
      this.#onRejected(`423 Interval Too Brief, Min-Expires ${minExpiresSeconds}`)
      return
    }
    this.#askedSeconds = minExpiresSeconds
    this.#send(minExpiresSeconds)
  }

  #onRejected(detail: string): void {
    this.#rejections += 1
    if (this.#rejections < rejectionsMax) return this.#onFailed(detail, 0)
    this.#expiresAtMs = undefined
    this.#show('refused', `registration refused: ${detail}`)
  }

  #onFailed(detail: string, retryAfterSeconds: number): void {
    const { random } = this.#context
    const fullMs = Math.min(bound('registerRetryMsMax'), firstRetryMs * 2 ** Math.min(this.#failures, 20))
    const backOffMs = fullMs * (0.5 + randomFraction(random) / 2)
    this.#failures += 1
    this.#plan(Math.max(backOffMs, Math.min(retryAfterSeconds, bound('retryAfterSecondsMax')) * 1_000))
    this.#show('failing', `registration failed: ${detail}`)
  }

  #plan(delayMs: number): void {
    const { clock, timers } = this.#context
    timers.stop(this.#timer)
    this.#nextAtMs = clock.nowMs() + delayMs
    this.#timer = timers.start(clock.nowMs(), delayMs, this, 0)
  }

  #show(state: OutboundState, reason: string): void {
    const { clock, port } = this.#context
    const isNews = state !== this.#state || reason !== this.#reason
    if (state !== this.#state) this.#since = clock.wallMs()
    this.#state = state
    this.#reason = reason
    if (isNews) port.onRegistration(this.key, this.view)
  }

  /** A moment of the monotonic clock that is still to come. */
  #wallOf(monotonicMs: number | undefined): number | null {
    const { clock } = this.#context
    if (monotonicMs === undefined || monotonicMs < clock.nowMs()) return null
    return Math.round(clock.wallMs() + monotonicMs - clock.nowMs())
  }
}
