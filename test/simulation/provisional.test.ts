// Provisional responses on their way to the caller: tags, forks, rules, early media (RFC 3261 13.2.2.4; product: replies).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerSdp, CallerSide, gateway2, GatewaySide, standardRig } from '../kit/call-rig.ts'

test('each 18x goes on with our To tag, not the gateway tag', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  gateway.answer(invite, 183, { body: answerSdp })
  const [, ringing, progress] = caller.got()
  assert.equal(ringing?.status, 180)
  assert.ok(ringing.toTag !== undefined && ringing.toTag !== 'gateway-tag')
  assert.equal(progress?.toTag, ringing.toTag)
  assert.equal(progress?.body.toString(), answerSdp)
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3261-13.2.2.4: forks behind the gateway are dialogs of their own once an SDP was passed; the 2xx has the tag of its own', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 183, { toTag: 'fork-1', body: answerSdp })
  gateway.answer(invite, 183, { toTag: 'fork-2', body: answerSdp })
  gateway.answer(invite, 180, { toTag: 'fork-1' })
  const tags = caller
    .got()
    .slice(1)
    .map((message) => message.toTag)
  assert.notEqual(tags[0], tags[1])
  assert.equal(tags[2], tags[0])
  gateway.answer(invite, 200, { toTag: 'fork-2', body: answerSdp })
  const answer = caller.got()[0]
  assert.equal(answer?.toTag, tags[1])
  gateway.answer(invite, 200, { toTag: 'fork-1', body: answerSdp })
  assert.deepEqual(
    gateway.got().map((message) => message.method),
    ['ACK', 'ACK', 'BYE'],
    'the second 2xx is ended, never connected',
  )
  assert.deepEqual(caller.statuses(), [])
  caller.ack()
  caller.bye()
  assert.equal(gateway.got().find((message) => message.method === 'BYE')?.toTag, 'fork-2')
  rig.assertNothingLeft()
})

test('the next gateway after early media is a new early dialog for the caller', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const first = new GatewaySide(rig)
  const second = new GatewaySide(rig, gateway2)
  caller.invite()
  const invite = first.one('INVITE')
  first.answer(invite, 183, { body: answerSdp })
  first.answer(invite, 503)
  const next = second.one('INVITE')
  second.answer(next, 180, { toTag: 'gateway-tag' })
  const [, early, ringing] = caller.got()
  assert.equal(ringing?.status, 180)
  assert.notEqual(ringing.toTag, early?.toTag)
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('183 -> 180 by rule keeps the SDP; 181, 182 and 199 pass', () => {
  const rig = standardRig({
    carrier: { replyRules: [{ code: 183, action: 'replace', newCode: 180, newReason: 'Ringing' }] },
  })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 183, { body: answerSdp })
  for (const status of [181, 182, 199]) gateway.answer(invite, status)
  const got = caller.got()
  assert.deepEqual(
    got.map((message) => message.status),
    [100, 180, 181, 182, 199],
  )
  assert.equal(got[1]?.reasonPhrase, 'Ringing')
  assert.equal(got[1]?.body.toString(), answerSdp)
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('reply rules: 404 -> failover goes to the next carrier, 404 -> failoverGateway to the next gateway, 486 -> 480 is seen', () => {
  for (const [rule, status, seen, asked] of [
    [{ code: 404, action: 'failoverGateway' }, 404, 404, 1],
    [{ code: 404, action: 'failover' }, 404, 404, 0],
    [{ code: 486, action: 'replace', newCode: 480, newReason: 'Not now' }, 486, 480, 0],
  ] as const) {
    const rig = standardRig({ carrier: { replyRules: [rule] } })
    const caller = new CallerSide(rig)
    const first = new GatewaySide(rig)
    const second = new GatewaySide(rig, gateway2)
    caller.invite()
    first.answer(first.one('INVITE'), status)
    const next = second.got()
    assert.equal(next.length, asked)
    if (next[0] !== undefined) second.answer(next[0], status)
    const last = caller.got().at(-1)
    assert.equal(last?.status, seen)
    assert.equal(last.reasonPhrase, seen === 480 ? 'Not now' : `Phrase ${seen}`)
    caller.ack('failure')
    rig.assertNothingLeft()
  }
})

test('after an 18x was passed on only trouble of the gateway moves on', () => {
  for (const [status, asked] of [
    [503, 1],
    [500, 1],
    [408, 0],
    [403, 0],
  ] as const) {
    const rig = standardRig()
    const caller = new CallerSide(rig)
    const first = new GatewaySide(rig)
    const second = new GatewaySide(rig, gateway2)
    caller.invite()
    const invite = first.one('INVITE')
    first.answer(invite, 180)
    first.answer(invite, status)
    assert.equal(second.got().length, asked, String(status))
    caller.cancel()
    caller.ack('failure')
    rig.assertNothingLeft()
  }
})

test('RFC3261-8.2.2.3: a required extension is refused with 420 that names it', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  caller.invite({ lines: ['Require: gruu', 'Proxy-Require: sec-agree'] })
  const [refused] = caller.got()
  assert.equal(refused?.status, 420)
  assert.equal(refused.valueOf('unsupported'), 'gruu, sec-agree')
  rig.assertNothingLeft()
})
