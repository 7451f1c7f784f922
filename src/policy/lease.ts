// Room that calls hold. Each lease knows its place in one list of all, so that taking and giving back allocate nothing that
// outlives them (see base/text-table.ts for what a Set does here).
import type { Counter } from './limit-counter.ts'
import type { Permit } from './verdict.ts'

/** Room in several scopes, taken together for one call or one attempt. Releasing it twice does no harm. */
export class Lease implements Permit {
  readonly callId: string
  readonly counters: readonly Counter[]
  /** The last look found no call behind it. */
  doubted = false
  /** In the list of all; -1 = it was given back. */
  place: number
  readonly #all: Lease[]

  constructor(callId: string, counters: readonly Counter[], all: Lease[]) {
    this.callId = callId
    this.counters = counters
    this.#all = all
    this.place = all.length
    all.push(this)
    for (const counter of counters) counter.take()
  }

  release(): void {
    if (this.place < 0) return
    const last = this.#all.pop() as Lease
    if (last !== this) {
      this.#all[this.place] = last
      last.place = this.place
    }
    this.place = -1
    for (const counter of this.counters) counter.giveBack()
  }
}

/** The calls behind each scope, at most so many of each. A call may hold several leases of one while an attempt that was given up still rings. */
export function callIdsOf(leases: readonly Lease[], most: number): Map<Counter, ReadonlySet<string>> {
  const found = new Map<Counter, Set<string>>()
  for (const { callId, counters } of leases)
    for (const counter of counters) {
      const ids = found.get(counter) ?? new Set()
      if (ids.size < most) found.set(counter, ids.add(callId))
    }
  return found
}
