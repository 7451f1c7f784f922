// Clauses that no other story on the edge tells: the order of checks, whose Via stands where, tags, CANCEL, ACK, 1xx.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import {
  answeredCall,
  answerSdp,
  CallerSide,
  edgeAddress,
  gateway1,
  GatewaySide,
  offer,
  standardRig,
} from '../kit/call-rig.ts'

test('RFC3261-16.3 RFC3261-8.2.2.1: what is wrong is looked for in order: scheme, hops, extensions, who it is', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const faults = [
    [416, (text: string) => text.replace(/^INVITE \S+/, 'INVITE nobody-knows:this')],
    [483, (text: string) => text.replace('Max-Forwards: 70', 'Max-Forwards: 0')],
    [420, (text: string) => text.replace('Max-Forwards:', 'Proxy-Require: x-gate\r\nMax-Forwards:')],
  ] as const
  for (const [i, [status]] of faults.entries()) {
    let text = caller.request('INVITE', { toTag: '', body: offer })
    for (const [, spoil] of faults.slice(i)) text = spoil(text)
    rig.receive(text, '192.0.2.66')
    const [answer] = rig.takeTo('192.0.2.66')
    assert.equal(answer?.status, status)
    if (status === 420) assert.equal(answer.value(headerIds.unsupported), 'x-gate')
  }
  rig.receive(caller.request('INVITE', { toTag: '', body: offer }), '192.0.2.66')
  assert.equal(rig.takeTo('192.0.2.66')[0]?.status, 403)
  assert.deepEqual(rig.take(), [])
  rig.assertNothingLeft()
})

test('RFC3261-8.1.1.7: each request of ours has one Via, ours, with the cookie and a branch of its own', () => {
  const rig = standardRig()
  const branches = new Set<string>()
  const own = (message: ReturnType<GatewaySide['one']>): void => {
    assert.equal(message.values(headerIds.via).length, 1)
    assert.deepEqual([message.topVia.host, message.topVia.port], [edgeAddress, 5060])
    assert.match(message.topVia.branch ?? '', /^z9hG4bK.{8,}/)
    branches.add(message.topVia.branch ?? '')
  }
  const caller = new CallerSide(rig)
  const [first, second] = [new GatewaySide(rig), new GatewaySide(rig, '10.2.0.2')]
  caller.invite()
  const failed = first.one('INVITE')
  own(failed)
  first.answer(failed, 503)
  first.one('ACK')
  const invite = second.one('INVITE')
  own(invite)
  second.answer(invite, 200, { body: answerSdp })
  own(second.one('ACK'))
  caller.got()
  caller.ack()
  caller.inDialog('INFO')
  const info = second.one('INFO')
  own(info)
  second.answer(info, 200)
  caller.inDialog('INVITE', { body: offer })
  const again = second.one('INVITE')
  own(again)
  second.answer(again, 200, { body: answerSdp })
  own(second.one('ACK'))
  caller.ack()
  caller.bye()
  const bye = second.one('BYE')
  own(bye)
  second.answer(bye, 200)
  assert.equal(branches.size, 7, 'three INVITEs, two ACKs of a 200, INFO and BYE')
  rig.assertNothingLeft()
})

test('RFC3261-16.6: a request without Max-Forwards counts as one with 70', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.send(caller.request('INVITE', { toTag: '', body: offer }).replace('Max-Forwards: 70\r\n', ''))
  assert.equal(gateway.one('INVITE').maxForwards, 69)
  for (const call of rig.edge.calls.values()) call.release('operator', 'enough')
  rig.assertNothingLeft()
})

test('RFC3261-9.1: the CANCEL has Request-URI, Via, From, To, Call-ID and CSeq number of the INVITE, and no body', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ lines: ['Require: timer', 'Supported: timer'] })
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  caller.got()
  caller.cancel()
  const cancel = gateway.one('CANCEL')
  const fields = [headerIds.via, headerIds.from, headerIds.to, headerIds.callId, headerIds.route]
  for (const id of fields) assert.deepEqual(cancel.values(id), invite.values(id))
  assert.deepEqual(
    [cancel.requestUri, cancel.cseq, cancel.body.length],
    [invite.requestUri, { number: invite.cseq.number, method: 'CANCEL' }, 0],
  )
  for (const id of [headerIds.require, headerIds.proxyRequire]) assert.equal(cancel.value(id), undefined)
  gateway.answer(cancel, 200)
  gateway.answer(invite, 487)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3261-9.2: a CANCEL that means no INVITE gets 481, one that comes after the answer changes nothing', () => {
  const rig = standardRig()
  const nobody = new CallerSide(rig)
  nobody.cancel()
  assert.deepEqual(nobody.statuses(), [481])
  const { caller, gateway } = answeredCall(rig)
  caller.cancel()
  assert.deepEqual(caller.statuses(), [200])
  assert.deepEqual(gateway.got(), [])
  assert.equal(rig.edge.calls.count, 1)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3261-8.2.6.2: every answer but 100 has a To tag, the same one in each answer and when it is sent again', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  gateway.answer(invite, 183)
  gateway.answer(invite, 486)
  caller.invite()
  const [trying, ...rest] = caller.got()
  assert.deepEqual([trying?.status, trying?.toTag], [100, undefined])
  assert.deepEqual(
    rest.map(({ status }) => status),
    [180, 183, 486, 486],
  )
  assert.equal(new Set(rest.map(({ toTag }) => toTag ?? '')).size, 1)
  assert.match(rest[0]?.toTag ?? '', /.{8,}/)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3261-8.2.7: an answer without state has the same To tag each time the request is sent again', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const text = caller.request('OPTIONS', { branch: 'z9hG4bKagain' })
  for (let i = 0; i < 2; i++) caller.send(text)
  caller.send(caller.request('OPTIONS'))
  const tags = caller.got().map(({ toTag }) => toTag ?? '')
  assert.match(tags[0] ?? '', /.{8,}/)
  assert.equal(tags[0], tags[1])
  assert.notEqual(tags[0], tags[2])
  rig.assertNothingLeft()
})

test('RFC4320-4.1: no provisional answer to a non-INVITE, neither of ours nor passed on', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO')
  const info = gateway.one('INFO')
  gateway.answer(info, 100)
  gateway.answer(info, 183)
  rig.advance(20_000)
  assert.deepEqual(caller.statuses(), [])
  gateway.answer(info, 200)
  assert.deepEqual(caller.statuses(), [200])
  caller.bye()
  gateway.got()
  rig.advance(20_000)
  assert.deepEqual(caller.statuses(), [200])
  rig.assertNothingLeft()
})

test('RFC4320-4.2: an answer that comes after the transaction of its request goes nowhere', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INFO')
  const info = gateway.one('INFO')
  rig.advance(32_100)
  gateway.got()
  gateway.answer(info, 200)
  assert.deepEqual(caller.got(), [])
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3261-13.2.2.4: the ACK of a 2xx has the CSeq number of its INVITE, the method ACK and a branch of its own', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp })
  const ack = gateway.one('ACK')
  assert.deepEqual(ack.cseq, { number: invite.cseq.number, method: 'ACK' })
  assert.notEqual(ack.topVia.branch, invite.topVia.branch)
  assert.deepEqual([ack.requestUri, ack.toTag], [`sip:gw@${gateway1}:5060`, 'gateway-tag'])
  caller.got()
  caller.ack()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3261-12.2.1.1: the CSeq of our leg rises by one with each request; a later Record-Route changes no route', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  const numbers: number[] = []
  for (const method of ['INFO', 'INVITE', 'INFO']) {
    caller.inDialog(method, method === 'INVITE' ? { body: offer } : {})
    const request = gateway.one(method)
    numbers.push(request.cseq.number - invite.cseq.number)
    assert.deepEqual(request.values(headerIds.route), [])
    gateway.answer(request, 200, {
      lines: ['Record-Route: <sip:10.2.0.77;lr>'],
      contact: `<sip:moved@${gateway1}>`,
      body: answerSdp,
    })
    if (method === 'INVITE') {
      gateway.one('ACK')
      caller.ack()
    }
    caller.got()
  }
  caller.bye()
  const bye = gateway.one('BYE')
  numbers.push(bye.cseq.number - invite.cseq.number)
  assert.deepEqual(numbers, [1, 2, 3, 4])
  gateway.answer(bye, 200)
  rig.assertNothingLeft()
})

test('RFC3261-21.5.4: the Retry-After of one gateway is not for the caller; too many calls in all say when to come again', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  caller.invite()
  for (const address of [gateway1, '10.2.0.2']) {
    const gateway = new GatewaySide(rig, address)
    gateway.answer(gateway.one('INVITE'), 503, { lines: ['Retry-After: 60'] })
  }
  const last = caller.got().at(-1)
  assert.deepEqual([last?.status, last?.value(headerIds.retryAfter)], [503, undefined])
  caller.ack('failure')
  Object.defineProperty(rig.edge.calls, 'count', { configurable: true, get: () => 200_000 })
  const late = new CallerSide(rig)
  late.invite()
  const refused = late.got().at(-1)
  assert.equal(refused?.status, 503)
  assert.match(refused.value(headerIds.retryAfter) ?? '', /^[1-9]\d*$/)
  Object.defineProperty(rig.edge.calls, 'count', { configurable: true, get: () => 0 })
  rig.assertNothingLeft()
})

test('in overload new calls are refused, requests of running calls go on', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  Object.defineProperty(rig.edge.calls, 'count', { configurable: true, get: () => 200_000 })
  const late = new CallerSide(rig)
  late.invite()
  assert.deepEqual(late.statuses(), [503])
  caller.inDialog('INFO')
  gateway.answer(gateway.one('INFO'), 200)
  assert.deepEqual(caller.statuses(), [200])
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  assert.deepEqual(caller.statuses(), [200])
  Object.defineProperty(rig.edge.calls, 'count', { configurable: true, get: () => 0 })
  rig.assertNothingLeft()
})

test('overload parameters in a Via that nobody agreed on go back as they came and change nothing', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  const offered = ';oc;oc-algo="loss,rate"'
  caller.send(caller.request('INVITE', { toTag: '', body: offer }).replace(/(Via: .*)/, `$1${offered}`))
  const invite = gateway.one('INVITE')
  assert.equal(invite.topVia.text.includes('oc'), false, 'not offered to the gateway')
  assert.ok(caller.got()[0]?.topVia.text.includes(offered))
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  const answer = caller.got()[0]
  assert.equal(answer?.status, 200)
  assert.doesNotMatch(answer.topVia.text, /oc=|oc-validity|oc-seq/)
  caller.ack()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})
