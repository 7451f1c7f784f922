// The highest rate before the first retransmission or failure, and what becomes of 1, 2 and 5 times as many calls: how many are
// still carried, whether calls that are up can still be ended, and how long it takes until everything is normal again. After each
// rate that was too high a new contestant is started.
import { withBed } from '../bed.ts'
import type { Bed } from '../bed.ts'
import { findHighestRate } from '../bisect.ts'
import type { Search, SearchOptions, Trial } from '../bisect.ts'
import { flood, floodRows } from '../flood.ts'
import type { Flood } from '../flood.ts'
import type { ContestantName } from '../contestants.ts'
import type { BenchOptions } from '../options.ts'
import type { Part } from '../part.ts'
import { droppedAt } from '../processes.ts'
import { medianRow, twoTurns } from '../rounds.ts'
import type { Measured } from '../rounds.ts'
import { flaws } from '../generator/counts.ts'
import { flawOf, generatorFault, generatorShareMax } from '../window.ts'

const holdMs = 200
const callers = 4
/** Lets the generator go beyond what the contestants carry. */
const pauseMs = 1
const times = [1, 2, 5]
const search: SearchOptions = { from: 1_500, precision: 0.05, trialSeconds: 3, confirmSeconds: 6 }
/** After each start: most of what is compiled while it runs is compiled then. */
const warm = { callsPerSecond: 1_500, seconds: 25 }

interface Run extends Measured {
  readonly round: number
  readonly search: Search
  readonly floods: readonly Flood[]
}

interface Turn {
  readonly name: ContestantName
  readonly round: number
}

/** A contestant for one trial after another, until one was too much for it: what that left behind says nothing of the next rate. */
class Stand {
  readonly #name: ContestantName
  readonly #options: BenchOptions
  #bed: Bed | undefined
  #leave: (() => void) | undefined
  #left: Promise<void> | undefined

  constructor(name: ContestantName, options: BenchOptions) {
    this.#name = name
    this.#options = options
  }

  /** Warmed up. */
  async bed(): Promise<Bed> {
    const { net, shrink, warmSeconds } = this.#options
    this.#bed ??= await new Promise<Bed>((resolve, reject) => {
      this.#left = withBed(this.#name, { net, callers, pauseMs }, async (bed) => {
        const phase = {
          callsPerSecond: warm.callsPerSecond / shrink,
          holdMs,
          seconds: Math.min(warm.seconds, warmSeconds),
        }
        await bed.traffic.run({ phases: [phase], drainSeconds: 5, stopAtFlaw: false, calmSeconds: 0 })
        const leaving = new Promise<void>((leave) => {
          this.#leave = leave
        })
        resolve(bed)
        await leaving
      })
      this.#left.catch(reject)
    })
    return this.#bed
  }

  /** The next one that is asked for is new. */
  async clear(): Promise<void> {
    this.#bed = undefined
    this.#leave?.()
    await this.#left
  }
}

/** One trial: the calls stop at the first flaw. */
async function attempt(bed: Bed, callsPerSecond: number, seconds: number): Promise<Trial> {
  const before = droppedAt(bed.net)
  const phases = [{ callsPerSecond, holdMs, seconds }]
  const { phases: results } = await bed.traffic.run({ phases, drainSeconds: 5, stopAtFlaw: true, calmSeconds: 0 })
  const [phase] = results
  if (phase === undefined) throw new Error('no phase')
  const flaw = flawOf(phase, droppedAt(bed.net) - before)
  const share = `${Math.round(phase.generatorShare * 100)} % of the generator's processor`
  console.log(`    ${callsPerSecond} calls/s: ${flaw ?? 'carried'}, p99 ${phase.setUp.p99Us} us, ${share}`)
  // A trial that stopped at its first flaw has offered fewer calls than planned for that reason.
  const isStopped = flaws.some((name) => phase[name] > 0)
  const isGenerator = isStopped ? phase.generatorShare > generatorShareMax : generatorFault(phase) !== undefined
  return { callsPerSecond, seconds, flaw, isGenerator }
}

async function measure({ name, round }: Turn, options: BenchOptions): Promise<Run> {
  const { shrink } = options
  console.log(`  round ${round}  ${name}`)
  const stand = new Stand(name, options)
  try {
    const tryRate = async (rate: number, seconds: number): Promise<Trial> => {
      const trial = await attempt(await stand.bed(), rate, seconds)
      if (trial.flaw !== undefined) await stand.clear()
      return trial
    }
    const found = await findHighestRate(tryRate, {
      ...search,
      from: search.from / shrink,
      trialSeconds: search.trialSeconds / Math.min(2, shrink),
      confirmSeconds: search.confirmSeconds / Math.min(4, shrink),
    })
    const floods: Flood[] = []
    for (const factor of found.callsPerSecond === 0 ? [] : times) {
      floods.push(await flood(await stand.bed(), found.callsPerSecond, { factor, shrink }))
      await stand.clear()
    }
    const invalid = found.callsPerSecond === 0 ? 'no rate was carried without a flaw' : null
    return { name, round, search: found, floods, invalid }
  } finally {
    await stand.clear()
  }
}

function limitNotes(run: Run): string[] {
  const start = `round ${run.round}, ${run.name}`
  return [
    ...(run.invalid === null ? [] : [`${start}: ${run.invalid}`]),
    ...(run.search.isGeneratorLimit
      ? [
          `${start}: the search ended at the generator's limit, the contestant may carry more than ${run.search.callsPerSecond} calls/s`,
        ]
      : []),
    ...run.floods.flatMap(({ factor, notMeasured }) =>
      notMeasured === null ? [] : [`${start}, ${factor} times the highest rate: ${notMeasured}`],
    ),
  ]
}

export const capacityPart: Part = {
  name: 'capacity',
  about: 'highest clean rate, then 1, 2 and 5 times as many calls',
  limitSeconds: ({ rounds }) => rounds * 2 * 900,
  measure: async (options) => {
    const runs: Run[] = []
    for (const turn of twoTurns(options.rounds)) runs.push(await measure(turn, options))
    const about = {
      what: 'highest rate before the first retransmission or failure',
      unit: 'calls/s',
      target: { of: 'ratio', atLeast: 2 },
    } as const
    return {
      rows: [
        medianRow(about, runs, (run) => run.search.callsPerSecond),
        ...times.flatMap((factor) =>
          floodRows(
            factor,
            runs.flatMap((run) =>
              run.floods.filter((one) => one.factor === factor).map((one) => ({ ...one, name: run.name })),
            ),
          ),
        ),
      ],
      invalid: runs.flatMap(limitNotes),
      figures: runs,
    }
  },
}
