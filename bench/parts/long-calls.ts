// CPU per call when calls last 30 s: 18,000 of them live at 600 calls/s. The same rate with short calls is in cpu.ts.
import { withBed } from '../bed.ts'
import type { Part } from '../part.ts'
import { count, medianRow, twoTurns } from '../rounds.ts'
import type { Measured } from '../rounds.ts'
import { measureWindows } from '../window.ts'
import type { Window } from '../window.ts'

const holdSeconds = 30
const rate = 600

export const longCallsPart: Part = {
  name: 'long-calls',
  about: 'CPU per call with 30 s calls',
  limitSeconds: ({ rounds, warmSeconds, windowSeconds }) =>
    rounds * 2 * (holdSeconds + warmSeconds + windowSeconds + 90),
  measure: async ({ rounds, warmSeconds, windowSeconds, shrink, net }) => {
    const callsPerSecond = rate / shrink
    const holdMs = (holdSeconds * 1_000) / shrink
    const settleSeconds = holdMs / 1_000 + Math.max(3, warmSeconds - holdSeconds)
    const runs: (Window & Measured & { readonly round: number })[] = []
    for (const { round, name } of twoTurns(rounds)) {
      const steps = [{ callsPerSecond, holdMs, settleSeconds, windowSeconds }]
      const windows = await withBed(name, { net }, (bed) => measureWindows(bed.traffic, steps, bed))
      runs.push(...windows.map((window) => ({ ...window, round, name })))
      console.log(
        `  round ${round}  ${name.padEnd(9)} ${windows[0]?.cpuPerCall.toFixed(1)} us/call ${windows[0]?.invalid ?? ''}`,
      )
    }
    const live = count((callsPerSecond * holdMs) / 1_000)
    const what = `CPU per call at ${count(callsPerSecond)} calls/s, ${holdMs / 1_000} s calls (${live} live)`
    return {
      rows: [medianRow({ what, unit: 'us' }, runs, (run) => run.cpuPerCall)],
      invalid: runs.flatMap((run) => (run.invalid === null ? [] : [`round ${run.round}, ${run.name}: ${run.invalid}`])),
      figures: runs,
    }
  },
}
