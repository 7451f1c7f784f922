// The comparison in one run on one machine: rounds of A B B A, CPU of the whole process tree per call.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startContestant } from './contestants.ts'
import type { ContestantName } from './contestants.ts'
import { invalidBecause, runLoad, startGateways, stopGateways } from './load.ts'
import type { Load } from './load.ts'
import type { BenchOptions } from './options.ts'
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

const callsPerSecond = 1_200

async function cpuRun(contestant: ContestantName, round: number, options: BenchOptions): Promise<CpuRun> {
  const load = (seconds: number): Load => ({
    calls: Math.round(callsPerSecond * seconds),
    callsPerSecond,
    holdMs: 200,
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
