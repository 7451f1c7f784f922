// A channel that no call holds is given back, whatever bug lost it; channels of live calls never are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredCall, standardRig } from '../kit/call-rig.ts'

const minuteMs = 60_000

test('a lease without a call is given back within two looks, and told; a live call keeps its own', () => {
  const rig = standardRig({ endpoint: { channelsMax: 2 } })
  const { caller } = answeredCall(rig)
  const target = rig.edge.directory.endpoints.find((endpoint) => endpoint.targets.length > 0)?.targets[0]
  assert.ok(target)
  const lost = rig.edge.limits.admitGateway('nobody', target, rig.edge.directory, false)
  assert.ok(!('kind' in lost))
  assert.equal(rig.edge.limits.usedChannels('endpoint', 'gw-1'), 2)
  rig.advance(minuteMs + 100)
  assert.equal(rig.edge.limits.usedChannels('endpoint', 'gw-1'), 1, 'the live call still holds its channel')
  assert.ok(rig.logged.some((line) => line.includes('channel without a call given back') && line.includes('nobody')))
  caller.bye()
  rig.advance(70_000)
  rig.assertNothingLeft()
})
