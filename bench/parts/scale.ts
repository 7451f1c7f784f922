// The largest edge that is promised, in one process: 1,000,000 configured ranges and 100,000 live calls with session descriptions
// of 1,000 bytes. What counts is the resident memory of the whole process, trace ring and control thread included, and its peak
// since the start, which read the ranges from a declarative file, and through one more change of the configuration.
import { withBed } from '../bed.ts'
import type { Bed } from '../bed.ts'
import { apiKey } from '../contestants.ts'
import type { Part, PartResult, Row } from '../part.ts'
import { placesOf } from '../places.ts'
import { residentMebibytes, wait } from '../processes.ts'
import type { Resident } from '../processes.ts'
import { count } from '../rounds.ts'
import { sourcesOf } from './addresses.ts'

const heldCalls = 100_000
const configuredRanges = 1_000_000
const callsPerSecond = 800
const sdpBytes = 1_000
const mebibytesMax = 1_536
/** Calls that were refused or lost would be memory that was not needed. */
const liveShareMin = 0.999
/** From the last INVITE until it is looked, and from there until the first BYE. */
const settleMs = 3_000
/** V8 hands the memory that the start needed back in the background. */
const handBackMs = 10_000

interface Run {
  readonly live: number
  readonly before: Resident
  readonly held: Resident
  readonly after: Resident
}

async function ask(net: string, path: string, body?: object): Promise<string> {
  const { address, port } = placesOf(net).http
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const write = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const answer = await fetch(`http://${address}:${port}${path}`, { headers, ...write })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, 500)}`)
  return answer.text()
}

async function liveCalls(net: string): Promise<number> {
  const lines = (await ask(net, '/metrics')).split('\n')
  const samples = lines.filter((line) => line.startsWith('tollgate_calls_active{') && line.includes('direction="in"'))
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

async function hold({ traffic, session, net }: Bed, calls: number): Promise<Run> {
  await wait(handBackMs)
  const before = residentMebibytes(session)
  const seconds = calls / callsPerSecond
  const holdMs = seconds * 1_000 + 2 * settleMs
  const load = { drainSeconds: holdMs / 1_000 + 15, stopAtFlaw: false, calmSeconds: 0 }
  const running = traffic.run({ ...load, phases: [{ callsPerSecond, seconds, holdMs }] })
  await wait(seconds * 1_000 + settleMs)
  const [held, live] = [residentMebibytes(session), await liveCalls(net)]
  await ask(net, '/api/v1/customers', { name: 'New among them' })
  await running
  await wait(settleMs)
  return { live, before, held, after: residentMebibytes(session) }
}

function resultOf(run: Run, calls: number, ranges: number): PartResult {
  const isValid = run.live >= calls * liveShareMin
  const row = (what: string, value: number, rest: Pick<Row, 'target'> = {}): Row => ({
    what,
    unit: 'MiB',
    tollgate: isValid ? value : 'no valid run',
    kamailio: null,
    ...rest,
  })
  const target = { of: 'tollgate', atMost: mebibytesMax } as const
  return {
    rows: [
      row(`resident memory with ${count(ranges)} ranges, ${count(calls)} live calls`, run.held.now, { target }),
      row('... before the first call', run.before.now),
      row('... after they have ended', run.after.now),
      row('... at its peak: start, calls, one change among them', run.after.peak, { target }),
    ],
    invalid: isValid ? [] : [`${count(run.live)} of ${count(calls)} calls were live`],
    figures: run,
  }
}

export const scalePart: Part = {
  name: 'scale',
  about: `resident memory with ${count(configuredRanges)} ranges and ${count(heldCalls)} live calls`,
  limitSeconds: () => 420,
  measure: async ({ shrink, net }) => {
    const [calls, ranges] = [heldCalls / shrink, configuredRanges / shrink]
    const options = { net, sources: sourcesOf(net, ranges), sdpBytes }
    return resultOf(await withBed('tollgate', options, (bed) => hold(bed, calls)), calls, ranges)
  },
}
