// Races around the answer and the end of a call: late forks, late offers, requests under way when the call ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { answerSdp, answeredCall, CallerSide, gateway1, GatewaySide, offer, standardRig } from '../kit/call-rig.ts'

const methods = (messages: readonly { kind: string; method: string; status: number }[]): string[] =>
  messages.map((message) => (message.kind === 'request' ? message.method : String(message.status)))

/** Whether a re-INVITE gets a 100 of its own is of no interest here. */
const past100 = (statuses: readonly number[]): number[] => statuses.filter((status) => status !== 100)

test('RFC3261-13.2.2.4 RFC6026-7.2: the 2xx of another fork that comes after the call was ended gets ACK and BYE all the same', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  assert.equal(rig.edge.calls.count, 0)
  gateway.answer(invite, 200, { toTag: 'late-fork', body: answerSdp })
  const [ack, bye] = gateway.got()
  assert.equal(ack?.method, 'ACK')
  assert.equal(ack.toTag, 'late-fork')
  assert.equal(bye?.method, 'BYE')
  assert.equal(bye.toTag, 'late-fork')
  gateway.answer(invite, 200, { body: answerSdp })
  assert.deepEqual(methods(gateway.got()), ['ACK'], 'the winner repeats its 2xx: its ACK was lost')
  gateway.answer(bye, 200)
  rig.assertNothingLeft()
  assert.equal(rig.records.length, 1)
})

test('a late 200 of an attempt that was given up: ACK, BYE with the next CSeq, room given back with the answer to that BYE', () => {
  const rig = standardRig({ carrier: { timeouts: { firstReplyMs: 500, progressMs: 1_000 } } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 100)
  rig.advance(1_010)
  gateway.one('CANCEL')
  assert.equal(caller.got().at(-1)?.status, 408)
  assert.equal(rig.edge.limits.usedChannels('endpoint', 'gw-1'), 1, 'the phone may still ring')
  gateway.answer(invite, 200, { body: answerSdp })
  const [ack, bye] = gateway.got()
  assert.equal(ack?.method, 'ACK')
  assert.equal(bye?.method, 'BYE')
  assert.equal(bye.cseq.number, invite.cseq.number + 1)
  assert.equal(rig.edge.limits.usedChannels('endpoint', 'gw-1'), 1)
  gateway.answer(bye, 200)
  assert.equal(rig.edge.limits.usedChannels('endpoint', 'gw-1'), 0)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('a 2xx that comes again after maxDuration ended the call is acknowledged and changes nothing', () => {
  const rig = standardRig({ customer: { maxDurationSeconds: 1 } })
  const { caller, gateway, invite } = answeredCall(rig)
  rig.advance(1_010)
  const bye = gateway.one('BYE')
  gateway.answer(invite, 200, { body: answerSdp })
  assert.deepEqual(methods(gateway.got()), ['ACK'])
  gateway.answer(bye, 200)
  caller.answer(caller.got()[0] as typeof bye, 200)
  assert.equal(rig.edge.calls.count, 0)
  rig.assertNothingLeft()
  assert.equal(rig.records.length, 1)
})

test('RFC3261-13.2.2.4: a body that is no SDP is no offer: the ACK waits for the answer of the caller', () => {
  for (const [contentType, body, waits] of [
    ['application/pidf+xml', '<presence/>', true],
    ['multipart/mixed;boundary=b', '--b\r\nContent-Type: application/isup\r\n\r\nx\r\n--b--\r\n', true],
    ['multipart/mixed;boundary=b', `--b\r\nContent-Type: application/SDP\r\n\r\n${offer}\r\n--b--\r\n`, false],
    ['Application/SDP', offer, false],
  ] as const) {
    const rig = standardRig()
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.invite({ contentType, body })
    gateway.answer(gateway.one('INVITE'), 200, { body: offer })
    assert.deepEqual(methods(gateway.got()), waits ? [] : ['ACK'], contentType)
    caller.got()
    caller.ack('success', waits ? answerSdp : '')
    if (waits) assert.equal(gateway.one('ACK').body.toString(), answerSdp)
    caller.bye()
    gateway.answer(gateway.one('BYE'), 200)
    rig.assertNothingLeft()
  }
})

test('late offer: a BYE of the gateway before the ACK, of the caller before its ACK, and no ACK at all', () => {
  for (const end of ['gateway', 'caller', 'nobody'] as const) {
    const rig = standardRig()
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.invite({ body: '' })
    const invite = gateway.one('INVITE')
    gateway.answer(invite, 200, { body: offer })
    caller.got()
    if (end === 'gateway') {
      gateway.request('BYE', invite, { lines: ['Reason: Q.850;cause=16'] })
      assert.deepEqual(methods(gateway.got()), ['200'])
      assert.deepEqual(caller.got(), [], 'no BYE before the ACK')
      caller.ack('success', answerSdp)
      const bye = caller.got()[0]
      assert.equal(bye?.method, 'BYE')
      assert.equal(bye.valueOf('reason'), 'Q.850;cause=16', 'also when it had to wait')
      caller.answer(bye, 200)
    } else if (end === 'caller') {
      caller.bye()
      const got = gateway.got()
      assert.deepEqual(methods(got), ['ACK', 'BYE'], 'first the ACK that was owed')
      gateway.answer(got[1] as typeof invite, 200)
      caller.cseq -= 1
      caller.ack('success', answerSdp)
      assert.deepEqual(gateway.got(), [])
    } else {
      rig.advance(32_100)
      const got = gateway.got()
      assert.deepEqual(methods(got), ['ACK', 'BYE'])
      gateway.answer(got[1] as typeof invite, 200)
      const bye = caller.got().find((message) => message.method === 'BYE' && message.kind === 'request')
      assert.ok(bye)
      caller.answer(bye, 200)
    }
    rig.assertNothingLeft()
    assert.equal(rig.records.length, 1)
  }
})

test('a re-INVITE without an offer: its 2xx brings the offer, its ACK the answer; ended before that, the ACK still goes', () => {
  for (const endsFirst of [false, true]) {
    const rig = standardRig()
    const { caller, gateway } = answeredCall(rig)
    caller.inDialog('INVITE')
    const again = gateway.one('INVITE')
    gateway.answer(again, 200, { body: offer })
    assert.deepEqual(gateway.got(), [])
    assert.equal(caller.got().at(-1)?.body.toString(), offer)
    gateway.answer(again, 200, { body: offer })
    assert.deepEqual(gateway.got(), [], 'nothing to acknowledge with yet')
    if (endsFirst) {
      caller.bye()
      const got = gateway.got()
      assert.deepEqual(methods(got), ['ACK', 'BYE'])
      assert.equal(got[0]?.cseq.number, again.cseq.number)
      gateway.answer(got[1] as typeof again, 200)
    } else {
      caller.ack('success', answerSdp)
      const ack = gateway.one('ACK')
      assert.equal(ack.body.toString(), answerSdp)
      assert.equal(ack.cseq.number, again.cseq.number)
      gateway.answer(again, 200, { body: offer })
      assert.equal(gateway.one('ACK').body.toString(), answerSdp)
      caller.bye()
      gateway.answer(gateway.one('BYE'), 200)
    }
    rig.assertNothingLeft()
  }
})

test('each retransmitted 2xx gets the ACK of its own CSeq number, also that of an earlier INVITE', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer })
  const again = gateway.one('INVITE')
  gateway.answer(again, 200, { body: answerSdp })
  assert.equal(gateway.one('ACK').cseq.number, again.cseq.number)
  gateway.answer(invite, 200, { body: answerSdp })
  assert.equal(gateway.one('ACK').cseq.number, invite.cseq.number)
  gateway.answer(again, 200, { body: answerSdp })
  assert.equal(gateway.one('ACK').cseq.number, again.cseq.number)
  caller.got()
  caller.ack()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3261-15.1.2: requests under way when the call ends are answered 487, and their late answers go nowhere', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO', { branch: 'z9hG4bKinfo' })
  const info = gateway.one('INFO')
  caller.inDialog('INVITE', { body: offer, branch: 'z9hG4bKpending' })
  const again = gateway.one('INVITE')
  gateway.answer(again, 180)
  caller.got()
  caller.bye()
  assert.deepEqual(
    caller.got().map((message) => [message.status, message.cseq.method]),
    [
      [200, 'BYE'],
      [487, 'INFO'],
      [487, 'INVITE'],
    ],
  )
  const bye = gateway.one('BYE')
  gateway.answer(info, 200)
  gateway.answer(again, 200, { body: answerSdp })
  assert.deepEqual(methods(gateway.got()), ['ACK'])
  gateway.answer(bye, 200)
  assert.deepEqual(caller.got(), [])
  caller.cseq -= 1
  caller.send(caller.request('ACK', { branch: 'z9hG4bKpending' }))
  rig.assertNothingLeft()
})

test('RFC3261-9.1: a cancelled re-INVITE that never gets its final answer ends with 487, and nothing is left of it', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer, branch: 'z9hG4bKsilent' })
  const again = gateway.one('INVITE')
  caller.send(caller.request('CANCEL', { branch: 'z9hG4bKsilent' }))
  assert.deepEqual(past100(caller.statuses()), [200])
  assert.deepEqual(gateway.got(), [], 'no CANCEL before a 1xx')
  gateway.answer(again, 100)
  gateway.answer(gateway.one('CANCEL'), 200)
  rig.advance(33_000)
  assert.ok(caller.statuses().includes(487))
  caller.send(caller.request('ACK', { branch: 'z9hG4bKsilent' }))
  gateway.got()
  caller.inDialog('INFO')
  gateway.answer(gateway.one('INFO'), 200)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('a re-INVITE of the gateway without ACK ends the call on both sides after 32 s', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  gateway.request('INVITE', invite, { body: offer })
  const toCaller = caller.got()[0]
  assert.equal(toCaller?.method, 'INVITE')
  caller.answer(toCaller, 200, { body: answerSdp })
  caller.got()
  gateway.got()
  rig.advance(32_100)
  const bye = gateway.got().find((message) => message.method === 'BYE' && message.kind === 'request')
  assert.ok(bye)
  gateway.answer(bye, 200)
  const byeToCaller = caller.got()[0]
  assert.equal(byeToCaller?.method, 'BYE')
  caller.answer(byeToCaller, 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'missing ACK')
})

test('an answer without a To tag opens the dialog of RFC 2543', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  const text = [
    'SIP/2.0 200 OK',
    `Via: ${invite.value(headerIds.via)}`,
    `From: ${invite.value(headerIds.from)}`,
    `To: ${invite.value(headerIds.to)}`,
    `Call-ID: ${invite.callId}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:gw@${gateway1}>`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  rig.receive(text, gateway1)
  assert.equal(gateway.one('ACK').toTag, undefined)
  caller.got()
  caller.ack()
  caller.inDialog('INFO')
  gateway.answer(gateway.one('INFO'), 200)
  assert.deepEqual(caller.statuses(), [200])
  caller.bye()
  assert.deepEqual(caller.statuses(), [200])
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})
