// A carrier that asks for credentials inside a call, and those who ask for them in vain.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { answerSdp, answeredCall, GatewaySide, offer, standardRig } from '../kit/call-rig.ts'
import { challenge, challengeLine, challenged, connected, rigOf, useOf } from '../kit/challenge-rig.ts'

test('RFC3261-22.1: BYE, INFO and re-INVITE are answered in the dialog, the ACK fits the second re-INVITE', () => {
  const rig = rigOf()
  const { caller, gateway } = connected(rig)
  caller.inDialog('INFO')
  const info = gateway.one('INFO')
  assert.equal(useOf(info), 'n1 00000002', 'in advance')
  challenge(gateway, info, 'n2', ', stale=true')
  const again = gateway.one('INFO')
  assert.equal(useOf(again), 'n2 00000001')
  assert.equal(again.cseq.number, info.cseq.number + 1)
  assert.equal(again.toTag, info.toTag)
  gateway.answer(again, 200)
  assert.deepEqual(caller.statuses(), [200])
  caller.inDialog('INVITE', { body: offer })
  const reinvite = gateway.one('INVITE')
  challenge(gateway, reinvite, 'n3', ', stale=true')
  const [failureAck, second] = gateway.got()
  assert.equal(failureAck?.topVia.branch, reinvite.topVia.branch)
  assert.ok(second !== undefined)
  assert.equal(useOf(second), 'n3 00000001')
  gateway.answer(second, 200, { body: answerSdp })
  const ack = gateway.one('ACK')
  assert.equal(ack.cseq.number, second.cseq.number)
  assert.equal(ack.value(headerIds.proxyAuthorization), second.value(headerIds.proxyAuthorization))
  assert.equal(caller.statuses().at(-1), 200)
  caller.ack()
  caller.bye()
  caller.got()
  const bye = gateway.one('BYE')
  challenge(gateway, bye, 'n4', ', stale=true')
  const lastBye = gateway.one('BYE')
  assert.equal(useOf(lastBye), 'n4 00000001')
  rig.advance(6_000)
  assert.equal(rig.edge.calls.count, 1, 'the first BYE is over, the second is not')
  gateway.answer(lastBye, 200)
  rig.assertNothingLeft()
})

test('our own refresh of the session is answered when it is challenged, the dialog goes on', () => {
  const rig = rigOf()
  const { caller, gateway, second } = challenged(rig)
  const lines = ['Session-Expires: 100;refresher=uac', 'Require: timer', 'Allow: INVITE, ACK, BYE, UPDATE']
  gateway.answer(second, 200, { body: answerSdp, lines })
  gateway.one('ACK')
  caller.got()
  caller.ack()
  rig.advance(51_000)
  const refresh = gateway.got().find(({ method }) => method === 'UPDATE')
  assert.ok(refresh !== undefined)
  challenge(gateway, refresh, 'n2', ', stale=true')
  const again = gateway.got().find(({ method }) => method === 'UPDATE')
  assert.ok(again !== undefined)
  assert.equal(useOf(again), 'n2 00000001')
  assert.equal(again.cseq.number, refresh.cseq.number + 1)
  gateway.answer(again, 200, { lines: ['Session-Expires: 100;refresher=uac'] })
  rig.advance(51_000)
  assert.ok(
    gateway.got().some(({ method }) => method === 'UPDATE'),
    'the next one follows',
  )
})

test('a challenge in the dialog that cannot be answered ends as before: 503 to the caller, the BYE is done', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO')
  challenge(gateway, gateway.one('INFO'), 'n1')
  assert.deepEqual(caller.statuses(), [503])
  caller.bye()
  caller.got()
  challenge(gateway, gateway.one('BYE'), 'n1')
  assert.deepEqual(gateway.got(), [])
  rig.assertNothingLeft()
})

test('a caller who challenges us gets no credentials, whatever realm it names', () => {
  const rig = rigOf()
  const { caller, gateway, invite } = connected(rig)
  gateway.request('INFO', invite)
  const [info] = caller.got()
  assert.ok(info !== undefined && info.method === 'INFO')
  assert.equal(info.value(headerIds.proxyAuthorization), undefined)
  caller.answer(info, 407, { lines: [challengeLine('n1')] })
  assert.deepEqual(caller.got(), [])
  assert.deepEqual(
    gateway.got().map(({ status }) => status),
    [503],
  )
  gateway.request('BYE', invite)
  const bye = caller.got()[0]
  assert.ok(bye !== undefined && bye.method === 'BYE')
  caller.answer(bye, 401, { lines: ['WWW-Authenticate: Digest realm="acme", nonce="n1", qop="auth"'] })
  assert.deepEqual(caller.got(), [])
  rig.assertNothingLeft()
})

test('a dialog that leads to a foreign address: no credentials go there, in advance or in answer', () => {
  const rig = rigOf()
  const { caller, gateway, second } = challenged(rig)
  const contact = 'Contact: <sip:gw@10.2.0.66:5060>'
  gateway.answer(second, 200, { body: answerSdp, lines: ['Record-Route: <sip:10.2.0.66;lr>', contact] })
  const stranger = new GatewaySide(rig, '10.2.0.66')
  stranger.one('ACK')
  caller.got()
  caller.ack()
  caller.bye()
  const bye = stranger.one('BYE')
  assert.equal(bye.value(headerIds.proxyAuthorization), undefined)
  challenge(stranger, bye, 'n2')
  assert.deepEqual(stranger.got(), [])
  rig.assertNothingLeft()
})
