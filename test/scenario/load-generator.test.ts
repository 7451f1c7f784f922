// The benchmark's load generator against the real server: every call that it begins is accounted for, on both sides alike.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placesOf } from '../../bench/places.ts'
import { Traffic } from '../../bench/traffic.ts'
import { Tollgate } from '../kit/tollgate.ts'

const net = '127.0.161'
const callsPerSecond = 25
const seconds = 2

test('the load generator and Tollgate count the same calls, and all of them end', async () => {
  const places = placesOf(net, 2)
  const tollgate = await Tollgate.start({
    sip: `${places.edge.address}:${places.edge.port}`,
    file: {
      carriers: [
        {
          name: 'Bench',
          endpoints: places.gateways.map(({ address, port }, i) => ({
            name: `gateway-${i + 1}`,
            direction: 'receives',
            addresses: [address],
            port,
            probe: { enabled: false },
          })),
        },
      ],
      customers: [
        {
          name: 'Load',
          endpoints: [{ name: 'load', direction: 'sends', addresses: places.callers.map(({ address }) => address) }],
        },
      ],
      routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Bench' }] }],
    },
  })
  const { edge, callers, gateways } = places
  const traffic = await Traffic.open({ edge, callers, gateways, sdpBytes: 1_000, pauseMs: 0 })
  try {
    const phases = [{ callsPerSecond, seconds, holdMs: 50 }]
    const begun: number[] = []
    const load = { phases, drainSeconds: 30, stopAtFlaw: false, calmSeconds: 0 }
    const { phases: results, seconds: rows } = await traffic.run(load, (index) => begun.push(index))
    const [phase] = results
    assert.ok(phase !== undefined)
    assert.deepEqual(begun, [0, 1])
    assert.equal(phase.offered, callsPerSecond * seconds)
    // A machine that stands still for a while may make Tollgate refuse a call; it is accounted for, too.
    assert.equal(phase.answered + phase.refused, phase.offered, JSON.stringify(phase))
    assert.ok(phase.answered > 0)
    assert.deepEqual(
      [phase.endings, phase.ended, phase.reached],
      Array.from({ length: 3 }, () => phase.answered),
    )
    assert.deepEqual([phase.unfinished, phase.strange, phase.skipped], [0, 0, 0])
    assert.deepEqual([phase.added.count, phase.setUp.count], [phase.answered, phase.answered])
    assert.ok(phase.added.p50Us > 0 && phase.added.p50Us <= phase.setUp.p50Us)
    assert.equal(
      rows.reduce((sum, row) => sum + row.ended, 0),
      phase.offered,
    )
    const count = await tollgate.eventually(
      'records',
      () => tollgate.recordCount(),
      (total) => total >= phase.answered,
    )
    assert.equal(count, phase.answered)
    await tollgate.assertNothingHeld()
  } finally {
    await traffic.close()
    await tollgate.stop()
  }
})
