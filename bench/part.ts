// What a part of the benchmark is, and what it hands back. A part runs in a process of its own (one-part.ts), so that none
// disturbs the next and each can be ended when its time is over.
import type { BenchOptions } from './options.ts'

/** What must be reached: of the ratio, or of Tollgate's own figure. */
export interface Target {
  readonly of: 'ratio' | 'tollgate'
  readonly atMost?: number
  readonly atLeast?: number
}

/** One line of the table. A text stands where there is no figure, and says why: `not measured`. */
export interface Row {
  readonly what: string
  readonly unit: string
  readonly tollgate: number | string | null
  readonly kamailio: number | string | null
  readonly target?: Target
}

export interface PartResult {
  readonly rows: readonly Row[]
  /** Runs that do not count, and why. */
  readonly invalid: readonly string[]
  /** Everything that was measured, for the JSON. */
  readonly figures: unknown
}

export interface Part {
  readonly name: string
  /** One line for the terminal. */
  readonly about: string
  /** The part is ended after this time, whatever it does. */
  readonly limitSeconds: (options: BenchOptions) => number
  readonly measure: (options: BenchOptions) => Promise<PartResult>
}
