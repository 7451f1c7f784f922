// What is known of the health of one gateway target, and the rules that turn it into failing or not. No time-outs, no
// schedule, no I/O: `target.ts` feeds it. Active evidence are answers to OPTIONS, passive evidence is what calls see.
import type { ProbeSettings } from '../contract/endpoint.ts'

export type MissKind = 'timeout' | 'refused' | 'tls' | 'transport' | 'reply'

/** Why one probe or one call says that the target is not there. `detail` in plain words, without a final stop. */
export interface Miss {
  readonly kind: MissKind
  readonly detail: string
}

interface Failure {
  readonly kind: MissKind
  readonly reason: string
}

export interface Evidence {
  /** Set while the target counts as failing. */
  failure: Failure | undefined
  /** OPTIONS missed in a row, the last of them, and whether all were missed for the same reason. */
  misses: number
  lastMiss: Miss | undefined
  missesAlike: boolean
  /** OPTIONS answered well in a row, counted while failing. */
  successes: number
  /** A call missed it: probes hurry until somebody hears from it. */
  suspected: boolean
  /** Calls that missed it in a row, since when (monotonic). */
  callMisses: number
  callMissesSinceMs: number
  /** By what it was last known to live; undefined = it was never heard. */
  heardBy: 'probe' | 'call' | undefined
}

/** Misses of calls alone need this many and this long to turn a probed target red: a short loss of packets must not. */
const callMissesMin = 3
const callMissesSpanMs = 10_000

export const noEvidence = (): Evidence => ({
  failure: undefined,
  misses: 0,
  lastMiss: undefined,
  missesAlike: true,
  successes: 0,
  suspected: false,
  callMisses: 0,
  callMissesSinceMs: 0,
  heardBy: undefined,
})

/** An OPTIONS was answered with a code that proves life. */
export function addProbeSuccess(evidence: Evidence, settings: ProbeSettings): void {
  evidence.heardBy = 'probe'
  evidence.misses = 0
  clearSuspicion(evidence)
  if (evidence.failure === undefined) return
  evidence.successes += 1
  // With probing off an operator asked for this probe: there will be no second one.
  if (evidence.successes >= (settings.enabled ? settings.successesUp : 1)) recover(evidence)
}

/** An OPTIONS was not answered, or not well. With probing off it was an operator's: it informs and decides nothing. */
export function addProbeMiss(evidence: Evidence, settings: ProbeSettings, miss: Miss): void {
  if (!settings.enabled) return
  evidence.successes = 0
  evidence.missesAlike = evidence.misses === 0 || (evidence.missesAlike && evidence.lastMiss?.detail === miss.detail)
  evidence.lastMiss = miss
  evidence.misses += 1
  if (evidence.failure === undefined && evidence.misses >= settings.failuresDown)
    fail(evidence, miss.kind, probeReason(evidence, miss))
}

/** A call got no first reply in time, or its INVITE could not be delivered. */
export function addCallMiss(evidence: Evidence, settings: ProbeSettings, miss: Miss, nowMs: number): void {
  evidence.callMisses += 1
  if (evidence.callMisses === 1) evidence.callMissesSinceMs = nowMs
  if (evidence.failure !== undefined) return
  const spanMs = nowMs - evidence.callMissesSinceMs
  if (!settings.enabled) fail(evidence, miss.kind, `a call failed: ${miss.detail} (probing is off)`)
  else if (evidence.callMisses >= callMissesMin && spanMs >= callMissesSpanMs)
    fail(
      evidence,
      miss.kind,
      `${evidence.callMisses} calls within ${Math.round(spanMs / 1_000)} s failed, the last one: ${miss.detail}`,
    )
  else evidence.suspected = true
}

/** A call heard something from it. While probes decide, this only ends a suspicion; with probing off it is the cure. */
export function addCallReply(evidence: Evidence, settings: ProbeSettings): void {
  evidence.heardBy = 'call'
  clearSuspicion(evidence)
  if (!settings.enabled) recover(evidence)
}

/** Probing was switched on: what was counted before says nothing about now. A red stays until probes are answered. */
export function restartProbing(evidence: Evidence): void {
  evidence.misses = 0
  evidence.successes = 0
  clearSuspicion(evidence)
}

function clearSuspicion(evidence: Evidence): void {
  evidence.suspected = false
  evidence.callMisses = 0
}

function recover(evidence: Evidence): void {
  evidence.failure = undefined
  evidence.successes = 0
  evidence.misses = 0
}

function fail(evidence: Evidence, kind: MissKind, reason: string): void {
  evidence.failure = { kind, reason }
  evidence.successes = 0
  clearSuspicion(evidence)
}

function probeReason(evidence: Evidence, miss: Miss): string {
  const times = evidence.misses === 1 ? '' : ` ${evidence.misses} times`
  if (!evidence.missesAlike) return `OPTIONS failed${times}, the last time: ${miss.detail}`
  if (miss.kind === 'timeout') return `OPTIONS timed out${times}`
  return `OPTIONS failed${times}: ${miss.detail}`
}
