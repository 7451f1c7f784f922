// What is said to requests outside any dialog: draining, too many calls, other methods; and when a 100 is due.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { answeredCall, callerAddress, CallerSide, gateway1, GatewaySide, standardRig } from '../kit/call-rig.ts'

const methods = (messages: readonly { kind: string; method: string; status: number }[]): string[] =>
  messages.map((message) => (message.kind === 'request' ? message.method : String(message.status)))

test('draining: new INVITEs and OPTIONS get 503, running calls go on to their end', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  const monitor = new CallerSide(rig)
  monitor.send(monitor.request('OPTIONS'))
  assert.deepEqual(monitor.statuses(), [200])
  rig.edge.drain()
  const late = new CallerSide(rig)
  late.invite()
  assert.deepEqual(late.statuses(), [503])
  monitor.send(monitor.request('OPTIONS'))
  assert.deepEqual(monitor.statuses(), [503])
  assert.deepEqual(gateway.got(), [])
  caller.inDialog('INFO')
  gateway.answer(gateway.one('INFO'), 200)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records.map((record) => record.releaseReason),
    ['caller BYE'],
  )
})

test('stopping ends what still runs: BYE to both sides, 503 to whoever rings, the reason is drained', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  const ringing = new CallerSide(rig)
  ringing.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  ringing.got()
  rig.edge.stop()
  const messages = rig.take()
  const toGateway = messages.filter((sent) => sent.address === gateway1).map((sent) => sent.message)
  const toCaller = messages.filter((sent) => sent.address === callerAddress).map((sent) => sent.message)
  assert.deepEqual(methods(toGateway).toSorted(), ['BYE', 'CANCEL'])
  assert.deepEqual(methods(toCaller).toSorted(), ['503', 'BYE'])
  assert.deepEqual(
    rig.records.map((record) => record.releaseReason),
    ['drained', 'drained'],
  )
  for (const message of toGateway) gateway.answer(message, 200)
  gateway.answer(invite, 487)
  for (const message of toCaller) if (message.method === 'BYE') caller.answer(message, 200)
  ringing.ack('failure')
  rig.assertNothingLeft()
})

test('an operator ends a call: both sides get BYE', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  const call = [...rig.edge.calls.values()][0]
  call?.release('operator', 'an operator ended the call')
  gateway.answer(gateway.one('BYE'), 200)
  caller.answer(caller.got()[0] as Parameters<typeof caller.answer>[0], 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'operator')
  assert.equal(rig.records[0]?.releasedBy, 'edge')
})

test('too many live calls, or transactions: 503 without a call', () => {
  const rig = standardRig()
  Object.defineProperty(rig.edge.transactions, 'count', { configurable: true, get: () => 2_000_000 })
  const early = new CallerSide(rig)
  early.invite()
  assert.deepEqual(early.statuses(), [503])
  Reflect.deleteProperty(rig.edge.transactions, 'count')
  Object.defineProperty(rig.edge.calls, 'count', { configurable: true, get: () => 200_000 })
  const caller = new CallerSide(rig)
  caller.invite()
  assert.deepEqual(caller.statuses(), [503])
  assert.deepEqual(new GatewaySide(rig).got(), [])
  Object.defineProperty(rig.edge.calls, 'count', { configurable: true, get: () => 0 })
  rig.assertNothingLeft()
})

test('RFC3261-8.2.1 RFC3261-11.2: other methods outside a dialog get 405 or 501 with Allow; OPTIONS tells what we can', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  for (const [method, status] of [
    ['MESSAGE', 405],
    ['SUBSCRIBE', 405],
    ['REFER', 405],
    ['NONSENSE', 501],
    ['OPTIONS', 200],
  ] as const) {
    caller.send(caller.request(method))
    const answer = caller.got()[0]
    assert.equal(answer?.status, status, method)
    assert.match(answer.value(headerIds.allow) ?? '', /^INVITE, ACK, BYE, CANCEL/)
    const said = ['Accept', 'Accept-Encoding', 'Accept-Language', 'Supported'].map((name) => answer.valueOf(name))
    const expected = ['application/sdp', 'identity', 'en', '100rel, timer']
    assert.deepEqual(said, status === 200 ? expected : [undefined, undefined, undefined, undefined])
  }
  assert.deepEqual(rig.take(), [])
  rig.assertNothingLeft()
})

test('RFC3261-17.2.1: 100 at once when the INVITE goes on, none before a refusal', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  assert.deepEqual(caller.statuses(), [100])
  assert.deepEqual(methods(gateway.got()), ['INVITE'])
  caller.cancel()
  caller.ack('failure')
  const refused = new CallerSide(rig)
  refused.requestUri = 'sip:10.0.0.1'
  rig.take()
  refused.invite()
  assert.deepEqual(refused.statuses(), [404])
  refused.ack('failure')
  rig.assertNothingLeft()
})

test('no gateway has a listener to leave by: 503 without a 100, the explanation names the reason', () => {
  const rig = standardRig({ endpoint: { listener: 'nowhere' } })
  const caller = new CallerSide(rig)
  caller.invite()
  assert.deepEqual(caller.statuses(), [503])
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.match(
    JSON.stringify(rig.records[0]?.explanation),
    /gw-1 .* skipped: no udp listener for 10\.2\.0\.1 named nowhere/,
  )
  assert.equal(rig.records[0]?.outcome, 'refused')
})
