// What `npm run bench` can be told: `npm run bench -- --quick --only=cpu,lookup`.
import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Names of the parts to run. */
  readonly partNames: readonly string[]
  /** Rounds of tollgate, kamailio, kamailio, tollgate. */
  readonly rounds: number
  /** Measured window of one run. */
  readonly windowSeconds: number
  /** Load before the first window: covers the 32 s for which finished transactions linger, and the compiling of hot code. */
  readonly warmSeconds: number
  /** Everything is divided by it: rates, held calls, entries. 1 in a full run. */
  readonly shrink: number
  /** First two or three numbers of the loopback addresses that are used: `127.0.80`. */
  readonly net: string
}

export const usage = `npm run bench -- [options]
  --quick            a tenth of the rates and short windows; nothing is published
  --only=LIST        some of the parts
  --window=SECONDS   measured window of one run (default 6)
  --warm=SECONDS     load before the first window (default 33)
  --rounds=N         rounds of tollgate, kamailio, kamailio, tollgate (default 2)
  --net=127.0.N      loopback addresses to use (default 127.0.80; the next block is used, too)`

function numberOf(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new Error(`"${text}" is no number above 0`)
  return value
}

function netOf(text: string): string {
  const last = /^127\.0\.(\d{1,3})$/.exec(text)?.[1]
  if (last === undefined || Number(last) > 254) throw new Error(`"${text}" is not of the form 127.0.N`)
  return text
}

/** @param names of all parts there are. */
export function readOptions(args: readonly string[], names: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      window: { type: 'string' },
      warm: { type: 'string' },
      rounds: { type: 'string' },
      net: { type: 'string', default: '127.0.80' },
    },
  })
  const { quick } = values
  const only = values.only?.split(',') ?? names
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`"${unknown}" is not one of ${names.join(', ')}`)
  return {
    partNames: names.filter((name) => only.includes(name)),
    rounds: Math.ceil(numberOf(values.rounds, quick ? 1 : 2)),
    windowSeconds: numberOf(values.window, quick ? 2 : 6),
    warmSeconds: numberOf(values.warm, quick ? 2 : 33),
    shrink: quick ? 10 : 1,
    net: netOf(values.net),
  }
}
