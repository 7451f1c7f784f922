// Every way a call ends before its answer: CANCEL and its races, time-outs, failures (RFC 3261 9, 17.1.1; product: failover).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerSdp, callerAddress, CallerSide, gateway1, gateway2, GatewaySide, standardRig } from '../kit/call-rig.ts'

const methods = (messages: readonly { kind: string; method: string; status: number }[]): string[] =>
  messages.map((message) => (message.kind === 'request' ? message.method : String(message.status)))

test('RFC3261-9.2: CANCEL is answered 200 at once and its INVITE 487', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  caller.got()
  caller.cancel()
  const got = caller.got()
  assert.deepEqual(
    got.map((message) => [message.status, message.cseq.method]),
    [
      [200, 'CANCEL'],
      [487, 'INVITE'],
    ],
  )
  assert.equal(got[0]?.toTag, got[1]?.toTag)
  const cancel = gateway.one('CANCEL')
  assert.equal(cancel.topVia.branch, invite.topVia.branch)
  assert.equal(cancel.cseq.number, invite.cseq.number)
  assert.equal(cancel.requestUri, invite.requestUri)
  gateway.answer(cancel, 200)
  gateway.answer(invite, 487)
  gateway.one('ACK')
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.outcome, 'cancelled')
})

test('RFC3261-9.1: CANCEL goes to the gateway only after a 1xx, and is remembered until then', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  caller.cancel()
  assert.deepEqual(caller.statuses(), [100, 200, 487])
  rig.advance(2_000)
  assert.deepEqual(methods(gateway.got()), [], 'neither a CANCEL nor the INVITE again')
  gateway.answer(invite, 180)
  const cancel = gateway.one('CANCEL')
  gateway.answer(cancel, 200)
  gateway.answer(invite, 487)
  gateway.one('ACK')
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('CANCEL crossing 200: the caller has its 487, the gateway gets ACK and BYE', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  caller.cancel()
  assert.deepEqual(caller.statuses(), [100, 180, 200, 487])
  gateway.one('CANCEL')
  gateway.answer(invite, 200, { body: answerSdp })
  const [ack, bye] = gateway.got()
  assert.equal(ack?.method, 'ACK')
  assert.equal(bye?.method, 'BYE')
  gateway.answer(invite, 200, { body: answerSdp })
  assert.deepEqual(methods(gateway.got()), ['ACK'], 'a repeated 200 is acknowledged again, without another BYE')
  gateway.answer(bye, 200)
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.equal(rig.records.length, 1)
  assert.equal(rig.records[0]?.outcome, 'cancelled')
})

test('no further attempt after a CANCEL, also when the failure arrives right behind it', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 100)
  caller.cancel()
  gateway.answer(invite, 503)
  assert.deepEqual(methods(rig.takeTo(gateway2)), [])
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('a retransmitted 503 does not advance the hunt twice', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 503)
  gateway.answer(invite, 503)
  assert.deepEqual(methods(gateway.got()), ['ACK', 'ACK'])
  assert.deepEqual(methods(rig.takeTo(gateway2)), ['INVITE'])
  caller.cancel()
  rig.advance(40_000)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3261-17.2.1: a retransmitted INVITE gets the last response again and no second call', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 183, { body: answerSdp })
  caller.got()
  caller.invite()
  assert.deepEqual(caller.statuses(), [183])
  assert.deepEqual(methods(gateway.got()), [])
  caller.cancel()
  caller.ack('failure')
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('RFC3261-8.2.2.2: a merged request gets 482 while the first has no final response, not after', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  caller.invite({ branch: 'z9hG4bKother' })
  assert.deepEqual(caller.statuses(), [100, 482])
  gateway.answer(invite, 486)
  assert.deepEqual(caller.statuses(), [486])
  caller.ack('failure')
  caller.invite({ branch: 'z9hG4bKthird' })
  assert.deepEqual(methods(gateway.got()), ['ACK', 'INVITE'])
  caller.got()
  rig.advance(70_000)
  rig.assertNothingLeft()
})

test('first-reply time-out: the INVITE is not sent again, the next gateway is tried, a late 180 is cancelled, a late 200 ended', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const first = new GatewaySide(rig)
  const second = new GatewaySide(rig, gateway2)
  caller.invite()
  const invite = first.one('INVITE')
  rig.advance(2_995)
  assert.deepEqual(methods(rig.takeTo(gateway2)), [])
  rig.advance(10)
  first.got()
  const next = second.one('INVITE')
  assert.notEqual(next.callId, invite.callId)
  assert.notEqual(next.fromTag, invite.fromTag)
  rig.advance(5)
  first.answer(invite, 180)
  first.one('CANCEL')
  first.answer(invite, 200, { body: answerSdp })
  assert.deepEqual(methods(first.got()), ['ACK', 'BYE'])
  second.answer(next, 200, { body: answerSdp })
  second.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 200])
  caller.ack()
  caller.bye()
  second.answer(second.one('BYE'), 200)
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records[0]?.attempts.map((attempt) => attempt.reason),
    ['no reply within 3000 ms', 'answered'],
  )
})

test('RFC3261-8.1.3.1: both gateways silent: 408 after twice firstReplyMs', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  caller.invite()
  rig.advance(6_010)
  assert.deepEqual(caller.statuses(), [100, 408])
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3261-8.1.3.1: both gateways refuse the connection: 503 at once', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  caller.invite()
  rig.peerError('10.2.0.1', 5060)
  rig.peerError('10.2.0.2', 5060)
  assert.deepEqual(caller.statuses(), [100, 503])
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records[0]?.attempts.map((attempt) => attempt.reason),
    ['connection refused', 'connection refused'],
  )
})

test('an ICMP error may be about another datagram: a late 180 is cancelled, a late 200 ended, the call is at the next', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const [refusing, next] = [new GatewaySide(rig), new GatewaySide(rig, gateway2)]
  caller.invite()
  const invite = refusing.one('INVITE')
  rig.peerError(gateway1, 5060)
  const second = next.one('INVITE')
  rig.advance(2_000)
  assert.deepEqual(refusing.got(), [], 'it is not sent again')
  refusing.answer(invite, 180)
  refusing.one('CANCEL')
  refusing.answer(invite, 200, { body: answerSdp })
  const [ack, bye] = refusing.got()
  assert.deepEqual([ack?.method, bye?.method], ['ACK', 'BYE'])
  assert.ok(bye !== undefined)
  refusing.answer(bye, 200)
  next.got()
  next.answer(second, 486)
  assert.deepEqual(caller.statuses(), [100, 486])
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('no progress: the carrier is left, 408, CANCEL because a 100 came', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 100)
  rig.advance(5_010)
  gateway.one('CANCEL')
  assert.deepEqual(caller.statuses(), [100, 408])
  assert.deepEqual(methods(rig.takeTo(gateway2)), [])
  gateway.answer(invite, 487)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('ringing longer than ringMs: CANCEL and 480 with cause 19', () => {
  const rig = standardRig({ carrier: { timeouts: { ringMs: 10_000 } } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  rig.advance(10_010)
  gateway.one('CANCEL')
  const last = caller.got().at(-1)
  assert.equal(last?.status, 480)
  assert.equal(last.valueOf('reason'), 'Q.850;cause=19')
  gateway.answer(invite, 487)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('huntMs over without an 18x: nothing further is tried, 408', () => {
  const rig = standardRig({ carrier: { timeouts: { huntMs: 1_000 } } })
  const caller = new CallerSide(rig)
  caller.invite()
  rig.advance(1_010)
  assert.deepEqual(caller.statuses(), [100, 408])
  assert.deepEqual(methods(rig.takeTo(gateway2)), [])
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('404, 486, 603: no other gateway is asked, the caller sees them as received', () => {
  for (const status of [404, 410, 480, 484, 486, 600, 603, 607]) {
    const rig = standardRig()
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.invite()
    gateway.answer(gateway.one('INVITE'), status, { lines: ['Reason: Q.850;cause=17', 'Retry-After: 9'] })
    gateway.one('ACK')
    const last = caller.got().at(-1)
    assert.equal(last?.status, status)
    assert.equal(last.reasonPhrase, `Phrase ${status}`)
    assert.equal(last.valueOf('reason'), 'Q.850;cause=17', 'Reason crosses')
    assert.equal(last.valueOf('retry-after'), undefined, 'Retry-After does not')
    assert.deepEqual(methods(rig.takeTo(gateway2)), [])
    caller.ack('failure')
    rig.assertNothingLeft()
  }
})

test('a redirect shows as 503, a challenge goes on and is never passed to the caller', () => {
  for (const [status, seen, asked] of [
    [302, 503, 0],
    [401, 503, 1],
    [407, 503, 1],
  ] as const) {
    const rig = standardRig()
    const caller = new CallerSide(rig)
    const first = new GatewaySide(rig)
    const second = new GatewaySide(rig, gateway2)
    caller.invite()
    const lines = ['WWW-Authenticate: Digest realm="gw", nonce="1"', 'Proxy-Authenticate: Digest realm="gw", nonce="1"']
    first.answer(first.one('INVITE'), status, { lines })
    const next = second.got()
    assert.equal(next.length, asked)
    if (next[0] !== undefined) second.answer(next[0], status, { lines })
    const last = caller.got().at(-1)
    assert.equal(last?.status, seen)
    assert.equal(last.valueOf('www-authenticate') ?? last.valueOf('proxy-authenticate'), undefined)
    caller.ack('failure')
    rig.assertNothingLeft()
  }
})

test('a second INVITE of the caller in the same dialog-less call is a new call', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const one = new CallerSide(rig)
  const two = new CallerSide(rig)
  one.invite()
  two.invite()
  assert.deepEqual(methods(gateway.got()), ['INVITE', 'INVITE'])
  one.cancel()
  two.cancel()
  rig.advance(40_000)
  assert.deepEqual(
    rig.records.map((record) => record.outcome),
    ['cancelled', 'cancelled'],
  )
  rig.takeTo(callerAddress)
  one.ack('failure')
  two.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3261-15: a BYE of the caller in the early dialog ends it like a CANCEL', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  caller.got()
  caller.bye()
  assert.deepEqual(
    caller.got().map((message) => [message.status, message.cseq.method]),
    [
      [200, 'BYE'],
      [487, 'INVITE'],
    ],
  )
  gateway.one('CANCEL')
  gateway.answer(invite, 487)
  caller.cseq = 1
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('no ACK to a failure answer: retransmitted, then everything is gone all the same', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 486)
  rig.advance(40_000)
  assert.ok(caller.statuses().filter((status) => status === 486).length > 5)
  rig.assertNothingLeft()
})
