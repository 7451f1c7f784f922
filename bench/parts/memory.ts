// Memory per live call: 20,000 calls with session descriptions of 1,000 bytes are held at once by both contestants, side by side
// (memory does not depend on who runs when), and then ended. They share a processor: one begins and ends its calls while the
// other's are only held. Kamailio's is that of its process tree; Tollgate's
// is given twice, as process tree and as live bytes of the signalling thread.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withBed } from '../bed.ts'
import type { Bed } from '../bed.ts'
import type { ContestantName } from '../contestants.ts'
import { observationFile, observing, signallingLines } from '../observations.ts'
import type { Part, Row } from '../part.ts'
import { memoryBytes, wait } from '../processes.ts'
import { count } from '../rounds.ts'
import { flawOf } from '../window.ts'

const heldCalls = 20_000
/** Less than the 32 s for which transactions linger. */
const setUpSeconds = 25
const sdpBytes = 1_000
/** After it only calls are left, not the transactions of their set-up. */
const lingerSeconds = 34
/** The second contestant begins so much later. */
const laterMs = (setUpSeconds + 2) * 1_000
/** The observer writes a line every four seconds. */
const lineMs = 5_000

/** Bytes of the process tree at four moments. */
interface Moments {
  readonly before: number
  readonly atOnce: number
  readonly later: number
  readonly after: number
}

interface Run {
  readonly name: ContestantName
  readonly calls: number
  readonly processes: Moments
  /** Live bytes of the signalling thread. */
  readonly thread: Moments | null
  readonly invalid: string | null
}

async function hold(bed: Bed, scale: { calls: number; lingerMs: number }, file: string): Promise<Run> {
  const { traffic, session, name } = bed
  const { calls, lingerMs } = scale
  const rate = calls / setUpSeconds
  const load = { drainSeconds: 10, stopAtFlaw: false, calmSeconds: 0 }
  // The first calls make a process grow for reasons of its own (compiled code). They are few, because memory that they leave
  // behind would be used again by the calls that are counted.
  const warm = { callsPerSecond: rate / 2, seconds: 5, holdMs: 200 }
  await traffic.run({ ...load, phases: [warm] })
  await wait(lingerMs)
  const times: number[] = []
  const look = (): number => {
    times.push(Date.now())
    return memoryBytes(session)
  }
  const before = look()
  const setUpMs = (calls / rate) * 1_000
  const holdMs = setUpMs + lingerMs + lineMs + 2_000
  const running = traffic.run({
    ...load,
    drainSeconds: holdMs / 1_000 + 15,
    phases: [{ callsPerSecond: rate, seconds: setUpMs / 1_000, holdMs }],
  })
  await wait(setUpMs + 1_500)
  const atOnce = look()
  await wait(lingerMs)
  const later = look()
  const result = await running
  await wait(lingerMs)
  const after = look()
  await wait(lineMs)
  const [phase] = result.phases
  const flaw = phase === undefined ? 'no result' : flawOf(phase, 0)
  return {
    name,
    calls,
    processes: { before, atOnce, later, after },
    thread: threadAt(name, file, times),
    invalid: flaw ?? null,
  }
}

/** The first line of the observer after each moment. */
function threadAt(name: ContestantName, file: string, times: readonly number[]): Moments | null {
  if (name === 'kamailio') return null
  const sizes = times.map((at) => signallingLines(file, at, at + lineMs).at(0)?.heapBytes ?? Number.NaN)
  const [before = 0, atOnce = 0, later = 0, after = 0] = sizes
  return { before, atOnce, later, after }
}

export const memoryPart: Part = {
  name: 'memory',
  about: `memory, ${count(heldCalls)} calls held, both contestants side by side`,
  limitSeconds: () => 360,
  measure: async ({ shrink, net }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'))
    const file = observationFile(folder)
    const scale = { calls: heldCalls / shrink, lingerMs: (lingerSeconds * 1_000) / Math.min(10, shrink) }
    const parts = net.split('.')
    const other = [...parts.slice(0, -1), Number(parts.at(-1)) + 1].join('.')
    try {
      const [ours, theirs] = await Promise.all([
        withBed('tollgate', { net, sdpBytes, ...observing(file, true) }, (bed) => hold(bed, scale, file)),
        withBed('kamailio', { net: other, sdpBytes }, async (bed) => {
          await wait(laterMs)
          return hold(bed, scale, file)
        }),
      ])
      return {
        rows: rowsOf(ours, theirs),
        invalid: [ours, theirs].flatMap(({ name, invalid }) => (invalid === null ? [] : [`${name}: ${invalid}`])),
        figures: [ours, theirs],
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function rowsOf(ours: Run, theirs: Run): Row[] {
  type Choose = (moments: Moments) => number
  const perCall = (run: Run, moments: Moments | null, pick: Choose): number | string | null => {
    if (run.invalid !== null) return 'no valid run'
    return moments === null ? null : Math.round((pick(moments) - moments.before) / run.calls)
  }
  const held = `${count(ours.calls)} live calls`
  const row = (what: string, pick: Choose): Row => ({
    what: `memory of the processes per call, ${held}, ${what}`,
    unit: 'bytes',
    tollgate: perCall(ours, ours.processes, pick),
    kamailio: perCall(theirs, theirs.processes, pick),
  })
  const inside = (what: string, tollgate: Row['tollgate'], rest: Rest = {}): Row => ({
    what,
    unit: 'bytes',
    tollgate,
    kamailio: null,
    ...rest,
  })
  const { thread } = ours
  return [
    row('while their transactions linger', (moments) => moments.atOnce),
    row('calls alone', (moments) => moments.later),
    row('after they have ended', (moments) => moments.after),
    inside(
      `live bytes of the signalling thread per call, ${held}, calls alone`,
      perCall(ours, thread, (moments) => moments.later),
      {
        target: { of: 'tollgate', atMost: 4_096 },
      },
    ),
    inside(
      '... of the transactions that linger',
      perCall(ours, thread, (moments) => moments.atOnce - moments.later + moments.before),
    ),
    inside(
      'live bytes of the signalling thread after all calls, divided by those before',
      thread === null ? null : thread.after / thread.before,
      {
        unit: '',
        target: { of: 'tollgate', atMost: 1.05 },
      },
    ),
  ]
}

type Rest = Partial<Pick<Row, 'unit' | 'target'>>
