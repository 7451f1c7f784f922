// RFC 3261 table 4 and RFC 6026 section 8: the timers of the four transactions, and the one rule about reliable
// transports. Timer C belongs to the call (it rings), not to a transaction.
import type { Clock } from '../base/clock.ts'
import type { Timer, TimerOwner, Timers } from '../base/timers.ts'

export const t1Ms = 500
export const t2Ms = 4_000
export const t4Ms = 5_000

interface TimerRule {
  readonly ms: number
  /** Over TCP and TLS: runs all the same, is never started, or fires at once (RFC 3261 17.1 and 17.2). */
  readonly reliable: 'same' | 'never' | 'zero'
  /** Doubling stops here; only timers that retransmit are doubled. */
  readonly doubleMaxMs: number
}

const once = (ms: number, reliable: TimerRule['reliable']): TimerRule => ({ ms, reliable, doubleMaxMs: ms })
const repeated = (doubleMaxMs: number): TimerRule => ({ ms: t1Ms, reliable: 'never', doubleMaxMs })

const rules = {
  timerA: repeated(Number.POSITIVE_INFINITY),
  timerB: once(64 * t1Ms, 'same'),
  timerD: once(32_000, 'zero'),
  timerE: repeated(t2Ms),
  timerF: once(64 * t1Ms, 'same'),
  timerG: repeated(t2Ms),
  timerH: once(64 * t1Ms, 'same'),
  timerI: once(t4Ms, 'zero'),
  timerJ: once(64 * t1Ms, 'zero'),
  timerK: once(t4Ms, 'zero'),
  timerL: once(64 * t1Ms, 'same'),
  timerM: once(64 * t1Ms, 'same'),
} as const satisfies Record<string, TimerRule>

export type TimerName = keyof typeof rules
type RepeatedTimer = 'timerA' | 'timerE' | 'timerG'
export type TimerAction = `start ${TimerName}` | `stop ${TimerName}` | `double ${RepeatedTimer}` | 'timerE at T2'

const names = Object.keys(rules) as TimerName[]

interface Order {
  readonly verb: 'start' | 'stop' | 'double' | 'T2'
  readonly kind: number
  readonly rule: TimerRule
}

const orders = new Map<string, Order>([
  ['timerE at T2', { verb: 'T2', kind: names.indexOf('timerE'), rule: rules.timerE }],
])
for (const [kind, name] of names.entries())
  for (const verb of ['start', 'stop', 'double'] as const)
    orders.set(`${verb} ${name}`, { verb, kind, rule: rules[name] })

export const isTimerAction = (action: string): action is TimerAction => orders.has(action)

/** The timer's name, which is also the event that it is for the machine. */
export const timerName = (kind: number): TimerName => names[kind] as TimerName

/** The at most two timers of one transaction: the one that retransmits (A, E, G) and the one that ends a state. */
export class TransactionTimers {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #owner: TimerOwner
  /** TCP or TLS. */
  readonly reliable: boolean
  #repeat: Timer | undefined
  #repeatMs = 0
  #end: Timer | undefined
  #zero: TimerName | undefined

  constructor(context: { readonly clock: Clock; readonly timers: Timers }, owner: TimerOwner, reliable: boolean) {
    this.#clock = context.clock
    this.#timers = context.timers
    this.#owner = owner
    this.reliable = reliable
  }

  perform(action: TimerAction): void {
    const { verb, kind, rule } = orders.get(action) as Order
    const repeats = rule.reliable === 'never'
    if (verb === 'stop') this.#stop(repeats)
    else if (!repeats) this.#startEnd(kind, rule)
    else if (verb === 'start') this.#startRepeat(kind, rule.ms)
    else this.#startRepeat(kind, verb === 'T2' ? t2Ms : Math.min(2 * this.#repeatMs, rule.doubleMaxMs))
  }

  /** The timer that was started with zero and therefore fires now; asked once after each transition. */
  takeZero(): TimerName | undefined {
    const zero = this.#zero
    this.#zero = undefined
    return zero
  }

  stopRepeat(): void {
    this.#stop(true)
  }

  get endRuns(): boolean {
    return this.#end !== undefined
  }

  stopAll(): void {
    this.#stop(true)
    this.#stop(false)
    this.#zero = undefined
  }

  #stop(repeats: boolean): void {
    this.#timers.stop(repeats ? this.#repeat : this.#end)
    if (repeats) this.#repeat = undefined
    else this.#end = undefined
  }

  #startRepeat(kind: number, ms: number): void {
    if (this.reliable) return
    this.#repeatMs = ms
    this.#timers.stop(this.#repeat)
    this.#repeat = this.#timers.start(this.#clock.nowMs(), ms, this.#owner, kind)
  }

  #startEnd(kind: number, rule: TimerRule): void {
    this.#timers.stop(this.#end)
    this.#end = undefined
    if (this.reliable && rule.reliable === 'zero') this.#zero = timerName(kind)
    else this.#end = this.#timers.start(this.#clock.nowMs(), rule.ms, this.#owner, kind)
  }
}
