// A carrier that asks for credentials: what is answered, how often, where the answer goes, and what else must not change.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { headerIds } from '../../src/sip/header.ts'
import { answerSdp, CallerSide, gateway1, GatewaySide, standardRig } from '../kit/call-rig.ts'
import { challenge, challengeLine, challenged, login, rigOf, useOf } from '../kit/challenge-rig.ts'

test('RFC3261-22.3: a 407 is acknowledged and answered at the same gateway, in the same dialog, as one attempt', () => {
  const rig = rigOf({ callsPerSecondMax: 1, channelsMax: 1 })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const first = gateway.one('INVITE')
  assert.equal(useOf(first), 'none')
  challenge(gateway, first, 'n1')
  const [ack, second] = gateway.got()
  assert.equal(ack?.method, 'ACK')
  assert.equal(ack.topVia.branch, first.topVia.branch)
  assert.ok(second !== undefined)
  assert.equal(useOf(second), 'n1 00000001')
  assert.equal(second.callId, first.callId)
  assert.equal(second.fromTag, first.fromTag)
  assert.equal(second.toTag, undefined)
  assert.deepEqual(second.cseq, { number: first.cseq.number + 1, method: 'INVITE' })
  assert.notEqual(second.topVia.branch, first.topVia.branch)
  assert.equal(second.body.toString(), first.body.toString())
  gateway.answer(second, 180)
  gateway.answer(second, 200, { body: answerSdp })
  const ackOf2xx = gateway.one('ACK')
  assert.equal(ackOf2xx.cseq.number, second.cseq.number)
  assert.equal(ackOf2xx.value(headerIds.proxyAuthorization), second.value(headerIds.proxyAuthorization))
  assert.deepEqual(caller.statuses(), [100, 180, 200], 'the caller learns nothing of it')
  caller.ack()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records[0]?.attempts.map(({ status, reason }) => `${status} ${reason}`),
    ['200 answered'],
  )
})

test('one more answer for stale=true, and no third', () => {
  const rig = rigOf({}, { gatewayFailoverMax: 0 })
  const { caller, gateway, second } = challenged(rig)
  challenge(gateway, second, 'n2', ', stale=true')
  const third = gateway.got()[1]
  assert.ok(third !== undefined)
  assert.equal(useOf(third), 'n2 00000001')
  assert.equal(third.cseq.number, second.cseq.number + 1)
  challenge(gateway, third, 'n3', ', stale=true')
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 503])
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.attempts[0]?.reason, '407 from the gateway: credentials refused')
})

test('a wrong password: the next gateway is tried, the challenge never reaches the caller', () => {
  const rig = rigOf()
  const { caller, gateway, second } = challenged(rig)
  challenge(gateway, second, 'n2')
  gateway.one('ACK')
  const other = new GatewaySide(rig, '10.2.0.2')
  const elsewhere = other.one('INVITE')
  assert.equal(useOf(elsewhere), 'none', 'the nonce of one gateway is nothing to another')
  other.answer(elsewhere, 401, { lines: ['WWW-Authenticate: Digest realm="x", nonce="y", algorithm=UNHEARD'] })
  other.one('ACK')
  const answers = caller.got()
  assert.deepEqual(
    answers.map(({ status }) => status),
    [100, 503],
  )
  assert.equal(
    answers[1]?.value(headerIds.proxyAuthenticate) ?? answers[1]?.value(headerIds.wwwAuthenticate),
    undefined,
  )
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records[0]?.attempts.map(({ reason }) => reason),
    ['407 from the gateway: credentials refused', '401 from the gateway: challenged in a way that nobody knows'],
  )
})

test('a gateway without credentials: the challenge fails the attempt and says so', () => {
  const rig = standardRig({ carrier: { gatewayFailoverMax: 0 } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  challenge(gateway, gateway.one('INVITE'), 'n1')
  gateway.one('ACK')
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.match(rig.records[0]?.attempts[0]?.reason ?? '', /no credentials are set/)
})

test('a foreign realm gets nothing: configured, and pinned by the first challenge', () => {
  const rig = rigOf({ register: { realm: 'acme' } }, { gatewayFailoverMax: 0 })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 407, { lines: [challengeLine('n1', '', 'test')] })
  gateway.one('ACK')
  caller.ack('failure')
  rig.advance(1_000)
  assert.match(rig.records[0]?.attempts[0]?.reason ?? '', /realm "test", the credentials are for "acme"/)
  const pinned = rigOf({}, { gatewayFailoverMax: 0 })
  const { gateway: known, second } = challenged(pinned)
  known.answer(second, 486)
  known.got()
  new CallerSide(pinned).invite()
  known.answer(known.one('INVITE'), 407, { lines: [challengeLine('n2', '', 'another')] })
  assert.equal(known.one('ACK').method, 'ACK')
})

test('the nonce of the first call serves the next ones, each count once', () => {
  const rig = rigOf()
  const { gateway, second } = challenged(rig)
  const uses = [useOf(second)]
  for (let i = 0; i < 3; i++) {
    new CallerSide(rig).invite()
    uses.push(useOf(gateway.one('INVITE')))
  }
  assert.deepEqual(uses, ['n1 00000001', 'n1 00000002', 'n1 00000003', 'n1 00000004'])
})

test('other credentials forget the nonce of the old ones', () => {
  const rig = rigOf()
  challenged(rig)
  const file = (password: string): DeclarativeInput => ({
    carriers: [
      {
        name: 'Acme',
        endpoints: [
          {
            name: 'gw-1',
            direction: 'receives',
            addresses: [gateway1],
            probe: { enabled: false },
            username: 'tollgate',
            password,
          },
        ],
      },
    ],
    customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: ['10.1.0.1'] }] }],
    routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
  })
  rig.publish(file(login.password))
  const gateway = new GatewaySide(rig)
  new CallerSide(rig).invite()
  assert.equal(useOf(gateway.one('INVITE')), 'n1 00000002', 'a change that leaves the login alone keeps it')
  rig.publish(file('Planted-Secret-2'))
  new CallerSide(rig).invite()
  assert.equal(gateway.one('INVITE').value(headerIds.proxyAuthorization), undefined)
})

test('CANCEL in the second round: only after a 1xx to it, and of the second INVITE', () => {
  const rig = rigOf()
  const { caller, gateway, second } = challenged(rig)
  caller.cancel()
  assert.deepEqual(caller.statuses(), [100, 200, 487])
  caller.ack('failure')
  assert.deepEqual(gateway.got(), [], 'the 407 was an answer to the first INVITE, not to the second')
  gateway.answer(second, 100)
  const cancel = gateway.one('CANCEL')
  assert.equal(cancel.topVia.branch, second.topVia.branch)
  assert.equal(cancel.cseq.number, second.cseq.number)
  gateway.answer(cancel, 200)
  gateway.answer(second, 487)
  gateway.one('ACK')
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.outcome, 'cancelled')
})

test('CANCEL before the challenge: it is not answered any more', () => {
  const rig = rigOf()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const first = gateway.one('INVITE')
  caller.cancel()
  challenge(gateway, first, 'n1')
  gateway.one('ACK')
  caller.got()
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('a late 200 to the second INVITE is acknowledged with its credentials and ended', () => {
  const rig = rigOf()
  const { caller, gateway, second } = challenged(rig)
  caller.cancel()
  caller.got()
  caller.ack('failure')
  gateway.answer(second, 200, { body: answerSdp })
  const [ack, bye] = gateway.got()
  assert.equal(ack?.method, 'ACK')
  assert.equal(ack.cseq.number, second.cseq.number)
  assert.equal(ack.value(headerIds.proxyAuthorization), second.value(headerIds.proxyAuthorization))
  assert.ok(bye !== undefined && bye.method === 'BYE')
  assert.equal(bye.cseq.number, second.cseq.number + 1)
  gateway.answer(bye, 200)
  rig.assertNothingLeft()
})

test('silence after the challenge: first-reply time-out and the next gateway', () => {
  const rig = rigOf({}, { timeouts: { firstReplyMs: 1_000 } })
  const { caller, gateway } = challenged(rig)
  rig.advance(995)
  const other = new GatewaySide(rig, '10.2.0.2')
  assert.deepEqual(other.got(), [])
  rig.advance(10)
  const invite = other.one('INVITE')
  assert.ok(
    gateway.got().every((request) => request.method === 'INVITE'),
    'retransmissions, no CANCEL without a 1xx',
  )
  other.answer(invite, 486)
  other.one('ACK')
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('a request that goes again for another reason may be challenged anew: 407, 422, 407', () => {
  const rig = rigOf()
  const { caller, gateway, second } = challenged(rig)
  gateway.answer(second, 422, { lines: ['Min-SE: 3600'] })
  const third = gateway.got()[1]
  assert.ok(third !== undefined)
  assert.equal(useOf(third), 'n1 00000002')
  challenge(gateway, third, 'n2')
  const fourth = gateway.got()[1]
  assert.ok(fourth !== undefined)
  assert.equal(useOf(fourth), 'n2 00000001')
  gateway.answer(fourth, 486)
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 486])
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.attempts.length, 1)
})

test('OPTIONS probes use the same credentials and the same count', () => {
  const rig = rigOf({ probe: { enabled: true, intervalSeconds: 3_600 } })
  const gateway = new GatewaySide(rig)
  rig.edge.probes.probeNow('gw-1')
  const first = gateway.one('OPTIONS')
  challenge(gateway, first, 'n1')
  const second = gateway.one('OPTIONS')
  assert.equal(useOf(second), 'n1 00000001')
  assert.equal(second.callId, first.callId)
  assert.equal(second.cseq.number, first.cseq.number + 1)
  gateway.answer(second, 200)
  const state = rig.edge.probes.stateOf('gw-1/udp:10.2.0.1:5060')
  assert.match(state.lastProbe?.result ?? '', /^200 after/)
  rig.edge.probes.probeNow('gw-1')
  assert.equal(useOf(gateway.one('OPTIONS')), 'n1 00000002')
})
