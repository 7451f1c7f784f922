// One measured window of a load through a contestant: CPU per call, delays, and why it does not count, if so.
import { flaws } from './generator/counts.ts'
import type { PhaseResult, PhaseSpec } from './generator/counts.ts'
import type { DelaySummary } from './generator/histogram.ts'
import { cpuMicroseconds, droppedAt } from './processes.ts'
import { round } from './statistics.ts'
import type { Traffic } from './traffic.ts'

/** Beyond this share of its processor the generator, not the contestant, may be what is measured. */
export const generatorShareMax = 0.7
/** Calls that may be missing of those planned, and how late one in a hundred may be. */
const missingMax = 0.01
const lateMsMax = 50

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
  /** Why it does not count. */
  readonly invalid: string | null
}

/** What the generator did wrong, so that a run says nothing of the contestant; undefined when it did nothing. */
export function generatorFault(phase: PhaseResult): string | undefined {
  const found: string[] = []
  if (phase.generatorShare > generatorShareMax)
    found.push(`the generator used ${Math.round(phase.generatorShare * 100)} % of its processor`)
  if (phase.late.p99Us > lateMsMax * 1_000)
    found.push(`the generator was late by ${Math.round(phase.late.p99Us / 1_000)} ms`)
  return found.length === 0 ? undefined : found.join(', ')
}

/** Why a phase does not count; undefined when it does. */
export function flawOf(phase: PhaseResult, dropped: number): string | undefined {
  const found = flaws.filter((name) => phase[name] > 0).map((name) => `${name} ${phase[name]}`)
  if (dropped > 0) found.push(`dropped by the kernel ${dropped}`)
  const fault = generatorFault(phase)
  if (fault !== undefined) found.push(fault)
  const planned = Math.floor(phase.spec.callsPerSecond * phase.spec.seconds)
  if (phase.offered < planned * (1 - missingMax)) found.push(`${phase.offered} of ${planned} calls offered`)
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
  const { phases: results } = await traffic.run({ phases, drainSeconds, stopAtFlaw: false, calmSeconds: 0 }, () => {
    marks.push({ cpu: cpuMicroseconds(contestant.session), dropped: droppedAt(contestant.net) })
  })
  const last = marks.at(-1)?.dropped ?? 0
  return steps.map((step, i) => {
    const phase = results[i * 2 + 1] as PhaseResult
    const before = marks[i * 2 + 1]
    const after = marks[i * 2 + 2]
    const invalid = flawOf(phase, last - (marks[i * 2]?.dropped ?? 0))
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
    }
  })
}
