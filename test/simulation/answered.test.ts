// Answered calls: late offers, lost ACKs, both BYEs, requests inside the dialog (RFC 3261 12-15).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
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

const methods = (messages: readonly { kind: string; method: string; status: number }[]): string[] =>
  messages.map((message) => (message.kind === 'request' ? message.method : String(message.status)))

test('RFC3261-13.2.2.4: without an offer in the INVITE the outbound ACK waits for the inbound one and carries its body', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ body: '' })
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: offer })
  assert.deepEqual(methods(gateway.got()), [])
  gateway.answer(invite, 200, { body: offer })
  assert.deepEqual(methods(gateway.got()), [], 'nothing to acknowledge with yet')
  assert.equal(caller.got().at(-1)?.body.toString(), offer)
  caller.ack('success', answerSdp)
  const ack = gateway.one('ACK')
  assert.equal(ack.body.toString(), answerSdp)
  assert.equal(ack.valueOf('content-type'), 'application/sdp')
  gateway.answer(invite, 200, { body: offer })
  assert.equal(gateway.one('ACK').body.toString(), answerSdp)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3261-13.3.1.4: our 2xx is sent again until its ACK; without one both sides get BYE after 32 s', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  rig.advance(31_900)
  assert.equal(caller.statuses().filter((status) => status === 200).length, 11)
  assert.deepEqual(methods(gateway.got()), [])
  rig.advance(200)
  const bye = caller.got().find((message) => message.method === 'BYE' && message.kind === 'request')
  assert.ok(bye)
  caller.answer(bye, 200)
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'missing ACK')
})

test('RFC3261-13.2.2.4: a lost ACK toward the gateway: its repeated 2xx is acknowledged again', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [])
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('BYE from both at once: both get 200, one release', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  caller.bye()
  gateway.request('BYE', invite)
  assert.deepEqual(caller.statuses(), [200])
  const got = gateway.got()
  assert.deepEqual(methods(got), ['BYE', '200'])
  if (got[0] !== undefined) gateway.answer(got[0], 481)
  rig.assertNothingLeft()
  assert.equal(rig.records.length, 1)
})

test('RFC3261-15: a BYE of the gateway before the ACK of the caller waits for that ACK', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  gateway.request('BYE', invite)
  assert.deepEqual(methods(gateway.got()), ['200'])
  assert.deepEqual(caller.statuses(), [100, 200])
  caller.ack()
  const bye = caller.got()[0]
  assert.equal(bye?.method, 'BYE')
  caller.answer(bye, 200)
  rig.assertNothingLeft()
})

test('Reason crosses on BYE in both directions, and on CANCEL', () => {
  const rig = standardRig()
  const first = answeredCall(rig)
  first.caller.bye(['Reason: Q.850;cause=16;text="bye"'])
  const bye = first.gateway.one('BYE')
  assert.equal(bye.valueOf('reason'), 'Q.850;cause=16;text="bye"')
  first.gateway.answer(bye, 200)
  rig.take()
  const second = answeredCall(rig)
  second.gateway.request('BYE', second.invite, { lines: ['Reason: SIP;cause=480'] })
  const toCaller = second.caller.got().find((message) => message.method === 'BYE' && message.kind === 'request')
  assert.equal(toCaller?.valueOf('reason'), 'SIP;cause=480')
  if (toCaller !== undefined) second.caller.answer(toCaller, 200)
  rig.take()
  const third = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  third.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  third.cancel(['Reason: SIP;cause=200;text="elsewhere"'])
  assert.equal(gateway.one('CANCEL').valueOf('reason'), 'SIP;cause=200;text="elsewhere"')
  gateway.answer(invite, 487)
  third.ack('failure')
  rig.assertNothingLeft()
})

test('re-INVITE is relayed with the CSeq of the leg, its answer comes back, its ACK crosses', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer })
  const again = gateway.one('INVITE')
  assert.equal(again.callId, invite.callId)
  assert.equal(again.cseq.number, invite.cseq.number + 1)
  assert.equal(again.requestUri, `sip:gw@${gateway1}:5060`)
  assert.equal(again.body.toString(), offer)
  gateway.answer(again, 200, { body: answerSdp })
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 200])
  caller.ack()
  gateway.request('INVITE', invite, { body: offer })
  const toCaller = caller.got()[0]
  assert.equal(toCaller?.method, 'INVITE')
  caller.answer(toCaller, 200, { body: answerSdp, lines: [`Contact: <sip:moved@${callerAddress}:5062>`] })
  assert.deepEqual(methods(caller.got()), ['ACK'])
  assert.deepEqual(methods(gateway.got()), ['100', '200'])
  gateway.request('ACK', invite, { cseq: gateway.cseq })
  gateway.request('BYE', invite)
  const bye = rig.take().find((sent) => sent.message.method === 'BYE' && sent.message.kind === 'request')
  assert.equal(bye?.port, 5062, 'the Contact of the 2xx is the new target')
  if (bye !== undefined) caller.answer(bye.message, 200)
  rig.assertNothingLeft()
})

test('RFC3261-14.1 RFC3261-12.2.1.2: a failed re-INVITE leaves the call as it was; 408 and 481 end it', () => {
  for (const [status, ends] of [
    [488, false],
    [503, false],
    [408, true],
    [481, true],
  ] as const) {
    const rig = standardRig()
    const { caller, gateway } = answeredCall(rig)
    caller.inDialog('INVITE', { body: offer })
    gateway.answer(gateway.one('INVITE'), status)
    const got = caller.got()
    assert.equal(got[1]?.status, status)
    assert.equal(
      got.some((message) => message.method === 'BYE' && message.kind === 'request'),
      ends,
      String(status),
    )
    gateway.got()
    if (!ends) caller.bye()
    rig.advance(40_000)
    rig.assertNothingLeft()
  }
})

test('RFC3261-14.2: overlapping re-INVITEs get 500 with Retry-After or 491', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer })
  const pending = gateway.one('INVITE')
  caller.inDialog('INVITE', { body: offer })
  const overlapping = caller.got()[1]
  assert.equal(overlapping?.status, 500)
  assert.ok(Number(overlapping.valueOf('retry-after')) <= 10)
  gateway.request('INVITE', invite, { body: offer })
  assert.deepEqual(methods(gateway.got()), ['491'])
  caller.cseq -= 1
  gateway.answer(pending, 200, { body: answerSdp })
  caller.got()
  caller.ack()
  caller.cseq += 1
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('CANCEL of a re-INVITE is relayed, and so is whatever final answer comes', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer, branch: 'z9hG4bKre' })
  const again = gateway.one('INVITE')
  gateway.answer(again, 100)
  caller.send(caller.request('CANCEL', { branch: 'z9hG4bKre' }))
  assert.deepEqual(caller.statuses(), [100, 200])
  gateway.answer(gateway.one('CANCEL'), 200)
  gateway.answer(again, 487)
  assert.deepEqual(caller.statuses(), [487])
  gateway.got()
  caller.send(caller.request('ACK', { branch: 'z9hG4bKre' }))
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('INFO, UPDATE, NOTIFY, MESSAGE, OPTIONS cross; REFER is refused; PRACK and SUBSCRIBE do not cross', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  for (const method of ['INFO', 'UPDATE', 'NOTIFY', 'MESSAGE', 'OPTIONS']) {
    caller.inDialog(method, { lines: ['X-Secret: 1', 'Event: x'] })
    const relayed = gateway.one(method)
    assert.equal(relayed.valueOf('x-secret'), undefined)
    assert.equal(relayed.valueOf('event'), 'x')
    gateway.answer(relayed, 200, { lines: ['Warning: 399 gw "seen"'] })
    const answer = caller.got()[0]
    assert.equal(answer?.status, 200)
    assert.equal(answer.valueOf('warning'), '399 gw "seen"')
  }
  for (const [method, status] of [
    ['REFER', 403],
    ['PRACK', 481],
    ['SUBSCRIBE', 405],
    ['NONSENSE', 501],
  ] as const) {
    caller.inDialog(method)
    assert.deepEqual(caller.statuses(), [status], method)
    assert.deepEqual(methods(gateway.got()), [])
  }
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('REFER is relayed where the account says so, but never with the dialog names of this leg', () => {
  const rig = standardRig({ customer: { refer: 'relay' } })
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('REFER', { lines: ['Refer-To: <sip:bob@example.com>'] })
  const refer = gateway.one('REFER')
  assert.equal(refer.valueOf('refer-to'), '<sip:bob@example.com>')
  gateway.answer(refer, 202)
  assert.deepEqual(caller.statuses(), [202])
  caller.inDialog('REFER', { lines: ['Refer-To: <sip:bob@example.com?Replaces=a%3Bto-tag%3Db>'] })
  assert.deepEqual(caller.statuses(), [403])
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('RFC3261-12.2.2: a lower CSeq gets 500, an unknown dialog 481, a foreign source 481', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO')
  gateway.answer(gateway.one('INFO'), 200)
  caller.got()
  caller.cseq -= 2
  caller.inDialog('INFO', { branch: 'z9hG4bKlow' })
  assert.deepEqual(caller.statuses(), [500])
  caller.cseq += 5
  caller.send(caller.request('INFO', { toTag: 'nobody' }))
  assert.deepEqual(caller.statuses(), [481])
  rig.receive(caller.request('BYE', { branch: 'z9hG4bKforeign' }), '192.0.2.77')
  assert.deepEqual(methods(rig.takeTo('192.0.2.77')), ['403'], 'a stranger learns nothing of dialogs')
  assert.deepEqual(methods(gateway.got()), [])
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('maxDuration ends the call on both sides', () => {
  const rig = standardRig({ customer: { maxDurationSeconds: 5 } })
  const { caller, gateway } = answeredCall(rig)
  rig.advance(4_990)
  assert.deepEqual(methods(gateway.got()), [])
  rig.advance(20)
  gateway.answer(gateway.one('BYE'), 200)
  const bye = caller.got()[0]
  assert.equal(bye?.method, 'BYE')
  caller.answer(bye, 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'max duration')
})

test('a vanished peer: our BYE gets no answer, everything is gone 32 s later', () => {
  const rig = standardRig()
  const { caller } = answeredCall(rig)
  caller.bye()
  assert.equal(rig.edge.calls.count, 1)
  rig.assertNothingLeft()
})

test('RFC3261-12.1.1 RFC3261-12.1.2: Record-Route sets of both sides are followed: in order on the inbound leg, reversed on the outbound one', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ lines: ['Record-Route: <sip:10.1.0.8;lr>, <sip:10.1.0.9;lr>'] })
  const invite = gateway.one('INVITE')
  assert.equal(invite.value(headerIds.recordRoute), undefined)
  gateway.answer(invite, 200, {
    body: answerSdp,
    lines: ['Record-Route: <sip:10.2.0.8;lr>', 'Record-Route: <sip:10.2.0.9;lr>'],
  })
  const ack = rig.takeTo('10.2.0.9')[0]
  assert.equal(ack?.method, 'ACK')
  assert.deepEqual(ack.values(headerIds.route), ['<sip:10.2.0.9;lr>', '<sip:10.2.0.8;lr>'])
  assert.deepEqual(caller.got().at(-1)?.values(headerIds.recordRoute), ['<sip:10.1.0.8;lr>', '<sip:10.1.0.9;lr>'])
  caller.ack()
  gateway.request('BYE', invite)
  const bye = rig.takeTo('10.1.0.8')[0]
  assert.equal(bye?.method, 'BYE')
  assert.deepEqual(bye.values(headerIds.route), ['<sip:10.1.0.8;lr>', '<sip:10.1.0.9;lr>'])
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('RFC3261-12.2.1.1: a strict router gets the request with its own URI, the target last', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp, lines: ['Record-Route: <sip:10.2.0.9>'] })
  const ack = rig.takeTo('10.2.0.9')[0]
  assert.equal(ack?.requestUri, 'sip:10.2.0.9')
  assert.deepEqual(ack?.values(headerIds.route), [`<sip:gw@${gateway1}:5060>`])
  caller.got()
  caller.ack()
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})
