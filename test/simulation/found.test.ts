// What storms have found, each reduced to the shortest ladder that shows it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerSdp, answeredCall, CallerSide, GatewaySide, offer, standardRig } from '../kit/call-rig.ts'

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
  const final = gateway.got().find((message) => message.kind === 'response')
  assert.equal(final?.status, 408)
  rig.assertNothingLeft()
})

test('RFC3261-13.3.1.4: a 2xx is repeated until its ACK although a BYE has come first, early or not; the room is free at once', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  caller.got()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  assert.equal(rig.edge.limits.usedChannels('account', 'PBX'), 0)
  caller.got()
  rig.advance(1_600)
  assert.deepEqual(caller.statuses(), [200, 200])
  caller.cseq = 1
  caller.ack()
  rig.advance(5_000)
  assert.deepEqual(caller.statuses(), [])
  assert.equal(rig.edge.leftovers().calls, 0)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'caller BYE')
})
