// The use of one scope: its leases, the times of its latest calls, its peaks. Keyed by a stable id, so that it survives every
// change of the directory.
import { SlidingLog } from './sliding-log.ts'
import type { Permit } from './verdict.ts'

export type LimitScope = 'system' | 'account' | 'endpoint' | 'sipUser' | 'route'

/** Calls per second are counted in windows of this length. */
export const windowMs = 1_000

/** Peaks since they were taken last; `breaches` = calls that a limit of this scope turned away. */
export interface PeakUse {
  readonly scope: 'system' | 'account' | 'endpoint'
  readonly id: string
  readonly channelsPeak: number
  readonly callsPerSecondPeak: number
  readonly breaches: number
}

/** What a scope is asked for, as its row says it. */
export interface ScopeRow {
  readonly scope: LimitScope
  readonly id: string
  readonly name: string
  readonly channelsMax: number
  readonly callsPerSecondMax: number
}

export class Counter {
  readonly scope: LimitScope
  readonly id: string
  readonly leases = new Set<Lease>()
  readonly log = new SlidingLog()
  name = ''
  channelsMax = 0
  callsPerSecondMax = 0
  channelsPeak = 0
  callsPerSecondPeak = 0
  breaches = 0
  #revision = -1

  constructor(scope: LimitScope, id: string) {
    this.scope = scope
    this.id = id
  }

  /** A call was admitted, and its lease is among the leases. */
  noteUse(nowMs: number): void {
    this.log.add(nowMs)
    this.channelsPeak = Math.max(this.channelsPeak, this.leases.size)
    this.callsPerSecondPeak = Math.max(this.callsPerSecondPeak, this.log.countSince(nowMs, windowMs))
  }

  /** Nothing runs, and nothing is left to tell. */
  get isIdle(): boolean {
    return this.leases.size === 0 && this.channelsPeak === 0 && this.breaches === 0
  }

  /** Starts anew with what is in use now. */
  takePeaks(): Pick<PeakUse, 'channelsPeak' | 'callsPerSecondPeak' | 'breaches'> {
    const { channelsPeak, callsPerSecondPeak, breaches } = this
    this.channelsPeak = this.leases.size
    this.callsPerSecondPeak = this.breaches = 0
    return { channelsPeak, callsPerSecondPeak, breaches }
  }

  /** A call that was admitted under an older directory must not bring its old limits back. */
  update(row: Omit<ScopeRow, 'scope' | 'id'>, revision: number): this {
    if (revision < this.#revision) return this
    this.#revision = revision
    this.name = row.name
    this.channelsMax = row.channelsMax
    this.callsPerSecondMax = row.callsPerSecondMax
    return this
  }
}

/** Room in several scopes, taken together for one call or one attempt. */
export class Lease implements Permit {
  readonly callId: string
  /** The last look found no call behind it. */
  doubted = false
  readonly #counters: readonly Counter[]

  constructor(callId: string, counters: readonly Counter[]) {
    this.callId = callId
    this.#counters = counters
    for (const counter of counters) counter.leases.add(this)
  }

  release(): void {
    for (const counter of this.#counters) counter.leases.delete(this)
  }
}

/** A call may hold several leases of one scope while an attempt that was given up still rings. */
export function callIdsOf(counter: Counter | undefined, most: number): string[] {
  const ids = new Set<string>()
  for (const { callId } of counter?.leases ?? []) {
    if (ids.size === most) break
    ids.add(callId)
  }
  return [...ids]
}
