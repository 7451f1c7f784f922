// Test calls by the ways that calls take: outbound proxies, TCP, IPv6, several addresses, accounts that are out for a time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { gateway1, GatewaySide, standardRig } from '../kit/call-rig.ts'
import { finish, start, stateOf } from '../kit/test-call-rig.ts'

test('outbound proxies are on the way, and the next one is tried when one is silent', () => {
  const outboundProxy = [
    { uri: 'sip:10.4.0.1:5070', weight: 1 },
    { uri: 'sip:10.4.0.2:5070', weight: 0 },
  ]
  const rig = standardRig({ endpoint: { outboundProxy } })
  const id = start(rig)
  const first = rig.takeTo('10.4.0.1').find(({ method }) => method === 'INVITE')
  assert.equal(first?.requestUri, `sip:441782000001@${gateway1}`)
  assert.equal(first.value(headerIds.route), '<sip:10.4.0.1:5070;lr>')
  rig.advance(3_010)
  const proxy = new GatewaySide(rig, '10.4.0.2')
  const second = proxy.one('INVITE')
  assert.equal(stateOf(rig, id).result, null)
  proxy.answer(second, 486)
  const { result, labels, durations } = stateOf(rig, id)
  assert.equal(result, 'green')
  assert.deepEqual(
    labels.filter((label) => label === 'out INVITE').length,
    4,
    'three to the silent one, one to the next',
  )
  assert.equal(durations.firstReplyMs, 3_010)
  finish(rig)
})

test('TCP and IPv6: the listener of the transport and family, in Via and in the offer', () => {
  const rig = standardRig({ endpoint: { transport: 'tcp', addresses: ['2001:db8::99'] } })
  const id = start(rig)
  const [sent] = rig.take()
  assert.deepEqual([sent?.protocol, sent?.address], ['tcp', '2001:db8::99'])
  assert.match(sent?.message.body.toString() ?? '', /c=IN IP6 2001:db8::1\r\n/)
  assert.match(sent?.message.topVia.text ?? '', /^SIP\/2\.0\/TCP \[2001:db8::1\]:5060/)
  assert.match(stateOf(rig, id).target ?? '', /^tcp:2001:db8/)
  finish(rig)
})

test('one of several addresses can be asked for', () => {
  const rig = standardRig({ endpoint: { addresses: [gateway1, '10.2.0.9'] } })
  for (let i = 0; i < 5; i++) {
    const id = start(rig, { target: 'udp:10.2.0.9:5060', method: 'OPTIONS', destination: '' })
    const gateway = new GatewaySide(rig, '10.2.0.9')
    gateway.answer(gateway.one('OPTIONS'), 200)
    assert.equal(stateOf(rig, id).result, 'green')
  }
  finish(rig)
})

test('an OPTIONS to a proxy or listener that is not there says so', () => {
  const rig = standardRig({ endpoint: { transport: 'tls' } })
  const id = start(rig, { method: 'OPTIONS', destination: '' })
  assert.match(stateOf(rig, id).text, /^nothing was sent: no tls listener for /)
  assert.equal(stateOf(rig, id).state, 'ended')
  finish(rig)
})

test('an account that is out for a time is tested all the same, and the explanation tells of it', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const accountId = rig.edge.directory.endpoints[0]?.accountId ?? ''
  const until = rig.clock.wallMs() + 60_000
  rig.edge.suspensions.apply(new Map([[accountId, [{ kind: 'penalty', reason: 'alert Low ASR', until }]]]))
  const id = start(rig)
  gateway.answer(gateway.one('INVITE'), 486)
  rig.advance(200)
  assert.equal(stateOf(rig, id).result, 'green')
  assert.match(
    rig.records[0]?.explanation[1]?.text ?? '',
    /its account is .*Low ASR.*; a test goes there all the same$/,
  )
  finish(rig)
})
