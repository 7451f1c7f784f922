// Session timers on both legs (RFC 4028): offered, honoured, refreshed by us where nobody else does, and the end of a
// session that nobody refreshes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answerSdp,
  answeredCall,
  callerAddress,
  CallerSide,
  gateway1,
  GatewaySide,
  offer,
  standardRig,
} from '../kit/call-rig.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

const quarterHourMs = 900_000

/** A call whose sides answered the session timer as given. */
function callWith(rig: EdgeRig, invite: readonly string[], answer: readonly string[]) {
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ lines: invite })
  const received = gateway.one('INVITE')
  gateway.answer(received, 200, { body: answerSdp, lines: answer })
  gateway.one('ACK')
  const seen = caller.got().at(-1)
  caller.ack()
  return { caller, gateway, invite: received, answer: seen }
}

test('RFC4028-7.1: the gateway is offered a timer of 1800 s, whoever calls', () => {
  const rig = standardRig()
  const { invite, caller, gateway } = callWith(rig, [], [])
  assert.equal(invite.valueOf('session-expires'), '1800')
  assert.equal(invite.valueOf('min-se'), '90')
  assert.equal(invite.valueOf('supported'), 'timer')
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC4028-9: a caller that knows timers refreshes by itself, one that does not is refreshed by us', () => {
  const rig = standardRig()
  const knows = callWith(rig, ['Supported: timer', 'Session-Expires: 600'], [])
  assert.equal(knows.answer?.valueOf('session-expires'), '600;refresher=uac')
  assert.equal(knows.answer.valueOf('require'), 'timer')
  const chosen = callWith(rig, ['Supported: timer', 'Session-Expires: 600;refresher=uas'], [])
  assert.equal(chosen.answer?.valueOf('session-expires'), '600;refresher=uas')
  const plain = callWith(rig, [], [])
  assert.equal(plain.answer?.valueOf('session-expires'), '1800;refresher=uas')
  assert.equal(plain.answer.valueOf('require'), undefined)
  for (const { caller } of [knows, chosen, plain]) caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('RFC4028-6: an interval below 90 s gets 422 with Min-SE, from a caller that knows what that is', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  caller.invite({ lines: ['Supported: timer', 'Session-Expires: 60'] })
  const [refused] = caller.got()
  assert.equal(refused?.status, 422)
  assert.equal(refused.valueOf('min-se'), '90')
  assert.equal(rig.edge.calls.count, 0)
  const without = callWith(rig, ['Session-Expires: 60'], [])
  assert.equal(without.answer?.valueOf('session-expires'), '90;refresher=uas')
  without.caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('RFC4028-10: a refresher that does not refresh: BYE to both sides before the interval is over', () => {
  const rig = standardRig()
  const { caller, gateway } = callWith(
    rig,
    ['Supported: timer', 'Session-Expires: 600;refresher=uac'],
    ['Require: timer', 'Session-Expires: 1800;refresher=uas'],
  )
  rig.advance(567_990)
  assert.deepEqual(gateway.got(), [])
  rig.advance(100)
  const bye = caller.got()[0]
  assert.equal(bye?.method, 'BYE')
  caller.answer(bye, 200)
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'session expired')
})

test('RFC4028-7.4: we refresh by UPDATE where the peer takes one, else by a re-INVITE that changes nothing', () => {
  const rig = standardRig()
  const { caller, gateway } = callWith(
    rig,
    ['Supported: timer', 'Session-Expires: 1800;refresher=uac'],
    ['Allow: INVITE, ACK, BYE, CANCEL, UPDATE', 'Require: timer', 'Session-Expires: 1800;refresher=uac'],
  )
  rig.advance(quarterHourMs + 10)
  const update = gateway.one('UPDATE')
  assert.equal(update.valueOf('session-expires'), '1800;refresher=uac')
  gateway.answer(update, 501)
  const again = gateway.one('INVITE')
  assert.equal(again.body.toString(), offer)
  assert.equal(again.cseq.number, update.cseq.number + 1)
  gateway.answer(again, 200, { body: answerSdp, lines: ['Session-Expires: 1800;refresher=uac'] })
  gateway.one('ACK')
  assert.deepEqual(caller.got(), [], 'the caller hears nothing of it')
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('a refresh of ours that gets 481, or no answer at all, ends the call on both sides', () => {
  for (const silent of [true, false]) {
    const rig = standardRig()
    const { caller, gateway } = callWith(rig, ['Supported: timer', 'Session-Expires: 1800'], [])
    rig.advance(quarterHourMs + 10)
    const refresh = gateway.one('INVITE')
    if (silent) rig.advance(33_000)
    else gateway.answer(refresh, 481)
    assert.ok(caller.got().some((message) => message.kind === 'request' && message.method === 'BYE'))
    rig.advance(70_000)
    rig.assertNothingLeft()
    assert.equal(rig.records[0]?.releaseReason, 'session expired')
  }
})

test('RFC4028-7.4: a relayed re-INVITE refreshes both legs, each with its own interval', () => {
  const rig = standardRig()
  const { caller, gateway } = callWith(
    rig,
    ['Supported: timer', 'Session-Expires: 600;refresher=uac'],
    ['Session-Expires: 1200;refresher=uac'],
  )
  rig.advance(300_000)
  caller.inDialog('INVITE', { body: offer, lines: ['Supported: timer', 'Session-Expires: 600;refresher=uac'] })
  const relayed = gateway.one('INVITE')
  assert.equal(relayed.valueOf('session-expires'), '1200;refresher=uac')
  gateway.answer(relayed, 200, { body: answerSdp, lines: ['Session-Expires: 1200;refresher=uac'] })
  gateway.one('ACK')
  assert.equal(caller.got().at(-1)?.valueOf('session-expires'), '600;refresher=uac')
  caller.ack()
  rig.advance(560_000)
  assert.equal(rig.records.length, 0, 'the caller has until 300 + 568 s')
  rig.advance(10_000)
  assert.equal(rig.records[0]?.releaseReason, 'session expired')
  rig.advance(70_000)
  rig.assertNothingLeft()
})

test('RFC3261-14.1: a refresh of ours that meets another INVITE waits and tries again', () => {
  const rig = standardRig()
  const { caller, gateway } = callWith(rig, ['Supported: timer', 'Session-Expires: 1800'], [])
  rig.advance(quarterHourMs + 10)
  gateway.answer(gateway.one('INVITE'), 491)
  gateway.one('ACK')
  rig.advance(2_000)
  let again = gateway.got()[0]
  assert.equal(again, undefined)
  for (let waited = 0; waited < 2_000 && again === undefined; waited += 100) {
    rig.advance(100)
    again = gateway.got()[0]
  }
  assert.ok(again)
  gateway.answer(again, 200, { body: answerSdp })
  gateway.one('ACK')
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('a caller that vanishes after the answer: the refresh on its leg fails, both legs end, the channel is free', () => {
  const rig = standardRig()
  const { gateway } = answeredCall(rig)
  rig.advance(quarterHourMs + 10)
  const refreshes = rig.take().filter((sent) => sent.message.method === 'INVITE')
  assert.deepEqual(refreshes.map((sent) => sent.address).toSorted(), [callerAddress, gateway1])
  const toGateway = refreshes.find((sent) => sent.address === gateway1)
  assert.ok(toGateway)
  gateway.answer(toGateway.message, 200, { body: answerSdp })
  rig.advance(33_000)
  const bye = gateway.got().find((message) => message.method === 'BYE')
  assert.ok(bye)
  gateway.answer(bye, 200)
  assert.equal(rig.records[0]?.releaseReason, 'session expired')
  rig.assertNothingLeft()
})

test('RFC4028-7.3: the 422 of a gateway is answered once, at the same gateway, with its Min-SE', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const first = gateway.one('INVITE')
  gateway.answer(first, 422, { lines: ['Min-SE: 2400'] })
  const [ack, second] = gateway.got()
  assert.equal(ack?.method, 'ACK')
  assert.ok(second)
  assert.equal(second.valueOf('session-expires'), '2400')
  assert.equal(second.valueOf('min-se'), '2400')
  assert.equal(second.callId, first.callId)
  assert.equal(second.cseq.number, first.cseq.number + 1)
  assert.notEqual(second.topVia.branch, first.topVia.branch)
  gateway.answer(second, 422, { lines: ['Min-SE: 3600'] })
  gateway.one('ACK')
  assert.equal(caller.statuses().at(-1), 422)
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.attempts.length, 1)
})
