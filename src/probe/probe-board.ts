// The health of all gateway targets (product: `dr_gw_status`): takes the published targets, what probes hear and what
// calls see; tells routing and the board. Pure: OPTIONS leave through a port, time comes from Clock and Timers.
import type { HealthView, TargetHealth } from '../policy/verdict.ts'
import type { TransportErrorKind } from '../sip/flow.ts'
import type { Miss } from './evidence.ts'
import { ProbeTarget } from './target.ts'
import type { HealthKind } from './light.ts'
import type { HealthChange, ProbeContext, ProbeTargetOptions } from './target.ts'

export type { HealthChange, ProbeContext, ProbePort, ProbeTargetOptions } from './target.ts'

/** One target as the board shows it. Times are milliseconds since 1970. */
export interface ProbeState {
  readonly status: 'green' | 'red'
  readonly kind: HealthKind
  readonly reason: string
  readonly since: number
  /** End of a hold by Retry-After; null = not held. */
  readonly heldUntil: number | null
  readonly nextProbeAt: number | null
  readonly lastProbe: { readonly at: number; readonly result: string } | null
  /** Oldest first, at most `healthHistoryMax`. */
  readonly history: readonly HealthChange[]
}

/** An error of the transport while a probe or an INVITE was under way. */
export interface ProbeError {
  readonly kind: TransportErrorKind
  readonly detail: string
}

export class ProbeBoard implements HealthView {
  readonly #context: ProbeContext
  readonly #targets = new Map<string, ProbeTarget>()

  constructor(context: ProbeContext) {
    this.#context = context
  }

  get count(): number {
    return this.#targets.size
  }

  /** Timers that run for probes, holds and pauses: they end only with their targets. */
  get timerCount(): number {
    let count = 0
    for (const target of this.#targets.values()) count += target.timerCount
    return count
  }

  /** A target as it is configured now: a known one keeps its state, a new one starts green. */
  put(options: ProbeTargetOptions): void {
    const known = this.#targets.get(options.key)
    if (known === undefined) this.#targets.set(options.key, new ProbeTarget(this.#context, options))
    else known.use(options)
  }

  /** Forgets a target that is not configured any more. */
  drop(key: string): void {
    const target = this.#targets.get(key)
    this.#targets.delete(key)
    target?.close()
  }

  /** For routing; undefined = unknown, counts as green. */
  find(key: string): TargetHealth | undefined {
    return this.#targets.get(key)?.routing
  }

  state(key: string): ProbeState | undefined {
    const target = this.#targets.get(key)
    if (target === undefined) return undefined
    const { at, status, kind, reason } = target.shown
    return {
      status,
      kind,
      reason,
      since: at,
      heldUntil: this.#wallOf(target.heldUntilMs),
      nextProbeAt: this.#wallOf(target.nextProbeAtMs),
      lastProbe: target.lastProbe,
      history: [...target.history],
    }
  }

  /** The lights of targets that are not alive, and of `keys`; nothing is made for the others. */
  lightsOf(keys: ReadonlySet<string>): { readonly key: string; readonly kind: HealthKind; readonly reason: string }[] {
    const lights = []
    for (const [key, { shown }] of this.#targets)
      if (shown.status === 'red' || keys.has(key)) lights.push({ key, kind: shown.kind, reason: shown.reason })
    return lights
  }

  /** An operator wants to know now: also with probing off, where a good answer ends a red and a missing one only informs. */
  probeNow(key: string): boolean {
    const target = this.#targets.get(key)
    target?.probeNow()
    return target !== undefined
  }

  /** Why the registrar refuses the gateway, or undefined: not any more. */
  onRegistration(key: string, reason: string | undefined): void {
    this.#targets.get(key)?.onRegistration(reason)
  }

  /** A final reply to the OPTIONS of this number. Never for a 408 that was made here: that is no reply. */
  onProbeReply(key: string, probe: number, status: number, retryAfterSeconds?: number): void {
    this.#targets.get(key)?.onProbeReply(probe, status, retryAfterSeconds)
  }

  /** The OPTIONS of this number could not be delivered. (Silence is timed here and needs no report.) */
  onProbeError(key: string, probe: number, error: ProbeError): void {
    this.#targets.get(key)?.onProbeMiss(probe, missOf(error))
  }

  /** A call got no reply within its firstReplyMs. */
  onCallTimeout(key: string, firstReplyMs: number): void {
    this.#targets.get(key)?.onCallMiss({ kind: 'timeout', detail: `no reply within ${firstReplyMs} ms` })
  }

  /** The INVITE of a call could not be delivered: refused, ICMP, reset. */
  onCallError(key: string, error: ProbeError): void {
    this.#targets.get(key)?.onCallMiss(missOf(error))
  }

  /** A call heard anything from the target. Cheap when nothing is wrong. */
  onCallReply(key: string): void {
    this.#targets.get(key)?.onCallReply()
  }

  /** A 503 with Retry-After to a call: red until min(value, `retryAfterSecondsMax`) has passed, whatever probes say. */
  hold(key: string, retryAfterSeconds: number): void {
    this.#targets.get(key)?.hold(retryAfterSeconds)
  }

  /** An INVITE goes there now. Only matters for a red target with probing off, which is tried by one call at a time. */
  onAttempt(key: string): void {
    this.#targets.get(key)?.onAttempt()
  }

  /** Forgets all targets and their timers. */
  close(): void {
    for (const key of this.#targets.keys()) this.drop(key)
  }

  #wallOf(monotonicMs: number | undefined): number | null {
    const { clock } = this.#context
    return monotonicMs === undefined ? null : Math.round(clock.wallMs() + monotonicMs - clock.nowMs())
  }
}

function missOf(error: ProbeError): Miss {
  if (error.kind === 'refused') return { kind: 'refused', detail: 'connection refused' }
  if (error.kind === 'tls') return { kind: 'tls', detail: error.detail }
  return { kind: 'transport', detail: error.detail === '' ? error.kind : error.detail }
}
