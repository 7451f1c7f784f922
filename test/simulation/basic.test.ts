// The whole edge on a fake clock: one call from INVITE to record, and the plain ways to end it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerSdp, answeredCall, CallerSide, gateway1, GatewaySide, standardRig } from '../kit/call-rig.ts'
import { headerIds } from '../../src/sip/header.ts'

test('a call passes every room: INVITE, 180, 200, ACK, BYE, record', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  assert.notEqual(invite.callId, caller.callId)
  assert.notEqual(invite.fromTag, caller.tag)
  assert.equal(invite.requestUri, `sip:441782000001@${gateway1}`)
  assert.equal(invite.maxForwards, 69)
  assert.equal(invite.values(headerIds.via).length, 1)
  rig.advance(5_000)
  caller.bye()
  assert.deepEqual(caller.statuses(), [200])
  const bye = gateway.one('BYE')
  assert.equal(bye.callId, invite.callId)
  gateway.answer(bye, 200)
  rig.assertNothingLeft()
  assert.equal(rig.records.length, 1)
  const record = rig.records[0]
  assert.equal(record?.outcome, 'answered')
  assert.equal(record.releaseReason, 'caller BYE')
  assert.equal(record.talkMs, 5_000)
  assert.equal(record.attempts.length, 1)
})

test('a wall clock that is set back an hour in the middle of a call changes no duration, and no price with it', () => {
  const rewrites = [{ parameter: 'destination' as const, pattern: '^44', replacement: '0044' }]
  const rig = standardRig({ endpoint: { rewrites } })
  const { caller, gateway } = answeredCall(rig)
  rig.advance(2_000)
  rig.clock.stepWall(-3_600_000)
  rig.advance(3_000)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
  const [record] = rig.records
  assert.equal(record?.talkMs, 5_000)
  assert.ok((record.setupMs ?? 0) >= 0 && (record.ringMs ?? 0) >= 0)
  assert.equal(record.destination, '441782000001')
  assert.equal(record.attempts[0]?.destination, '00441782000001', 'the number as it was sent there')
})

test('the gateway hangs up', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  gateway.request('BYE', invite)
  assert.equal(gateway.got()[0]?.status, 200)
  const bye = caller.got()[0]
  assert.equal(bye?.method, 'BYE')
  caller.answer(bye, 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'gateway BYE')
})

test('failover to the second gateway on 503', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const first = new GatewaySide(rig)
  const second = new GatewaySide(rig, '10.2.0.2')
  caller.invite()
  first.answer(first.one('INVITE'), 503)
  first.one('ACK')
  const invite = second.one('INVITE')
  second.answer(invite, 200, { body: answerSdp })
  second.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 200])
  caller.ack()
  caller.bye()
  second.answer(second.one('BYE'), 200)
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records[0]?.attempts.map((attempt) => attempt.status),
    [503, 200],
  )
})
