// What storms have found, each reduced to the shortest ladder that shows it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredCall, offer, standardRig } from '../kit/call-rig.ts'

test('RFC3261-17.2.1: a re-INVITE gets 100 at once, so that a silent other side does not look like a silent edge', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  gateway.request('INVITE', invite, { body: offer })
  assert.deepEqual(
    gateway.got().map((message) => message.status),
    [100],
  )
  caller.got()
  rig.advance(33_000)
  const [final] = gateway.got().filter((message) => message.kind === 'response')
  assert.equal(final?.status, 408)
  rig.assertNothingLeft()
})
