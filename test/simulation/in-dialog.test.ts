// Requests inside the answered dialog: order, glare, targets, extensions, silence of the other side.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { answerSdp, answeredCall, callerAddress, gateway1, offer, standardRig } from '../kit/call-rig.ts'

const methods = (messages: readonly { kind: string; method: string; status: number }[]): string[] =>
  messages.map((message) => (message.kind === 'request' ? message.method : String(message.status)))

/** Whether a re-INVITE gets a 100 of its own is of no interest here. */
const past100 = (statuses: readonly number[]): number[] => statuses.filter((status) => status !== 100)

test('RFC3261-8.2.2.3: an extension that is required inside the dialog is refused with 420 that names it', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO', { lines: ['Require: foo, x-y', 'Proxy-Require: bar'] })
  const refused = caller.got()[0]
  assert.equal(refused?.status, 420)
  assert.equal(refused.value(headerIds.unsupported), 'foo, x-y, bar')
  assert.deepEqual(gateway.got(), [])
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3261-12.2: a target refresh changes the target of its own leg only, and only when it succeeds', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  const moved = (text: string): string => text.replace(/Contact: .*/, `Contact: <sip:moved@${callerAddress}:5090>`)
  caller.cseq += 1
  caller.send(moved(caller.request('INVITE', { body: offer, branch: 'z9hG4bKfail' })))
  const failed = gateway.one('INVITE')
  assert.equal(failed.value(headerIds.contact), '<sip:10.0.0.1:5060>', 'our own')
  gateway.answer(failed, 488)
  gateway.got()
  caller.send(caller.request('ACK', { branch: 'z9hG4bKfail' }))
  caller.got()
  gateway.request('INFO', invite)
  const before = rig.take().find((sent) => sent.message.method === 'INFO')
  assert.equal(before?.message.requestUri, `sip:alice@${callerAddress}:5060`, 'a failed re-INVITE leaves all as it was')
  caller.answer(before.message, 200)
  rig.take()
  caller.cseq += 1
  caller.send(moved(caller.request('UPDATE', { body: offer })))
  const update = gateway.one('UPDATE')
  assert.equal(update.requestUri, `sip:gw@${gateway1}:5060`)
  gateway.answer(update, 200, { body: answerSdp, contact: `<sip:elsewhere@${gateway1}:5091>` })
  caller.got()
  gateway.request('INFO', invite)
  const after = rig.take().find((sent) => sent.message.method === 'INFO')
  assert.equal(after?.message.requestUri, `sip:moved@${callerAddress}:5090`)
  assert.equal(after.port, 5090)
  caller.answer(after.message, 200)
  rig.take()
  caller.bye()
  const bye = rig.take().find((sent) => sent.message.method === 'BYE' && sent.message.kind === 'request')
  assert.equal(bye?.message.requestUri, `sip:elsewhere@${gateway1}:5091`)
  gateway.answer(bye.message, 200)
  rig.assertNothingLeft()
})

test('RFC3261-17.2.2: a retransmitted re-INVITE and INFO get the last answer again and do not cross twice', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO', { branch: 'z9hG4bKinfo' })
  const info = gateway.one('INFO')
  caller.send(caller.request('INFO', { branch: 'z9hG4bKinfo' }))
  assert.deepEqual(gateway.got(), [])
  gateway.answer(info, 200)
  caller.send(caller.request('INFO', { branch: 'z9hG4bKinfo' }))
  assert.deepEqual(caller.statuses(), [200, 200])
  caller.inDialog('INVITE', { body: offer, branch: 'z9hG4bKre' })
  const again = gateway.one('INVITE')
  gateway.answer(again, 180)
  caller.send(caller.request('INVITE', { body: offer, branch: 'z9hG4bKre' }))
  assert.deepEqual(gateway.got(), [])
  assert.deepEqual(past100(caller.statuses()), [180, 180])
  gateway.answer(again, 200, { body: answerSdp })
  gateway.one('ACK')
  caller.got()
  caller.ack()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3261-14.1: re-INVITEs of both sides that cross both get 491, whichever way; the 491 of an end crosses', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer, branch: 'z9hG4bKcross' })
  const crossing = gateway.one('INVITE')
  gateway.request('INVITE', invite, { body: offer, branch: 'z9hG4bKother' })
  assert.deepEqual(methods(gateway.got()), ['491'])
  assert.deepEqual(past100(caller.statuses()), [])
  gateway.answer(crossing, 491)
  assert.deepEqual(past100(caller.statuses()), [491])
  assert.deepEqual(methods(gateway.got()), ['ACK'])
  caller.send(caller.request('ACK', { branch: 'z9hG4bKcross' }))
  gateway.request('ACK', invite, { branch: 'z9hG4bKother', cseq: gateway.cseq })
  caller.inDialog('INVITE', { body: offer })
  gateway.answer(gateway.one('INVITE'), 200, { body: answerSdp })
  assert.deepEqual(past100(caller.statuses()), [200], 'both may try again')
  gateway.request('INVITE', invite, { body: offer, branch: 'z9hG4bKsoon' })
  assert.deepEqual(methods(gateway.got()), ['ACK', '491'], 'the 2xx before has no ACK yet')
  gateway.request('ACK', invite, { branch: 'z9hG4bKsoon', cseq: gateway.cseq })
  caller.ack()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test("a Retry-After inside the dialog is the other user's own and crosses", () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('UPDATE', { body: offer })
  gateway.answer(gateway.one('UPDATE'), 500, { lines: ['Retry-After: 7'] })
  const refused = caller.got()[0]
  assert.equal(refused?.status, 500)
  assert.equal(refused.value(headerIds.retryAfter), '7')
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC4320-4.2: a request that is never answered gets no 408, its transactions end, the call goes on', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO')
  const transactions = rig.edge.transactions.count
  rig.advance(32_100)
  assert.deepEqual(caller.statuses(), [])
  assert.ok(rig.edge.transactions.count < transactions)
  assert.ok(methods(gateway.got()).every((method) => method === 'INFO'))
  assert.equal(rig.edge.calls.count, 1)
  caller.inDialog('INFO')
  gateway.answer(gateway.one('INFO'), 200)
  assert.deepEqual(caller.statuses(), [200])
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('a re-INVITE that is never answered ends the call: 408, BYE to both sides', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer, branch: 'z9hG4bKsilent' })
  gateway.one('INVITE')
  rig.advance(32_100)
  const got = caller.got()
  assert.ok(got.some((message) => message.status === 408))
  const bye = got.find((message) => message.method === 'BYE' && message.kind === 'request')
  assert.ok(bye)
  caller.answer(bye, 200)
  caller.send(caller.request('ACK', { branch: 'z9hG4bKsilent' }))
  const byeToGateway = gateway.got().find((message) => message.method === 'BYE')
  assert.ok(byeToGateway)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'gateway lost')
})

test('a gateway that cannot be reached in mid-call answers 503 for the request, the call goes on', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO')
  gateway.one('INFO')
  rig.peerError(gateway1, 5060, 'unreachable')
  assert.deepEqual(caller.statuses(), [503])
  assert.equal(rig.edge.calls.count, 1)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('a challenge inside the dialog is never passed on', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO')
  gateway.answer(gateway.one('INFO'), 407, { lines: ['Proxy-Authenticate: Digest realm="gw", nonce="1"'] })
  const answer = caller.got()[0]
  assert.equal(answer?.status, 503)
  assert.equal(answer.value(headerIds.proxyAuthenticate), undefined)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('REFER with the names of a dialog in its URI is refused, however they are written', () => {
  const rig = standardRig({ customer: { refer: 'relay' } })
  const { caller, gateway } = answeredCall(rig)
  for (const line of [
    'Refer-To: <sip:bob@example.com?Replaces=a%3Bto-tag%3Db>',
    'r: <sip:bob@example.com?%52eplaces=a>',
    'Refer-To: <sip:bob@example.com?x=1&jOIN=a>',
    'Refer-To: <sip:bob@example.com?Target-Dialog=a>',
    'Refer-To: <sip:bob@example.com>\r\nTarget-Dialog: a;remote-tag=b',
  ]) {
    caller.inDialog('REFER', { lines: [line] })
    assert.deepEqual(caller.statuses(), [403], line)
  }
  assert.deepEqual(gateway.got(), [])
  caller.inDialog('INVITE', { body: offer, lines: ['Replaces: a;to-tag=b;from-tag=c'], branch: 'z9hG4bKreplace' })
  assert.deepEqual(caller.statuses(), [403])
  caller.send(caller.request('ACK', { branch: 'z9hG4bKreplace' }))
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('a REFER of the gateway is refused unless its account may', () => {
  for (const refer of ['refuse', 'relay'] as const) {
    const rig = standardRig({ carrier: { refer } })
    const { caller, gateway, invite } = answeredCall(rig)
    gateway.request('REFER', invite, { lines: ['Refer-To: <sip:bob@example.com>'] })
    if (refer === 'refuse') assert.deepEqual(methods(gateway.got()), ['403'])
    else {
      const crossed = caller.got()[0]
      assert.equal(crossed?.method, 'REFER')
      caller.answer(crossed, 202)
      assert.deepEqual(methods(gateway.got()), ['202'])
    }
    caller.bye()
    gateway.answer(gateway.one('BYE'), 200)
    rig.assertNothingLeft()
  }
})
