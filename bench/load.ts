// One load: SIPp as caller and as both gateways, and what makes a run valid.
import { runSipp, startSipp } from '../test/kit/sipp.ts'
import type { SippProcess, SippResult } from '../test/kit/sipp.ts'
import { places } from './places.ts'
import { readUdpCounters } from './processes.ts'

export interface Load {
  readonly calls: number
  readonly callsPerSecond: number
  readonly holdMs: number
}

export interface LoadResult {
  readonly successful: number
  readonly failed: number
  readonly retransmissions: number
  /** Datagrams that the kernel dropped, of the whole machine. */
  readonly lost: number
  readonly datagramsPerCall: number
  readonly seconds: number
  readonly timedOut: boolean
}

const scenario = (name: string): URL => new URL(`${name}.xml`, import.meta.url)
const sum = (results: readonly SippResult[], pick: (one: SippResult) => number): number =>
  results.reduce((all, one) => all + pick(one), 0)

/** Starts both gateways. */
export async function startGateways(): Promise<readonly SippProcess[]> {
  const gateways = places.gateways.map((place) =>
    startSipp({ scenario: scenario('uas'), ...place, timeLimitMs: 1_800_000 }),
  )
  await Promise.all(gateways.map((gateway) => gateway.ready))
  return gateways
}

/** Ends the gateways and counts what they sent or received again. */
export async function stopGateways(gateways: readonly SippProcess[]): Promise<number> {
  const results = await Promise.all(gateways.map((gateway) => gateway.stop(2_000)))
  return sum(results, (one) => one.retransmissions)
}

/** Calls through whatever listens at `remote` (default: the contestant). */
export async function runLoad(
  load: Load,
  remote: { address: string; port: number } = places.edge,
): Promise<LoadResult> {
  const before = readUdpCounters()
  const start = performance.now()
  const result = await runSipp({
    scenario: scenario('uac'),
    ...places.caller,
    remote: `${remote.address}:${remote.port}`,
    calls: load.calls,
    callsPerSecond: load.callsPerSecond,
    pauseMs: load.holdMs,
    number: '441782555555',
    timeLimitMs: (load.calls / load.callsPerSecond) * 1_000 + load.holdMs + 45_000,
  })
  const after = readUdpCounters()
  return {
    successful: result.successful,
    failed: load.calls - result.successful,
    retransmissions: result.retransmissions,
    lost: after.lost - before.lost,
    datagramsPerCall: Math.round(((after.sent - before.sent) / load.calls) * 100) / 100,
    seconds: (performance.now() - start) / 1_000,
    timedOut: result.timedOut,
  }
}

/** Why a run does not count; undefined when it does. */
export function invalidBecause(result: LoadResult, load: Load, gatewayRetransmissions: number): string | undefined {
  if (result.timedOut) return 'the caller did not finish in time'
  if (result.failed > 0) return `${result.failed} calls failed`
  const again = result.retransmissions + gatewayRetransmissions
  if (again > 0) return `${again} retransmissions`
  if (result.lost > 0) return `${result.lost} datagrams dropped by the kernel`
  const planned = load.calls / load.callsPerSecond + load.holdMs / 1_000
  return result.seconds > planned * 1.1 + 1 ? 'the caller did not reach the rate' : undefined
}
