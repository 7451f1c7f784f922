// Garbage per message and the longest pause of Tollgate's signalling thread, looked at from inside (observe.ts) while it carries
// calls. Kamailio has neither.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withBed } from '../bed.ts'
import { observationFile, observing, signallingLines } from '../observations.ts'
import type { Observation } from '../observe.ts'
import type { Part, Row } from '../part.ts'
import { count } from '../rounds.ts'
import { flawOf } from '../window.ts'

const rate = 2_400
const holdMs = 200
/** Six in, seven out. */
const messagesPerCall = 13
/** A line of the observer covers the second before it. */
const lineMs = 1_100
/** The signalling thread waits so long when there is nothing to do; a look is planned for each millisecond. */
const waitingMs = 4

export const pausesPart: Part = {
  name: 'pauses',
  about: 'garbage per message and longest pause of the signalling thread',
  limitSeconds: ({ warmSeconds, windowSeconds }) => warmSeconds + windowSeconds + 90,
  measure: async ({ warmSeconds, windowSeconds, shrink, net }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'))
    const file = observationFile(folder)
    const callsPerSecond = rate / shrink
    const marks: number[] = []
    try {
      const flaw = await withBed('tollgate', { net, ...observing(file, false) }, async ({ traffic }) => {
        const phases = [
          { callsPerSecond, holdMs, seconds: Math.min(15, warmSeconds) },
          { callsPerSecond, holdMs, seconds: Math.max(4, windowSeconds) },
        ]
        const load = { phases, drainSeconds: 10, stopAtFlaw: false, calmSeconds: 0 }
        const result = await traffic.run(load, () => marks.push(Date.now()))
        const measured = result.phases[1]
        return measured === undefined ? 'no result' : flawOf(measured, 0)
      })
      const [, from = 0, to = 0] = marks
      const lines = signallingLines(file, from + lineMs, to)
      return {
        rows: flaw === undefined ? rowsOf(lines, callsPerSecond) : [],
        invalid: flaw === undefined ? [] : [flaw],
        figures: { lines, flaw: flaw ?? null },
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function rowsOf(lines: readonly Observation[], callsPerSecond: number): Row[] {
  const most = (pick: (line: Observation) => number): number => Math.max(0, ...lines.map(pick))
  const sum = lines.reduce((all, line) => all + line.allocatedBytes, 0)
  const at = `of the signalling thread at ${count(callsPerSecond)} calls/s`
  const row = (what: string, tollgate: number, unit: string): Row => ({ what, unit, tollgate, kamailio: null })
  return [
    row(`garbage ${at}, per message`, sum / lines.length / callsPerSecond / messagesPerCall, 'bytes'),
    row(
      `longest pause ${at}, with up to ${waitingMs} ms of waiting`,
      most((line) => line.pauseMs),
      'ms',
    ),
    row(
      `longest collection of garbage ${at}`,
      most((line) => line.collectMaxMs),
      'ms',
    ),
  ]
}
