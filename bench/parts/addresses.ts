// CPU per call with 1, 1,000 and 100,000 configured addresses. Tollgate carries all three in one process, changed while it runs, so
// that differences of 3 % can be seen; Kamailio is started anew for each.
import { apiKey } from '../contestants.ts'
import type { ContestantName } from '../contestants.ts'
import { tollgateConfiguration } from '../contestants.ts'
import { withBed } from '../bed.ts'
import type { Bed } from '../bed.ts'
import type { Part } from '../part.ts'
import { placesOf } from '../places.ts'
import { count, medianRow } from '../rounds.ts'
import type { Measured } from '../rounds.ts'
import { median } from '../statistics.ts'
import { measureWindows } from '../window.ts'
import type { Window } from '../window.ts'

const sizes = [1, 1_000, 100_000]
const rate = 1_200
const settleSeconds = 3
/** Before the first window of a process. */
const warmSecondsMax = 12

type Run = Window & Measured & { readonly addresses: number }

/** The caller's address and others that never call. */
export function sourcesOf(net: string, addresses: number): string[] {
  const others = Array.from({ length: addresses - 1 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`)
  return [`${placesOf(net).callers[0]?.address}/32`, ...others]
}

async function configure(net: string, addresses: number): Promise<void> {
  const places = placesOf(net)
  const answer = await fetch(`http://${places.http.address}:${places.http.port}/api/v1/config/apply`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(tollgateConfiguration({ places, sources: sourcesOf(net, addresses) })),
  })
  if (!answer.ok) throw new Error(`${addresses} addresses: ${answer.status} ${(await answer.text()).slice(0, 500)}`)
}

async function windowOf(
  bed: Bed,
  seconds: { settle: number; window: number },
  callsPerSecond: number,
): Promise<Window> {
  const step = { callsPerSecond, holdMs: 200, settleSeconds: seconds.settle, windowSeconds: seconds.window }
  const [window] = await measureWindows(bed.traffic, [step], bed)
  if (window === undefined) throw new Error('no window')
  return window
}

export const addressesPart: Part = {
  name: 'addresses',
  about: 'CPU per call with 1, 1,000 and 100,000 configured addresses',
  limitSeconds: ({ rounds, windowSeconds }) => 120 + rounds * (sizes.length * 2 * 2 * (windowSeconds + 20) + 120),
  measure: async ({ rounds, warmSeconds, windowSeconds, shrink, net }) => {
    const runs: Run[] = []
    const order = Array.from({ length: rounds }, () => [...sizes, ...sizes.toReversed()]).flat()
    const note = (name: ContestantName, addresses: number, window: Window): void => {
      runs.push({ ...window, name, addresses })
      console.log(
        `  ${name.padEnd(9)} ${count(addresses)} addresses: ${window.cpuPerCall.toFixed(1)} us/call ${window.invalid ?? ''}`,
      )
    }
    const warm = Math.min(warmSeconds, warmSecondsMax)
    const callsPerSecond = rate / shrink
    await withBed('tollgate', { net, sources: sourcesOf(net, 1) }, async (bed) => {
      await windowOf(bed, { settle: warm, window: 1 }, callsPerSecond)
      for (const addresses of order) {
        await configure(net, addresses)
        note(
          'tollgate',
          addresses,
          await windowOf(bed, { settle: settleSeconds, window: windowSeconds }, callsPerSecond),
        )
      }
    })
    for (const addresses of order)
      await withBed('kamailio', { net, sources: sourcesOf(net, addresses) }, async (bed) => {
        note(
          'kamailio',
          addresses,
          await windowOf(bed, { settle: settleSeconds, window: windowSeconds }, callsPerSecond),
        )
      })
    const rows = sizes.map((addresses) =>
      medianRow(
        {
          what: `CPU per call at ${count(callsPerSecond)} calls/s, ${count(addresses)} configured addresses`,
          unit: 'us',
        },
        runs.filter((run) => run.addresses === addresses),
        (run) => run.cpuPerCall,
      ),
    )
    return {
      rows: [...rows, growthRow(runs)],
      invalid: runs.flatMap((run) =>
        run.invalid === null ? [] : [`${run.name}, ${count(run.addresses)} addresses: ${run.invalid}`],
      ),
      figures: runs,
    }
  },
}

/** What 100,000 addresses cost more than one. */
function growthRow(runs: readonly Run[]) {
  const of = (name: ContestantName): number | string => {
    const [few, many] = [sizes[0], sizes.at(-1)].map((addresses) =>
      median(
        runs
          .filter((run) => run.name === name && run.addresses === addresses && run.invalid === null)
          .map((run) => run.cpuPerCall),
      ),
    )
    return few === undefined || many === undefined ? 'no valid run' : many / few
  }
  return {
    what: 'CPU per call with 100,000 addresses, divided by that with 1',
    unit: '',
    tollgate: of('tollgate'),
    kamailio: of('kamailio'),
    target: { of: 'tollgate', atMost: 1.03 },
  } as const
}
