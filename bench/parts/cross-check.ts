// The load generator against SIPp: the same calls at a low rate, in clumps as SIPp begins them, through the same Tollgate, in
// turns. Its CPU per call must be the same within some per cent, and both must count the same messages.
import { apiKey } from '../contestants.ts'
import type { Places } from '../places.ts'
import { runSippLoad } from '../load.ts'
import type { PhaseSpec } from '../generator/counts.ts'
import type { Part } from '../part.ts'
import { placesOf } from '../places.ts'
import { cpuMicroseconds } from '../processes.ts'
import { count } from '../rounds.ts'
import { median, round } from '../statistics.ts'
import { withContestant } from '../contestants.ts'
import { Traffic } from '../traffic.ts'

const rate = 300
const holdMs = 200
/** SIPp looks at its clock every 5 ms or so and begins all calls that are due: 35 % of them within 0.1 ms of another one. */
const clumpMs = 5
/** A window is short and the machine is noisy. */
const turnsPerRound = 3
const warm = { callsPerSecond: 1_200, seconds: 25, holdMs }

interface Run {
  readonly by: 'generator' | 'SIPp'
  readonly calls: number
  readonly successful: number
  readonly cpuPerCall: number
  /** Messages that Tollgate received and sent for each call, as it counts them. */
  readonly messagesPerCall: number
  readonly invalid: string | null
}

/** Messages that Tollgate has counted so far. */
async function messages({ http }: Places): Promise<number> {
  const headers = { authorization: `Bearer ${apiKey}` }
  const text = await (await fetch(`http://${http.address}:${http.port}/metrics`, { headers })).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith('tollgate_sip_messages_total'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

async function byGenerator(places: Places, spec: PhaseSpec): Promise<Pick<Run, 'successful' | 'invalid'>> {
  const { edge, callers, gateways } = places
  const traffic = await Traffic.open({ edge, callers, gateways, sdpBytes: 0, pauseMs: 0 })
  const { phases: results } = await traffic.run({ phases: [spec], drainSeconds: 10, stopAtFlaw: false, calmSeconds: 0 })
  await traffic.close()
  const [phase] = results
  const again = (phase?.inviteSentAgain ?? 0) + (phase?.byeSentAgain ?? 0) + (phase?.okSentAgain ?? 0)
  return { successful: phase?.ended ?? 0, invalid: again > 0 ? `${again} retransmissions` : null }
}

async function bySipp(places: Places, calls: number): Promise<Pick<Run, 'successful' | 'invalid'>> {
  const result = await runSippLoad({ calls, callsPerSecond: rate, holdMs }, places)
  return {
    successful: result.successful,
    invalid: result.retransmissions > 0 ? `${result.retransmissions} retransmissions` : null,
  }
}

async function runOf(by: Run['by'], calls: number, about: { places: Places; session: number }): Promise<Run> {
  const { places, session } = about
  const before = { cpu: cpuMicroseconds(session), messages: await messages(places) }
  const spec = { callsPerSecond: rate, seconds: calls / rate, holdMs, clumpMs }
  const { successful, invalid } = await (by === 'SIPp' ? bySipp(places, calls) : byGenerator(places, spec))
  const used = cpuMicroseconds(session) - before.cpu
  const run = {
    by,
    calls,
    successful,
    cpuPerCall: round(used / calls, 1),
    messagesPerCall: round(((await messages(places)) - before.messages) / calls, 3),
    invalid: successful === calls ? invalid : `${calls - successful} calls failed`,
  }
  console.log(`  ${by.padEnd(9)} ${run.cpuPerCall} us/call, ${run.messagesPerCall} messages/call ${run.invalid ?? ''}`)
  return run
}

export const crossCheckPart: Part = {
  name: 'cross-check',
  about: `the load generator against SIPp at ${rate} calls/s`,
  limitSeconds: ({ rounds, windowSeconds }) => 90 + rounds * turnsPerRound * 4 * (windowSeconds + 60),
  measure: async ({ rounds, windowSeconds, net }) => {
    const places = placesOf(net)
    const runs: Run[] = []
    await withContestant('tollgate', { places, sources: ['127.0.0.0/8'] }, async ({ session }) => {
      await byGenerator(places, warm)
      for (let i = 0; i < rounds * turnsPerRound; i++)
        for (const by of ['generator', 'SIPp', 'SIPp', 'generator'] as const)
          runs.push(await runOf(by, Math.round(rate * windowSeconds), { places, session }))
    })
    const of = (by: Run['by'], pick: (run: Run) => number): number =>
      median(runs.filter((run) => run.by === by && run.invalid === null).map(pick)) ?? Number.NaN
    const ratio = (pick: (run: Run) => number): number | string => {
      const value = of('generator', pick) / of('SIPp', pick)
      return Number.isNaN(value) ? 'no valid run' : value
    }
    const row = (what: string, pick: (run: Run) => number, aim: { atLeast: number; atMost: number }) => ({
      what: `load generator against SIPp at ${count(rate)} calls/s: ${what}`,
      unit: '',
      tollgate: ratio(pick),
      kamailio: null,
      target: { of: 'tollgate', ...aim } as const,
    })
    return {
      rows: [
        row('CPU per call of Tollgate, quotient', (run) => run.cpuPerCall, { atLeast: 0.9, atMost: 1.1 }),
        row('messages per call, quotient', (run) => run.messagesPerCall, { atLeast: 1, atMost: 1 }),
      ],
      invalid: runs.flatMap((run) => (run.invalid === null ? [] : [`${run.by}: ${run.invalid}`])),
      figures: runs,
    }
  },
}
