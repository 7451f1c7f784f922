// What `npm run bench` can be told: `npm run bench -- --quick --only=cpu,lookup`.
import { parseArgs } from 'node:util'

export const parts = ['cpu', 'rate', 'memory', 'lookup', 'enumeration'] as const
export type Part = (typeof parts)[number]

export interface BenchOptions {
  /** Short runs for a first look: nothing is published. */
  readonly quick: boolean
  readonly only: readonly Part[]
  readonly callsPerSecond: number
  readonly windowSeconds: number
  /** Covers the 32 s for which finished transactions linger, and the warming of compiled code. */
  readonly warmSeconds: number
  readonly rounds: number
  readonly holdMs: number
  readonly heldCalls: number
  /** Pause after which only the calls themselves are left, not the transactions of their set-up. */
  readonly lingerSeconds: number
  readonly lookupEntries: number
  /** Window of one step of the search for the highest rate. */
  readonly stepSeconds: number
  readonly rateMax: number
}

export const usage = `npm run bench -- [options]
  --quick            short runs, nothing is published
  --only=LIST        some of ${parts.join(',')}
  --rate=N           calls per second of the CPU comparison (default 1200)
  --window=SECONDS   measured window of one run (default 30)
  --warm=SECONDS     load before the window (default 33)
  --rounds=N         rounds of tollgate, kamailio, kamailio, tollgate (default 2)`

const numberOf = (text: string | undefined, fallback: number): number => {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new Error(`"${text}" is no number above 0`)
  return value
}

export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rate: { type: 'string' },
      window: { type: 'string' },
      warm: { type: 'string' },
      rounds: { type: 'string' },
    },
  })
  const quick = values.quick
  const only = values.only?.split(',') ?? parts
  const unknown = only.find((name) => !parts.some((part) => part === name))
  if (unknown !== undefined) throw new Error(`"${unknown}" is not one of ${parts.join(', ')}`)
  return {
    quick,
    only: parts.filter((part) => only.includes(part)),
    callsPerSecond: numberOf(values.rate, quick ? 600 : 1_200),
    windowSeconds: numberOf(values.window, quick ? 8 : 30),
    warmSeconds: numberOf(values.warm, quick ? 5 : 33),
    rounds: numberOf(values.rounds, quick ? 1 : 2),
    holdMs: 200,
    heldCalls: quick ? 2_000 : 10_000,
    lingerSeconds: quick ? 5 : 40,
    lookupEntries: quick ? 100_000 : 1_000_000,
    stepSeconds: quick ? 4 : 10,
    rateMax: 20_000,
  }
}
