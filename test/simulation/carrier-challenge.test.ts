// A carrier that asks for credentials: what is answered, how often, where the answer goes, and what else must not change.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { isProof, parseCredentials } from '../../src/sip/digest.ts'
import type { Credentials } from '../../src/sip/digest.ts'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { answerSdp, answeredCall, CallerSide, gateway1, GatewaySide, offer, standardRig } from '../kit/call-rig.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

type Endpoint = NonNullable<NonNullable<DeclarativeInput['carriers']>[number]['endpoints']>[number]

const login = { username: 'tollgate', password: 'Planted-Secret-1' }

const rigOf = (endpoint: Partial<Endpoint> = {}, carrier: object = {}): EdgeRig =>
  standardRig({ endpoint: { ...login, ...endpoint }, carrier })

const challengeLine = (nonce: string, more = '', realm = 'acme'): string =>
  `Proxy-Authenticate: Digest realm="${realm}", nonce="${nonce}", qop="auth"${more}`

const challenge = (gateway: GatewaySide, request: SipMessage, nonce: string, more = ''): void =>
  gateway.answer(request, 407, { lines: [challengeLine(nonce, more)] })

function credentialsOf(request: SipMessage): Credentials | undefined {
  const text = request.value(headerIds.proxyAuthorization)
  const credentials = text === undefined ? undefined : parseCredentials(text)
  if (credentials === undefined) return undefined
  assert.equal(credentials.uri, request.requestUri)
  assert.ok(isProof(credentials, { method: request.method, password: login.password, body: request.body }))
  return credentials
}

const useOf = (request: SipMessage): string => {
  const credentials = credentialsOf(request)
  return credentials === undefined ? 'none' : `${credentials.nonce} ${credentials.nc}`
}

/** The second INVITE of a call whose first one was challenged. */
function challenged(rig: EdgeRig, nonce = 'n1'): { caller: CallerSide; gateway: GatewaySide; second: SipMessage } {
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  challenge(gateway, gateway.one('INVITE'), nonce)
  const [ack, second] = gateway.got()
  assert.equal(ack?.method, 'ACK')
  assert.ok(second !== undefined && second.method === 'INVITE')
  return { caller, gateway, second }
}

/** The call after its challenge, up to the ACK. */
function connected(rig: EdgeRig): { caller: CallerSide; gateway: GatewaySide; invite: SipMessage } {
  const { caller, gateway, second } = challenged(rig)
  gateway.answer(second, 200, { body: answerSdp })
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 200])
  caller.ack()
  return { caller, gateway, invite: second }
}

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
