// More calls than a contestant can carry: what it still carries, whether requests inside calls are answered, and when it is
// normal again. The callers do not wait for anybody and take no notice of Retry-After.
import type { Bed } from './bed.ts'
import type { ContestantName } from './contestants.ts'
import type { Counts, Second } from './generator/counts.ts'
import { isCalm } from './generator/timeline.ts'
import type { Row, Target } from './part.ts'
import { droppedAt } from './processes.ts'
import { median, round } from './statistics.ts'
import { generatorFault } from './window.ts'

const holdMs = 200
const before = { seconds: 2, share: 0.5 }
const floodSeconds = 8
/** Time until normal is looked for so long. */
const afterSeconds = 40
const calmSeconds = 3
/** The first second of a flood fills the queues. */
const leaveOut = 1

export interface Flood {
  readonly factor: number
  readonly offeredPerSecond: number
  /** Calls answered in each second of the flood. */
  readonly carriedPerSecond: number
  /** The same as a share of the highest clean rate. */
  readonly share: number
  /** BYEs of calls of the flood that were answered with 200, of those sent. */
  readonly endedShare: number
  /** From the end of the flood; infinite: not within the time. */
  readonly normalAfterSeconds: number | null
  readonly generatorShare: number
  readonly dropped: number
  readonly counts: Counts
  /** Why the figures say nothing of the contestant. */
  readonly notMeasured: string | null
}

/** Whole seconds after `from` until the first of `calmSeconds` calm ones; null when there are none. */
export function secondsUntilCalm(seconds: readonly Second[], from: number): number | null {
  const index = seconds.findIndex(
    (_, i) => i >= from && i + calmSeconds <= seconds.length && seconds.slice(i, i + calmSeconds).every(isCalm),
  )
  return index < 0 ? null : index - from
}

export async function flood(
  bed: Bed,
  callsPerSecond: number,
  options: { factor: number; shrink: number },
): Promise<Flood> {
  const { factor, shrink } = options
  const droppedBefore = droppedAt(bed.net)
  const normal = { callsPerSecond: Math.round(callsPerSecond * before.share), holdMs }
  const length = Math.ceil(floodSeconds / Math.min(3, shrink))
  const phases = [
    { ...normal, seconds: before.seconds },
    { callsPerSecond: callsPerSecond * factor, holdMs, seconds: length },
    { ...normal, seconds: afterSeconds },
  ]
  const result = await bed.traffic.run({ phases, drainSeconds: 10, stopAtFlaw: false, calmSeconds })
  const phase = result.phases[1]
  if (phase === undefined) throw new Error('no phase')
  const [start, end] = [before.seconds, before.seconds + length]
  const during = result.seconds.slice(start + leaveOut, end)
  const carried = during.reduce((sum, one) => sum + one.answered, 0) / during.length
  const share = carried / callsPerSecond
  const fault = generatorFault(phase)
  const figures: Flood = {
    factor,
    offeredPerSecond: Math.round(phase.offered / length),
    carriedPerSecond: Math.round(carried),
    share: round(share, 3),
    endedShare: phase.endings === 0 ? 1 : phase.ended / phase.endings,
    normalAfterSeconds: secondsUntilCalm(result.seconds, end),
    generatorShare: round(phase.generatorShare, 3),
    dropped: droppedAt(bed.net) - droppedBefore,
    counts: phase,
    notMeasured: fault === undefined ? null : `not measured, ${fault}`,
  }
  console.log(
    `    ${factor} times: ${figures.offeredPerSecond} offered/s, ${figures.carriedPerSecond} carried/s (${Math.round(share * 100)} %), ` +
      `${phase.refused} refused, ${phase.ended} of ${phase.endings} ended, normal after ${figures.normalAfterSeconds ?? 'never'} s, ` +
      `${figures.dropped} dropped, ${figures.notMeasured ?? `generator ${Math.round(phase.generatorShare * 100)} %`}`,
  )
  return figures
}

const least: Readonly<Record<number, number>> = { 2: 0.9, 5: 0.7 }
const normalWithinSeconds = 35

type Named = Flood & { readonly name: ContestantName }

export function floodRows(factor: number, floods: readonly Named[]): Row[] {
  const of = (name: ContestantName, pick: (one: Flood) => number | null): number | string => {
    const own = floods.filter((one) => one.name === name)
    const values = own.filter(({ notMeasured }) => notMeasured === null).map(pick)
    if (own.length > 0 && values.length === 0) return 'not measured'
    const numbers = values.filter((value) => value !== null)
    // A run that was never normal again is the worst, not one that is left out.
    return numbers.length < values.length ? 'never' : (median(numbers) ?? 'no valid run')
  }
  const row = (what: string, unit: string, pick: (one: Flood) => number | null, target?: Target): Row => ({
    what: `${what} at ${factor} times the highest rate`,
    unit,
    tollgate: of('tollgate', pick),
    kamailio: of('kamailio', pick),
    ...(target === undefined ? {} : { target }),
  })
  const share = least[factor]
  return [
    row('calls carried', 'calls/s', (one) => one.carriedPerSecond),
    row(
      'share of the highest rate carried',
      '',
      (one) => one.share,
      share === undefined ? undefined : { of: 'tollgate', atLeast: share },
    ),
    row('BYEs answered', '%', (one) => one.endedShare * 100, { of: 'tollgate', atLeast: 100 }),
    row('time until normal', 's', (one) => one.normalAfterSeconds, { of: 'tollgate', atMost: normalWithinSeconds }),
  ]
}
