// Where consecutive failures are kept: on one thread alone, or in the memory that several threads share. What is done with
// them is in backoff.ts.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import { slotAt } from './shared-book.ts'
import type { SharedBook } from './shared-book.ts'

export type FailureScope = 'endpoint' | 'account'

export interface FailureRow {
  readonly failures: number
  /** When an INVITE last went there. */
  readonly attemptedAtMs: number
  /** Calls that were kept away since then. */
  readonly kept: number
}

/** A row exists as long as something failed and nothing succeeded since. */
export interface FailureRows {
  find(scope: FailureScope, id: string): FailureRow | undefined
  /** Everything that failed last: count by id. */
  counts(scope: FailureScope): Map<string, number>
  /** One more; gives how many they are now. */
  add(scope: FailureScope, id: string): number
  /** Gives how many they were. */
  clear(scope: FailureScope, id: string): number
  keep(scope: FailureScope, id: string): void
  attempt(scope: FailureScope, id: string): void
}

type Writable<Row> = { -readonly [Field in keyof Row]: Row[Field] }

export class OwnFailureRows implements FailureRows {
  readonly #clock: Clock
  readonly #rows = {
    endpoint: new Map<string, Writable<FailureRow>>(),
    account: new Map<string, Writable<FailureRow>>(),
  }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  find(scope: FailureScope, id: string): FailureRow | undefined {
    return this.#rows[scope].get(id)
  }

  counts(scope: FailureScope): Map<string, number> {
    return new Map([...this.#rows[scope]].map(([id, { failures }]) => [id, failures]))
  }

  add(scope: FailureScope, id: string): number {
    let row = this.#rows[scope].get(id)
    if (row === undefined) {
      this.#makeRoom(scope)
      row = { failures: 0, attemptedAtMs: this.#clock.nowMs(), kept: 0 }
      this.#rows[scope].set(id, row)
    }
    row.failures += 1
    return row.failures
  }

  /** What was removed from the configuration is never heard of again and goes first. */
  #makeRoom(scope: FailureScope): void {
    const rows = this.#rows[scope]
    const [oldest] = rows.keys()
    if (rows.size >= bound('failureRowsMax') && oldest !== undefined) rows.delete(oldest)
  }

  clear(scope: FailureScope, id: string): number {
    const failures = this.#rows[scope].get(id)?.failures ?? 0
    if (failures > 0) this.#rows[scope].delete(id)
    return failures
  }

  keep(scope: FailureScope, id: string): void {
    const row = this.#rows[scope].get(id)
    if (row !== undefined) row.kept += 1
  }

  attempt(scope: FailureScope, id: string): void {
    const row = this.#rows[scope].get(id)
    if (row === undefined) return
    row.attemptedAtMs = this.#clock.nowMs()
    row.kept = 0
  }
}

export class SharedFailureRows implements FailureRows {
  readonly #clock: Clock
  readonly #book: SharedBook
  readonly #slots = { endpoint: new Map<string, number>(), account: new Map<string, number>() }

  constructor(clock: Clock, book: SharedBook) {
    this.#clock = clock
    this.#book = book
  }

  #slotOf(scope: FailureScope, id: string): number {
    let slot = this.#slots[scope].get(id)
    if (slot === undefined) {
      slot = this.#book.slotOf(scope, id)
      this.#slots[scope].set(id, slot)
    }
    return slot
  }

  find(scope: FailureScope, id: string): FailureRow | undefined {
    const book = this.#book
    const slot = this.#slotOf(scope, id)
    const failures = book.get(slot, slotAt.failures)
    if (failures === 0) return undefined
    return { failures, attemptedAtMs: book.toOwn(book.attemptedAt(slot)), kept: book.get(slot, slotAt.kept) }
  }

  counts(scope: FailureScope): Map<string, number> {
    const book = this.#book
    const counts = new Map<string, number>()
    for (let number = 0; number < book.count; number++) {
      const slot = book.slotAtNumber(number)
      const failures = book.get(slot, slotAt.failures)
      const key = failures === 0 ? '' : book.keyOf(slot)
      if (key.startsWith(`${scope}/`)) counts.set(key.slice(scope.length + 1), failures)
    }
    return counts
  }

  add(scope: FailureScope, id: string): number {
    const book = this.#book
    const slot = this.#slotOf(scope, id)
    if (book.get(slot, slotAt.failures) === 0) this.#begin(slot)
    return book.add(slot, slotAt.failures, 1) + 1
  }

  clear(scope: FailureScope, id: string): number {
    const slot = this.#slotOf(scope, id)
    if (this.#book.get(slot, slotAt.failures) === 0) return 0
    return this.#book.exchange(slot, slotAt.failures, 0)
  }

  keep(scope: FailureScope, id: string): void {
    this.#book.add(this.#slotOf(scope, id), slotAt.kept, 1)
  }

  attempt(scope: FailureScope, id: string): void {
    const slot = this.#slotOf(scope, id)
    if (this.#book.get(slot, slotAt.failures) > 0) this.#begin(slot)
  }

  #begin(slot: number): void {
    this.#book.setAttemptedAt(slot, this.#book.toShared(this.#clock.nowMs()))
    this.#book.set(slot, slotAt.kept, 0)
  }
}
