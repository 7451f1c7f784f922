// One measured window of a load through a contestant: CPU per call, delays, and why it does not count, if so.
import { flaws } from './generator/counts.ts'
import type { PhaseResult, PhaseSpec } from './generator/counts.ts'
import type { DelaySummary } from './generator/histogram.ts'
import { cpuMicroseconds, droppedAt } from './processes.ts'
import { round } from './statistics.ts'
import type { Traffic } from './traffic.ts'

/** Beyond this share of its processor the generator, not the contestant, may be what is measured. */
export const generatorShareMax = 0.7
/** Calls that may be missing of those planned. */
const missingMax = 0.01
/** How late one call in a hundred may begin where time is what is measured. */
const lateMsMax = 20

export interface Window {
  readonly callsPerSecond: number
  readonly holdMs: number
  readonly seconds: number
  /** User and system time of the whole process tree for each call that began. */
  readonly cpuPerCall: number
  readonly added: DelaySummary
  readonly setUp: DelaySummary
  readonly late: DelaySummary
  readonly generatorShare: number
  /** Why it does not count; and why its delays do not. */
  readonly invalid: string | null
  readonly delayInvalid: string | null
}

/** Why the generator, not the contestant, may be what was measured; undefined: it had room. */
export function generatorFault(phase: PhaseResult): string | undefined {
  const { generatorShare, spec, offered } = phase
  if (generatorShare > generatorShareMax)
    return `the generator used ${Math.round(generatorShare * 100)} % of its processor`
  const planned = Math.floor(spec.callsPerSecond * spec.seconds)
  return offered < planned * (1 - missingMax) ? `${offered} of ${planned} calls offered` : undefined
}

/** Why delays do not count although everything else may. */
export const latenessOf = ({ late }: Pick<PhaseResult, 'late'>): string | undefined =>
  late.p99Us > lateMsMax * 1_000 ? `the generator was late by ${Math.round(late.p99Us / 1_000)} ms` : undefined

/** Why a phase does not count; undefined when it does. */
export function flawOf(phase: PhaseResult, dropped: number): string | undefined {
  const found = flaws.filter((name) => phase[name] > 0).map((name) => `${name} ${phase[name]}`)
  if (dropped > 0) found.push(`dropped by the kernel ${dropped}`)
  const fault = generatorFault(phase)
  if (fault !== undefined) found.push(fault)
  return found.length === 0 ? undefined : found.join(', ')
}

/** Settling comes before each window and is not measured. */
export interface Step {
  readonly callsPerSecond: number
  readonly holdMs: number
  readonly settleSeconds: number
  readonly windowSeconds: number
}

const drainSeconds = 10
/** Calls that last longer than this are not waited for in the end. */
const waitedForMs = 5_000

function phasesOf(steps: readonly Step[]): PhaseSpec[] {
  const phases = steps.flatMap(({ callsPerSecond, holdMs, settleSeconds, windowSeconds }) => [
    { callsPerSecond, holdMs, seconds: settleSeconds },
    { callsPerSecond, holdMs, seconds: windowSeconds },
  ])
  const last = phases.at(-1)
  // What is sent again because of the window would be sent now.
  return last === undefined ? [] : [...phases, { ...last, seconds: 1 }]
}

/** One window for each step, one load after the other without a pause. `session` is the contestant, `net` where all listen. */
export async function measureWindows(
  traffic: Traffic,
  steps: readonly Step[],
  contestant: { readonly session: number; readonly net: string },
): Promise<Window[]> {
  const marks: { cpu: number; dropped: number }[] = []
  const phases = phasesOf(steps)
  const isLong = steps.some(({ holdMs }) => holdMs > waitedForMs)
  const load = { phases, drainSeconds: isLong ? 1 : drainSeconds, stopAtFlaw: false, calmSeconds: 0 }
  const { phases: results } = await traffic.run(load, () => {
    marks.push({ cpu: cpuMicroseconds(contestant.session), dropped: droppedAt(contestant.net) })
  })
  const last = marks.at(-1)?.dropped ?? 0
  return steps.map((step, i) => {
    const phase = results[i * 2 + 1] as PhaseResult
    const before = marks[i * 2 + 1]
    const after = marks[i * 2 + 2]
    const finished = step.holdMs > waitedForMs ? { ...phase, unfinished: 0 } : phase
    const invalid = flawOf(finished, last - (marks[i * 2]?.dropped ?? 0))
    return {
      callsPerSecond: step.callsPerSecond,
      holdMs: step.holdMs,
      seconds: step.windowSeconds,
      cpuPerCall: round(((after?.cpu ?? 0) - (before?.cpu ?? 0)) / phase.offered, 2),
      added: phase.added,
      setUp: phase.setUp,
      late: phase.late,
      generatorShare: round(phase.generatorShare, 3),
      invalid: invalid ?? null,
      delayInvalid: invalid ?? latenessOf(phase) ?? null,
    }
  })
}
