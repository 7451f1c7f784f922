// Who may speak for a dialog: Call-ID, both tags, and a source that belongs to it; everybody else changes nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import {
  answerSdp,
  answeredCall,
  callerAddress,
  CallerSide,
  gateway1,
  gateway2,
  GatewaySide,
  offer,
  responseTo,
  standardRig,
} from '../kit/call-rig.ts'

const methods = (messages: readonly { kind: string; method: string; status: number }[]): string[] =>
  messages.map((message) => (message.kind === 'request' ? message.method : String(message.status)))

const stranger = '192.0.2.77'

test('requests and answers from another address of the same account are the dialog peer: farms and switch-overs', () => {
  const rig = standardRig({
    customer: { endpoints: [{ name: 'pbx', direction: 'sends', addresses: [callerAddress, '10.1.9.0/24'] }] },
  })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  rig.receive(responseTo(invite, 200, { body: answerSdp, contact: `<sip:gw@${gateway1}>` }), gateway2)
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 200])
  rig.receive(caller.request('ACK'), '10.1.9.7')
  caller.cseq += 1
  rig.receive(caller.request('BYE', { branch: 'z9hG4bKfarm' }), '10.1.9.8')
  assert.deepEqual(methods(rig.takeTo('10.1.9.8')), ['200'])
  rig.receive(responseTo(gateway.one('BYE'), 200), gateway2)
  assert.equal(rig.edge.calls.count, 0)
  rig.assertNothingLeft()
})

test('a proxy of the account may speak, also over IPv6', () => {
  const rig = standardRig({ endpoint: { outboundProxy: [{ uri: 'sip:[2001:db8::99]:5062', weight: 1 }] } })
  const caller = new CallerSide(rig)
  caller.invite()
  const invite = rig.takeTo('2001:db8::99')[0]
  assert.ok(invite)
  rig.receive(responseTo(invite, 200, { body: answerSdp, contact: `<sip:gw@${gateway1}>` }), gateway1)
  assert.deepEqual(caller.statuses(), [100, 200])
  caller.ack()
  assert.deepEqual(methods(rig.takeTo(gateway1)), ['ACK'])
  new GatewaySide(rig, '2001:db8::99').request('BYE', invite)
  assert.deepEqual(methods(rig.takeTo('2001:db8::99')), ['200'])
  caller.answer(rig.takeTo(callerAddress)[0] as typeof invite, 200)
  rig.assertNothingLeft()
})

test('RFC3261-18.1.2: responses from strangers, with foreign tags, Call-IDs, Vias are ignored in silence', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  caller.got()
  const good = responseTo(invite, 200, { body: answerSdp, contact: `<sip:gw@${gateway1}>` })
  rig.receive(good, stranger)
  rig.receive(good.replace(`Call-ID: ${invite.callId}`, 'Call-ID: other'), gateway1)
  rig.receive(good.replace(`tag=${invite.fromTag}`, 'tag=other'), gateway1)
  rig.receive(good.replace('Via: SIP/2.0/UDP 10.0.0.1:5060', 'Via: SIP/2.0/UDP 10.0.0.1:5099'), gateway1)
  rig.receive(good.replace('From: ', 'Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKx\r\nFrom: '), gateway1)
  rig.receive(responseTo(invite, 503), stranger)
  assert.deepEqual(caller.statuses(), [])
  assert.deepEqual(gateway.got(), [])
  assert.ok(rig.edge.rejections.list().some((row) => row.reason === 'foreign_response' && row.address === stranger))
  rig.receive(good, gateway1)
  assert.deepEqual(caller.statuses(), [200])
  gateway.one('ACK')
  caller.ack()
  caller.bye()
  const bye = gateway.one('BYE')
  caller.got()
  rig.receive(responseTo(bye, 200), stranger)
  rig.receive(responseTo(bye, 200).replace('tag=gateway-tag', 'tag=wrong'), gateway1)
  rig.receive(responseTo(bye, 200).replace(`tag=${bye.fromTag}`, 'tag=wrong'), gateway1)
  assert.equal(rig.edge.calls.count, 1, 'no answer of a stranger ends a dialog')
  gateway.answer(bye, 200)
  assert.equal(rig.edge.calls.count, 0)
  rig.assertNothingLeft()
})

test("RFC3261-9.2: a CANCEL from elsewhere than its INVITE ends nobody's call", () => {
  const rig = standardRig()
  const caller = new CallerSide(rig, { branch: 'z9hG4bKmine' })
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  caller.got()
  const cancel = caller.request('CANCEL', { branch: 'z9hG4bKmine', toTag: '' })
  rig.receive(cancel, stranger)
  assert.deepEqual(methods(rig.takeTo(stranger)), ['403'])
  rig.receive(cancel, gateway1)
  assert.deepEqual(methods(gateway.got()), ['481'])
  assert.deepEqual(caller.statuses(), [])
  caller.cancel()
  assert.deepEqual(caller.statuses(), [200, 487])
  gateway.answer(gateway.one('CANCEL'), 200)
  gateway.answer(invite, 487)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('a CANCEL of a re-INVITE from elsewhere changes nothing either', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer, branch: 'z9hG4bKre' })
  const again = gateway.one('INVITE')
  gateway.answer(again, 100)
  rig.receive(caller.request('CANCEL', { branch: 'z9hG4bKre' }), stranger)
  assert.deepEqual(methods(rig.takeTo(stranger)), ['403'])
  assert.deepEqual(gateway.got(), [])
  gateway.answer(again, 200, { body: answerSdp })
  caller.ack()
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('an ACK of a stranger does not confirm the dialog', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 200, { body: answerSdp })
  caller.got()
  rig.receive(caller.request('ACK'), stranger)
  rig.advance(600)
  assert.deepEqual(caller.statuses(), [200], 'our 2xx is sent again')
  caller.ack()
  rig.advance(5_000)
  assert.deepEqual(caller.statuses(), [])
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('RFC3261-12.2.2: Call-ID and both tags must fit, else 481', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  caller.cseq += 1
  for (const wrong of [
    caller.request('BYE').replace(`Call-ID: ${caller.callId}`, 'Call-ID: other'),
    caller.request('BYE').replace('tag=caller-tag', 'tag=other'),
    caller.request('BYE', { toTag: 'other' }),
    caller.request('BYE', { toTag: invite.fromTag ?? '' }),
  ]) {
    caller.send(wrong)
    assert.deepEqual(caller.statuses(), [481])
  }
  gateway.request('BYE', invite, { toTag: 'other' })
  assert.deepEqual(methods(gateway.got()), ['481'])
  assert.equal(rig.records.length, 0)
  caller.cseq -= 1
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('a BYE of a gateway that was given up does not end the call that another one answered', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const first = new GatewaySide(rig)
  const second = new GatewaySide(rig, gateway2)
  caller.invite()
  const invite = first.one('INVITE')
  first.answer(invite, 199)
  caller.got()
  first.answer(invite, 503)
  first.one('ACK')
  const next = second.one('INVITE')
  second.answer(next, 180)
  rig.advance(100)
  first.request('BYE', invite)
  first.request('INFO', invite)
  assert.deepEqual(methods(first.got()), ['481', '481'])
  second.answer(next, 200, { body: answerSdp })
  second.one('ACK')
  caller.got()
  caller.ack()
  first.request('BYE', invite)
  assert.deepEqual(methods(first.got()), ['481'])
  assert.deepEqual(methods(second.got()), [])
  assert.equal(rig.records.length, 0)
  caller.bye()
  second.answer(second.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('a gateway that was given up while it rang still hangs up for itself only', () => {
  const rig = standardRig({ carrier: { timeouts: { progressMs: 1_000 }, gatewayFailoverMax: 1 } })
  const caller = new CallerSide(rig)
  const first = new GatewaySide(rig)
  caller.invite()
  const invite = first.one('INVITE')
  first.answer(invite, 180)
  caller.got()
  caller.cancel()
  first.one('CANCEL')
  caller.got()
  first.request('BYE', invite)
  first.request('UPDATE', invite, { body: offer })
  assert.deepEqual(methods(first.got()), ['200', '481'])
  assert.deepEqual(caller.got(), [])
  first.answer(invite, 487)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('our Contact names the listener by which each side reaches us; ACK and BYE leave by the same', () => {
  const rig = standardRig({ endpoint: { listener: 'carriers' } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const sent = rig.take().find((one) => one.message.method === 'INVITE' && one.address === gateway1)
  assert.ok(sent)
  assert.equal(sent.listener, 'carriers')
  assert.equal(sent.message.value(headerIds.contact), '<sip:10.0.0.9:5080>')
  assert.equal(sent.message.topVia.port, 5080)
  gateway.answer(sent.message, 200, { body: answerSdp })
  const messages = rig.take()
  assert.equal(messages.find((one) => one.message.method === 'ACK')?.listener, 'carriers')
  const answer = messages.find((one) => one.message.status === 200)
  assert.equal(answer?.message.value(headerIds.contact), '<sip:10.0.0.1:5060>')
  caller.toTag = answer?.message.toTag ?? ''
  caller.ack()
  caller.bye()
  assert.equal(rig.take().find((one) => one.message.method === 'BYE' && one.address === gateway1)?.listener, 'carriers')
  rig.advance(40_000)
  rig.assertNothingLeft()
})
