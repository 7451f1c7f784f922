// CPU per call and added delay of both contestants at the same rates, 200 ms calls: rounds of A B B A. One process carries all
// rates one after the other, so that only the first window needs the long warm-up.
import { withBed } from '../bed.ts'
import { shortCallsLine } from '../gap.ts'
import type { Part, Row, Target } from '../part.ts'
import { count, fourTurns, medianRow } from '../rounds.ts'
import type { Measured } from '../rounds.ts'
import { measureWindows } from '../window.ts'
import type { Step, Window } from '../window.ts'

const holdMs = 200
const settleSeconds = 2
/** The first one comes after the warm-up. */
const rates = [1_200, 300, 600, 2_400, 2_500]
const cpuTargets: Readonly<Record<number, Target>> = { 1_200: { of: 'ratio', atMost: 0.6 } }
const noSlower: Target = { of: 'ratio', atMost: 1 }

type Run = Window & Measured & { readonly round: number }

export const cpuPart: Part = {
  name: 'cpu',
  about: `CPU per call and added delay at ${rates.toSorted((a, b) => a - b).join(', ')} calls/s`,
  limitSeconds: ({ rounds, warmSeconds, windowSeconds }) =>
    rounds * 4 * (warmSeconds + rates.length * (windowSeconds + settleSeconds) + 90),
  measure: async ({ rounds, warmSeconds, windowSeconds, shrink, net }) => {
    const steps = rates.map((rate, i): Step => ({
      callsPerSecond: rate / shrink,
      holdMs,
      settleSeconds: i === 0 ? warmSeconds : settleSeconds,
      windowSeconds,
    }))
    const runs: Run[] = []
    for (const { round, name } of fourTurns(rounds)) {
      const windows = await withBed(name, { net }, (bed) => measureWindows(bed.traffic, steps, bed))
      runs.push(...windows.map((window) => ({ ...window, round, name })))
      const figures = windows.map(
        (one) => `${one.callsPerSecond}/s ${one.cpuPerCall.toFixed(1)}${one.invalid ? '!' : ''}`,
      )
      console.log(`  round ${round}  ${name.padEnd(9)} us/call: ${figures.join('  ')}`)
    }
    const at = (rate: number): Run[] => runs.filter((run) => run.callsPerSecond === rate / shrink)
    const cpuRow = (rate: number): Row => {
      const target = cpuTargets[rate]
      const about = { what: shortCallsLine(rate / shrink), unit: 'us' }
      return medianRow({ ...about, ...(target && { target }) }, at(rate), (run) => run.cpuPerCall)
    }
    const delayRows = (rate: number): Row[] => {
      const timed = at(rate).map((run) => ({ ...run, invalid: run.delayInvalid }))
      const what = `added delay at ${count(rate / shrink)} calls/s`
      return [
        medianRow({ what: `${what}, p50`, unit: 'us' }, timed, (run) => run.added.p50Us),
        medianRow({ what: `${what}, p99`, unit: 'us', target: noSlower }, timed, (run) => run.added.p99Us),
      ]
    }
    return {
      rows: [...[300, 600, 1_200, 2_500].map(cpuRow), ...[600, 1_200, 2_400].flatMap(delayRows)],
      invalid: runs.flatMap((run) =>
        run.delayInvalid === null
          ? []
          : [
              `round ${run.round}, ${run.name}, ${count(run.callsPerSecond)} calls/s: ${run.invalid ?? `delays: ${run.delayInvalid}`}`,
            ],
      ),
      figures: runs,
    }
  },
}
