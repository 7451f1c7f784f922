// The same traffic from SIPp, as caller and as both gateways: what the load generator is held against.
import { runSipp, startSipp } from '../test/kit/sipp.ts'
import type { SippResult } from '../test/kit/sipp.ts'
import type { Places } from './places.ts'

export interface SippLoad {
  readonly calls: number
  readonly callsPerSecond: number
  readonly holdMs: number
}

export interface SippLoadResult {
  readonly successful: number
  /** Of callers and gateways, sent and received. */
  readonly retransmissions: number
  readonly timedOut: boolean
}

const scenario = (name: string): URL => new URL(`${name}.xml`, import.meta.url)
const graceMs = 30_000

/** Calls through the edge of `places`; nothing else may listen at its callers and gateways. */
export async function runSippLoad(load: SippLoad, places: Places): Promise<SippLoadResult> {
  const limitMs = (load.calls / load.callsPerSecond) * 1_000 + load.holdMs + graceMs
  const gateways = places.gateways.map((place) =>
    startSipp({ scenario: scenario('uas'), ...place, timeLimitMs: limitMs }),
  )
  await Promise.all(gateways.map((gateway) => gateway.ready))
  const [caller] = places.callers
  if (caller === undefined) throw new Error('no caller')
  const result = await runSipp({
    scenario: scenario('uac'),
    ...caller,
    remote: `${places.edge.address}:${places.edge.port}`,
    calls: load.calls,
    callsPerSecond: load.callsPerSecond,
    pauseMs: load.holdMs,
    number: '441782555555',
    timeLimitMs: limitMs,
  })
  const ended = await Promise.all(gateways.map((gateway) => gateway.stop(2_000)))
  const again = [result, ...ended].reduce((sum: number, one: SippResult) => sum + one.retransmissions, 0)
  return { successful: result.successful, retransmissions: again, timedOut: result.timedOut }
}
