// The highest rate before the first retransmission or failure, and what becomes of 1, 2 and 5 times as many calls: how many are
// still carried, whether calls that are up can still be ended, and how long it takes until everything is normal again.
import { withBed } from '../bed.ts'
import type { Bed } from '../bed.ts'
import { findHighestRate } from '../bisect.ts'
import type { Search, SearchOptions, Trial } from '../bisect.ts'
import { flood, floodRows } from '../flood.ts'
import type { Flood } from '../flood.ts'
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
const warmRate = 1_000
const times = [1, 2, 5]
const search: SearchOptions = { from: 1_500, precision: 0.05, trialSeconds: 3, confirmSeconds: 6 }
/** After a rate that failed: what it left behind would make the next one fail, too. */
const rest = { callsPerSecond: 200, seconds: 30, calmSeconds: 2 }

interface Run extends Measured {
  readonly round: number
  readonly search: Search
  readonly floods: readonly Flood[]
}

/** A low rate until it is carried without a flaw. */
async function recover(bed: Bed): Promise<void> {
  const { callsPerSecond, seconds, calmSeconds } = rest
  await bed.traffic.run({
    phases: [{ callsPerSecond, holdMs, seconds }],
    drainSeconds: 5,
    stopAtFlaw: false,
    calmSeconds,
  })
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
  if (flaw !== undefined) await recover(bed)
  // A trial that stopped at its first flaw has offered fewer calls than planned for that reason.
  const isStopped = flaws.some((name) => phase[name] > 0)
  const isGenerator = isStopped ? phase.generatorShare > generatorShareMax : generatorFault(phase) !== undefined
  return { callsPerSecond, seconds, flaw, isGenerator }
}

async function measure(bed: Bed, options: { round: number; shrink: number; warmSeconds: number }): Promise<Run> {
  const { round, shrink, warmSeconds } = options
  console.log(`  round ${round}  ${bed.name}`)
  const warm = { callsPerSecond: warmRate / shrink, holdMs, seconds: Math.min(15, warmSeconds) }
  await bed.traffic.run({ phases: [warm], drainSeconds: 5, stopAtFlaw: false, calmSeconds: 0 })
  const seconds = {
    trialSeconds: search.trialSeconds / Math.min(2, shrink),
    confirmSeconds: search.confirmSeconds / Math.min(4, shrink),
  }
  const found = await findHighestRate((rate, length) => attempt(bed, rate, length), {
    ...search,
    ...seconds,
    from: search.from / shrink,
  })
  const floods: Flood[] = []
  for (const factor of found.callsPerSecond === 0 ? [] : times)
    floods.push(await flood(bed, found.callsPerSecond, { factor, shrink }))
  const invalid = found.callsPerSecond === 0 ? 'no rate was carried without a flaw' : null
  return { name: bed.name, round, search: found, floods, invalid }
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
  limitSeconds: ({ rounds }) => rounds * 2 * 480,
  measure: async ({ rounds, warmSeconds, shrink, net }) => {
    const runs: Run[] = []
    for (const { round, name } of twoTurns(rounds))
      runs.push(await withBed(name, { net, callers, pauseMs }, (bed) => measure(bed, { round, shrink, warmSeconds })))
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
