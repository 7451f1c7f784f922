// Limits are exact as the gateway counts them: never one channel more, never one call more in any second.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Arrival, CapacityOrder, CapacityReport } from '../peers/capacity-peer.ts'
import { Tollgate } from '../kit/tollgate.ts'

const deadlineMs = 60_000

async function offer(peer: ChildProcess, order: CapacityOrder): Promise<CapacityReport> {
  const answer = once(peer, 'message', { signal: AbortSignal.timeout(deadlineMs) })
  peer.send(order)
  const [report] = (await answer) as [CapacityReport]
  return report
}

const fileOf = (net: string, limits: object) => ({
  carriers: [
    {
      name: 'Acme',
      endpoints: [
        {
          name: 'acme-1',
          direction: 'receives' as const,
          addresses: [`${net}.11`],
          port: 5080,
          probe: { enabled: false },
          ...limits,
        },
      ],
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [`${net}.2`] }] }],
  routes: [{ prefix: '', from: 'customers' as const, targets: [{ carrier: 'Acme' }] }],
})

const placesOf = (net: string) => ({
  edge: { address: `${net}.1`, port: 5060 },
  caller: { address: `${net}.2`, port: 5070 },
  gateway: { address: `${net}.11`, port: 5080 },
})

/** Most arrivals that lay within one window of `windowMs` for certain. */
function fullestWindow(arrivals: readonly Arrival[], windowMs: number): number {
  const sorted = arrivals.toSorted((a, b) => a.by - b.by)
  let fullest = 0
  for (let first = 0, last = 0; last < sorted.length; last += 1) {
    while ((sorted[last] as Arrival).by - (sorted[first] as Arrival).after >= windowMs) first += 1
    fullest = Math.max(fullest, last - first + 1)
  }
  return fullest
}

test('50 channels and 400 parallel calls: the peak at the gateway is exactly 50 in 10 of 10 rounds, the others hear which kind of scope is full', async () => {
  const net = '127.0.26'
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf(net, { channelsMax: 50 }) })
  const peer = fork(new URL('../peers/capacity-peer.ts', import.meta.url))
  try {
    const peaks: number[] = []
    let shed = 0
    for (let round = 0; round < 10; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      const report = await offer(peer, { ...placesOf(net), calls: 400, callsPerSecond: 0, holdMs: 1_000 })
      peaks.push(report.peak)
      shed += report.shed
      assert.equal(report.accepted, 50)
      assert.deepEqual(Object.values(report.refused), [350 - report.shed])
      assert.match(Object.keys(report.refused)[0] ?? '', /^503 .*\| 399 .*channels of the gateway endpoint/i)
      assert.doesNotMatch(Object.keys(report.refused)[0] ?? '', /acme/i, 'no name of the other side')
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      await tollgate.assertNothingHeld()
    }
    console.log(`peaks at the gateway: ${peaks.join(' ')}; ${shed} refused for overload`)
    assert.deepEqual(
      peaks,
      Array.from({ length: 10 }, () => 50),
    )
  } finally {
    peer.kill('SIGKILL')
    await tollgate.stop()
  }
})

test('10 calls per second and 40 offered for 20 s: 190 to 210 pass, and no window of 1,000 ms at the gateway holds more than 10', async () => {
  const net = '127.0.27'
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf(net, { callsPerSecondMax: 10 }) })
  const peer = fork(new URL('../peers/capacity-peer.ts', import.meta.url))
  try {
    const report = await offer(peer, { ...placesOf(net), calls: 800, callsPerSecond: 40, holdMs: 100 })
    const fullest = fullestWindow(report.arrivals, 1_000)
    console.log(`${report.accepted} of 800 passed, fullest second at the gateway: ${fullest}`)
    assert.ok(report.accepted >= 190 && report.accepted <= 210, String(report.accepted))
    assert.equal(report.arrivals.length, report.accepted)
    assert.ok(fullest <= 10, `${fullest} calls within one second at the gateway`)
    assert.ok(fullest >= 9, `${fullest}: the limit is used`)
    assert.match(Object.keys(report.refused)[0] ?? '', /^503 .*\| 399 .*calls per second/i)
    assert.equal(
      await tollgate.metric('tollgate_limit_rejections_total', 'kind="callsPerSecond"'),
      800 - report.accepted - report.shed,
    )
  } finally {
    peer.kill('SIGKILL')
    await tollgate.stop()
  }
})
