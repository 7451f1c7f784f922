// Channels are exact as the gateway counts them: never one more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capacityPlaces, offer, openCapacityPeer } from '../kit/capacity-rig.ts'
import { oneGateway } from '../kit/one-gateway.ts'
import { Tollgate } from '../kit/tollgate.ts'

test('50 channels and 400 parallel calls: the peak at the gateway is exactly 50 in 10 of 10 rounds, the others hear which kind of scope is full', async () => {
  const net = '127.0.26'
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: oneGateway(net, { channelsMax: 50 }) })
  const peer = openCapacityPeer()
  try {
    const peaks: number[] = []
    let shed = 0
    for (let round = 0; round < 10; round += 1) {
      const report = await offer(peer, { ...capacityPlaces(net), calls: 400, callsPerSecond: 0, holdMs: 1_000 })
      peaks.push(report.peak)
      shed += report.shed
      assert.equal(report.accepted, 50)
      assert.deepEqual(Object.values(report.refused), [350 - report.shed])
      assert.match(Object.keys(report.refused)[0] ?? '', /^503 .*\| 399 .*channels of the gateway endpoint/i)
      assert.doesNotMatch(Object.keys(report.refused)[0] ?? '', /acme/i, 'no name of the other side')
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
