// Calls per second are exact as the gateway counts them: never one call more in any second.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capacityPlaces, offer, openCapacityPeer } from '../kit/capacity-rig.ts'
import { oneGateway } from '../kit/one-gateway.ts'
import type { Arrival } from '../peers/capacity-peer.ts'
import { Tollgate } from '../kit/tollgate.ts'

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

test('10 calls per second and 40 offered for 20 s: 190 to 210 pass, and no window of 1,000 ms at the gateway holds more than 10', async () => {
  const net = '127.0.27'
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: oneGateway(net, { callsPerSecondMax: 10 }) })
  const peer = openCapacityPeer()
  try {
    const report = await offer(peer, { ...capacityPlaces(net), calls: 800, callsPerSecond: 40, holdMs: 100 })
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
