// Several outbound proxies of one gateway: drawn by weight, one after the other until one leads there, in calls and probes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { answerSdp, CallerSide, gateway1, GatewaySide, standardRig } from '../kit/call-rig.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

const addresses = ['10.3.0.1', '10.3.0.2', '10.3.0.3']

const rigOf = (weights: readonly number[], endpoint: object = {}, carrier: object = {}): EdgeRig =>
  standardRig({
    endpoint: { outboundProxy: weights.map((weight, i) => ({ uri: `sip:${addresses[i]};lr`, weight })), ...endpoint },
    carrier: { gatewayFailoverMax: 0, timeouts: { firstReplyMs: 1_000 }, ...carrier },
  })

const proxiesOf = (rig: EdgeRig): GatewaySide[] => addresses.map((address) => new GatewaySide(rig, address))

const healthOf = (rig: EdgeRig): string => rig.edge.probes.stateOf(`gw-1/udp:${gateway1}:5060`).status

test('a silent proxy: the next one leads to the same gateway, which has not failed', () => {
  const rig = rigOf([1, 0])
  const caller = new CallerSide(rig)
  const [first, second] = proxiesOf(rig) as [GatewaySide, GatewaySide]
  caller.invite()
  const lost = first.one('INVITE')
  assert.equal(lost.requestUri, `sip:441782000001@${gateway1}`)
  rig.advance(1_005)
  const invite = second.one('INVITE')
  assert.equal(invite.requestUri, lost.requestUri)
  assert.deepEqual(invite.values(headerIds.route), ['<sip:10.3.0.2;lr>'])
  assert.notEqual(invite.callId, lost.callId)
  second.answer(invite, 200, { body: answerSdp, lines: ['Record-Route: <sip:10.3.0.2;lr>'] })
  const ack = second.one('ACK')
  assert.deepEqual(ack.values(headerIds.route), ['<sip:10.3.0.2;lr>'])
  assert.equal(ack.requestUri, `sip:gw@10.3.0.2:5060`)
  assert.deepEqual(caller.statuses(), [100, 200])
  caller.ack()
  caller.bye()
  second.answer(second.one('BYE'), 200)
  assert.equal(healthOf(rig), 'green')
  rig.advance(40_000)
  assert.deepEqual(
    rig.records[0]?.attempts.map(({ gateway, status }) => `${gateway} ${status}`),
    ['gw-1 null', 'gw-1 200'],
  )
  rig.assertNothingLeft()
})

test('a closed port: the next proxy at once; when all are gone the gateway has failed once', () => {
  const rig = rigOf([1, 1, 1])
  const caller = new CallerSide(rig)
  const proxies = proxiesOf(rig)
  caller.invite()
  const tried: string[] = []
  for (let i = 0; i < 3; i++) {
    const proxy = proxies.find((one) => one.got().some(({ method }) => method === 'INVITE'))
    assert.ok(proxy !== undefined, `INVITE ${i + 1}`)
    tried.push(proxy.address)
    assert.equal(rig.edge.probes.find(`gw-1/udp:${gateway1}:5060`)?.status ?? 'green', 'green')
    rig.peerError(proxy.address, 5060)
  }
  assert.deepEqual(tried.toSorted(), addresses, 'each once')
  assert.deepEqual(caller.statuses(), [100, 503])
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('the next proxy is no further gateway: failover to the next one is still there', () => {
  const rig = rigOf([1, 0], {}, { gatewayFailoverMax: 1 })
  const caller = new CallerSide(rig)
  const proxies = proxiesOf(rig)
  caller.invite()
  const uris: string[] = []
  for (let i = 0; i < 4; i++) {
    for (const proxy of proxies) {
      const invite = proxy.got().find(({ method }) => method === 'INVITE')
      if (invite !== undefined) uris.push(`${invite.requestUri.slice(-8)} by ${proxy.address}`)
    }
    rig.advance(1_005)
  }
  assert.deepEqual(
    [...new Set(uris)],
    ['10.2.0.1 by 10.3.0.1', '10.2.0.1 by 10.3.0.2', '10.2.0.2 by 10.3.0.1', '10.2.0.2 by 10.3.0.2'],
  )
  assert.equal(caller.statuses().at(-1), 408)
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('an answer of the gateway is no fault of the proxy: 503 goes on to no other proxy', () => {
  const rig = rigOf([1, 0])
  const caller = new CallerSide(rig)
  const [first, second] = proxiesOf(rig) as [GatewaySide, GatewaySide]
  caller.invite()
  first.answer(first.one('INVITE'), 503)
  first.one('ACK')
  assert.deepEqual(second.got(), [])
  assert.deepEqual(caller.statuses(), [100, 503])
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('the draw follows the weights', () => {
  const rig = rigOf([3, 1])
  const [first, second] = proxiesOf(rig) as [GatewaySide, GatewaySide]
  const calls = 400
  for (let i = 0; i < calls; i++) new CallerSide(rig).invite()
  const share = first.got().length
  assert.equal(share + second.got().length, calls)
  assert.ok(share > calls * 0.68 && share < calls * 0.82, `${share} of ${calls}`)
})

test('one dead proxy of two does not turn the gateway red: probes go by the other one', () => {
  const probe = { enabled: true, intervalSeconds: 10, intervalDownSeconds: 5, failuresDown: 2, timeoutMs: 1_000 }
  const rig = rigOf([1, 1], { probe })
  const [first, second] = proxiesOf(rig) as [GatewaySide, GatewaySide]
  for (let i = 0; i < 600; i++) {
    rig.advance(100)
    first.got()
    for (const options of second.got()) second.answer(options, 200)
    assert.equal(healthOf(rig), 'green', `after ${i * 100} ms`)
  }
  assert.match(rig.edge.probes.stateOf(`gw-1/udp:${gateway1}:5060`).reason, /answers OPTIONS/)
})
