// The use of one scope: how many leases hold it, the times of its latest calls, its peaks. Keyed by a stable id, so that it survives every
// change of the directory. Where several threads count together, it lies in the memory that they share.
import { slotAt } from './shared-book.ts'
import type { SharedBook } from './shared-book.ts'
import { SlidingLog } from './sliding-log.ts'
import type { CallLog } from './sliding-log.ts'

export type LimitScope = 'system' | 'account' | 'endpoint' | 'sipUser' | 'route'

/** Calls per second are counted in windows of this length. */
export const windowMs = 1_000

/** Peaks since they were taken last; `breaches` = calls that a limit of this scope turned away. */
export interface PeakUse {
  readonly scope: 'system' | 'account' | 'endpoint' | 'sipUser'
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
  readonly log: CallLog
  name = ''
  channelsMax = 0
  callsPerSecondMax = 0
  readonly #shared: SharedUse | undefined
  /** Channels taken by this thread. */
  #held = 0
  #channelsPeak = 0
  #callsPerSecondPeak = 0
  #breaches = 0
  #revision = -1

  constructor(scope: LimitScope, id: string, book?: SharedBook) {
    this.scope = scope
    this.id = id
    this.#shared = book === undefined ? undefined : { book, slot: book.slotOf(scope, id) }
    this.log = this.#shared?.book.logOf(this.#shared.slot) ?? new SlidingLog()
  }

  /** Channels taken, by all threads. */
  get used(): number {
    return this.#shared === undefined ? this.#held : this.#shared.book.get(this.#shared.slot, slotAt.channels)
  }

  take(): void {
    this.#held += 1
    this.#shared?.book.add(this.#shared.slot, slotAt.channels, 1)
  }

  giveBack(): void {
    this.#held -= 1
    this.#shared?.book.add(this.#shared.slot, slotAt.channels, -1)
  }

  /** A limit of this scope turned a call away. */
  noteBreach(): void {
    if (this.#shared === undefined) this.#breaches += 1
    else this.#shared.book.add(this.#shared.slot, slotAt.breaches, 1)
  }

  /** A call was admitted, and holds its channel. */
  noteUse(nowMs: number): void {
    this.log.add(nowMs)
    const perSecond = this.log.countSince(nowMs, windowMs)
    if (this.#shared !== undefined) return notePeaks(this.#shared, this.used, perSecond)
    this.#channelsPeak = Math.max(this.#channelsPeak, this.#held)
    this.#callsPerSecondPeak = Math.max(this.#callsPerSecondPeak, perSecond)
  }

  /** Nothing runs, and nothing is left to tell. What is shared is never forgotten. */
  get isIdle(): boolean {
    return this.#shared === undefined && this.#held === 0 && this.#channelsPeak === 0 && this.#breaches === 0
  }

  /** Starts anew with what is in use now. */
  takePeaks(): Pick<PeakUse, 'channelsPeak' | 'callsPerSecondPeak' | 'breaches'> {
    if (this.#shared !== undefined) return takeSharedPeaks(this.#shared)
    const peaks = {
      channelsPeak: this.#channelsPeak,
      callsPerSecondPeak: this.#callsPerSecondPeak,
      breaches: this.#breaches,
    }
    this.#channelsPeak = this.#held
    this.#callsPerSecondPeak = this.#breaches = 0
    return peaks
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

interface SharedUse {
  readonly book: SharedBook
  readonly slot: number
}

/** Under the lock. */
function notePeaks({ book, slot }: SharedUse, channels: number, perSecond: number): void {
  book.set(slot, slotAt.channelsPeak, Math.max(book.get(slot, slotAt.channelsPeak), channels))
  book.set(slot, slotAt.ratePeak, Math.max(book.get(slot, slotAt.ratePeak), perSecond))
}

/** Under the lock. */
function takeSharedPeaks({ book, slot }: SharedUse): ReturnType<Counter['takePeaks']> {
  const [channelsPeak, callsPerSecondPeak, breaches] = [slotAt.channelsPeak, slotAt.ratePeak, slotAt.breaches].map(
    (field) => book.get(slot, field),
  ) as [number, number, number]
  book.set(slot, slotAt.channelsPeak, book.get(slot, slotAt.channels))
  book.set(slot, slotAt.ratePeak, 0)
  book.set(slot, slotAt.breaches, 0)
  return { channelsPeak, callsPerSecondPeak, breaches }
}
