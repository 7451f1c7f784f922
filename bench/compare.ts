// The comparison in one run on one machine: rounds of A B B A, CPU of the whole process tree per call; and the highest
// rate without one retransmission.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startContestant } from './contestants.ts'
import type { ContestantName } from './contestants.ts'
import { invalidBecause, runLoad, startGateways, stopGateways } from './load.ts'
import type { Load } from './load.ts'
import type { BenchOptions } from './options.ts'
import { places } from './places.ts'
import { cpuMicroseconds, stopSession } from './processes.ts'

export interface CpuRun {
  readonly contestant: ContestantName
  readonly round: number
  readonly microsecondsPerCall: number
  readonly datagramsPerCall: number
  /** Why the run does not count. */
  readonly discarded: string | null
}

/** Runs `work` with a contestant that has just been started, and ends it whatever happens. */
export async function withContestant<T>(
  name: ContestantName,
  work: (session: number) => Promise<T>,
  flags: readonly string[] = [],
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'))
  const session = await startContestant(name, folder, flags)
  try {
    return await work(session)
  } finally {
    await stopSession(session)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function cpuRun(contestant: ContestantName, round: number, options: BenchOptions): Promise<CpuRun> {
  const load = (seconds: number): Load => ({
    calls: Math.round(options.callsPerSecond * seconds),
    callsPerSecond: options.callsPerSecond,
    holdMs: options.holdMs,
  })
  return withContestant(contestant, async (session) => {
    const gateways = await startGateways()
    const measured = load(options.windowSeconds)
    const warm = await runLoad(load(options.warmSeconds))
    const before = cpuMicroseconds(session)
    const result = await runLoad(measured)
    const used = cpuMicroseconds(session) - before
    const again = await stopGateways(gateways)
    const invalid =
      warm.failed > 0 ? `${warm.failed} calls failed while warming` : invalidBecause(result, measured, again)
    return {
      contestant,
      round,
      microsecondsPerCall: Math.round((used / measured.calls) * 10) / 10,
      datagramsPerCall: result.datagramsPerCall,
      discarded: invalid ?? null,
    }
  })
}

/** All runs, also those that do not count. */
export async function compareCpu(options: BenchOptions): Promise<readonly CpuRun[]> {
  const runs: CpuRun[] = []
  for (let round = 1; round <= options.rounds; round++)
    for (const contestant of ['tollgate', 'kamailio', 'kamailio', 'tollgate'] as const) {
      const run = await cpuRun(contestant, round, options)
      runs.push(run)
      const note = run.discarded === null ? '' : `  discarded: ${run.discarded}`
      console.log(
        `  round ${round}  ${contestant.padEnd(9)} ${run.microsecondsPerCall.toFixed(1).padStart(8)} us/call${note}`,
      )
    }
  return runs
}

/** One step of a search: true when this rate was carried without a flaw. */
async function carries(rate: number, options: BenchOptions, direct: boolean): Promise<boolean> {
  const load = { calls: rate * options.stepSeconds, callsPerSecond: rate, holdMs: 100 }
  const gateways = await startGateways()
  const result = await runLoad(load, direct ? places.gateways[0] : places.edge)
  const again = await stopGateways(gateways)
  const invalid = invalidBecause(result, load, again)
  console.log(`    ${rate} calls/s: ${invalid ?? 'carried'}`)
  return invalid === undefined
}

/** Doubles the rate until it fails, then halves the gap three times. */
async function searchRate(options: BenchOptions, direct: boolean): Promise<number> {
  let good = 0
  let bad = Number.POSITIVE_INFINITY
  let rate = 500
  for (let step = 0; step < 10 && rate <= options.rateMax; step++) {
    if (await carries(rate, options, direct)) good = rate
    else bad = rate
    if (bad === Number.POSITIVE_INFINITY) rate *= 2
    else if (bad - good <= Math.max(100, good / 10)) break
    else rate = Math.round((good + bad) / 200) * 100
  }
  return good
}

export interface RateResult {
  readonly tollgate: number
  readonly kamailio: number
  /** SIPp against SIPp: above about half of it the generator is the limit, not the contestant. */
  readonly generatorAlone: number
}

export async function compareRate(options: BenchOptions): Promise<RateResult> {
  const warm: Load = { calls: 500 * options.warmSeconds, callsPerSecond: 500, holdMs: 100 }
  const through = (name: ContestantName): Promise<number> =>
    withContestant(name, async () => {
      console.log(`  ${name}`)
      const gateways = await startGateways()
      await runLoad(warm)
      await stopGateways(gateways)
      return searchRate(options, false)
    })
  const tollgate = await through('tollgate')
  const kamailio = await through('kamailio')
  console.log('  SIPp alone')
  return { tollgate, kamailio, generatorAlone: await searchRate(options, true) }
}
