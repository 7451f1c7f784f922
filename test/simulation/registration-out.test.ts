// We register at a carrier: what the REGISTER says, its challenge, its end, what health makes of a refusal, and whose the
// calls to our Contact are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { isProof, parseCredentials } from '../../src/sip/digest.ts'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { parseUri } from '../../src/sip/uri.ts'
import { CallerSide, callerAddress, gateway1, GatewaySide } from '../kit/call-rig.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

type Endpoint = NonNullable<NonNullable<DeclarativeInput['carriers']>[number]['endpoints']>[number]

const trunk = (endpoint: Partial<Endpoint> = {}): Endpoint => ({
  name: 'trunk',
  direction: 'both',
  addresses: [gateway1],
  username: 'acct-7',
  password: 'Planted-Secret-1',
  probe: { enabled: false },
  register: { enabled: true, expiresSeconds: 600 },
  ...endpoint,
})

const fileOf = (...endpoints: Endpoint[]): DeclarativeInput => ({
  system: { realm: 'test' },
  carriers: endpoints.map((endpoint, i) => ({ name: `Acme${i}`, endpoints: [endpoint] })),
  customers: [
    {
      name: 'PBX',
      endpoints: [{ name: 'pbx', direction: 'both', addresses: [callerAddress], probe: { enabled: false } }],
    },
  ],
  routes: [
    { prefix: '', from: 'customers', targets: [{ carrier: 'Acme0' }] },
    { prefix: '', from: 'carriers', targets: [{ customer: 'PBX' }] },
  ],
})

const challengeLine = (nonce: string): string => `WWW-Authenticate: Digest realm="acme", nonce="${nonce}", qop="auth"`

/** The REGISTER that leaves within some seconds; it may have been repeated. */
function next(rig: EdgeRig, registrar: GatewaySide, secondsMax: number): SipMessage {
  for (let waited = 0; waited < secondsMax * 10; waited++) {
    rig.advance(100)
    const [register] = registrar.got()
    if (register !== undefined) return register
  }
  return assert.fail(`no REGISTER within ${secondsMax} s`)
}

const contactOf = (register: SipMessage): string => register.contact?.uri ?? ''
const contactLine = (register: SipMessage, seconds: number): string =>
  `Contact: <sip:other@10.9.9.9>;expires=7, <${contactOf(register)}>;expires=${seconds}`

/** The first REGISTER, challenged and answered: the second one. */
function challenged(rig: EdgeRig, registrar: GatewaySide): SipMessage {
  const first = next(rig, registrar, 1.1)
  assert.equal(first.value(headerIds.authorization), undefined)
  registrar.answer(first, 401, { lines: [challengeLine('n1')] })
  const second = registrar.one('REGISTER')
  assert.equal(second.callId, first.callId)
  assert.equal(second.fromTag, first.fromTag)
  assert.equal(second.cseq.number, first.cseq.number + 1)
  const credentials = parseCredentials(second.value(headerIds.authorization) ?? '')
  assert.ok(credentials !== undefined)
  assert.equal(credentials.uri, second.requestUri)
  assert.ok(isProof(credentials, { method: 'REGISTER', password: 'Planted-Secret-1', body: second.body }))
  return second
}

function registered(endpoint: Partial<Endpoint> = {}): { rig: EdgeRig; registrar: GatewaySide; register: SipMessage } {
  const rig = new EdgeRig(fileOf(trunk(endpoint)))
  const registrar = new GatewaySide(rig)
  const register = challenged(rig, registrar)
  registrar.answer(register, 200, { lines: [contactLine(register, 100)] })
  return { rig, registrar, register }
}

const stateOf = (rig: EdgeRig): string => {
  const [state] = rig.edge.registrations.list()
  return state === undefined ? 'none' : `${state.state}: ${state.reason}`
}

test('RFC3261-10.2: the REGISTER names registrar, address of record and our Contact; a 401 is answered', () => {
  const { rig, registrar, register } = registered()
  assert.equal(register.requestUri, `sip:${gateway1}`)
  assert.equal(register.to.uri, `sip:acct-7@${gateway1}`)
  assert.equal(register.from.uri, register.to.uri)
  assert.equal(register.toTag, undefined)
  assert.match(contactOf(register), /^sip:tg[0-9a-f]{20}@10\.0\.0\.1:5060$/)
  assert.equal(register.value(headerIds.expires), '600')
  assert.equal(stateOf(rig), 'registered: registered for 100 s')
  assert.equal(rig.edge.registrations.list()[0]?.contact, contactOf(register))
  rig.advance(79_000)
  assert.deepEqual(registrar.got(), [])
  const refresh = next(rig, registrar, 12)
  assert.equal(refresh.callId, register.callId)
  assert.equal(refresh.cseq.number, register.cseq.number + 1)
  assert.equal(parseCredentials(refresh.value(headerIds.authorization) ?? '')?.nc, '00000002', 'the nonce again')
})

test('every word of register is used: registrar, domain, users, realm, expiry', () => {
  const register = {
    enabled: true,
    registrar: 'sip:10.2.0.9:5070',
    realm: 'acme',
    fromDomain: 'trunks.example',
    fromUser: '+441000',
    contactUser: '441000',
    authUsername: 'login-7',
    expiresSeconds: 120,
  }
  const rig = new EdgeRig(fileOf(trunk({ register })))
  const registrar = new GatewaySide(rig, '10.2.0.9')
  const second = challenged(rig, registrar)
  assert.equal(second.requestUri, 'sip:10.2.0.9:5070')
  assert.equal(second.to.uri, 'sip:+441000@trunks.example')
  assert.equal(contactOf(second), 'sip:441000@10.0.0.1:5060')
  assert.equal(second.value(headerIds.expires), '120')
  assert.equal(parseCredentials(second.value(headerIds.authorization) ?? '')?.username, 'login-7')
})

test('RFC3261-10.2.8: 423 is followed by what the registrar asks for', () => {
  const rig = new EdgeRig(fileOf(trunk()))
  const registrar = new GatewaySide(rig)
  const register = challenged(rig, registrar)
  registrar.answer(register, 423, { lines: ['Min-Expires: 1800'] })
  assert.equal(registrar.one('REGISTER').value(headerIds.expires), '1800')
})

test('three refusals with fresh nonces: red with a plain reason, no call goes there, nothing more is sent', () => {
  const rig = new EdgeRig(fileOf(trunk()))
  const registrar = new GatewaySide(rig)
  for (let i = 0; i < 3; i++) {
    const first = next(rig, registrar, 11)
    assert.equal(first.value(headerIds.authorization), undefined, 'a refused nonce is not used again')
    registrar.answer(first, 401, { lines: [challengeLine(`n${i}`)] })
    registrar.answer(registrar.one('REGISTER'), 403)
  }
  assert.equal(stateOf(rig), 'refused: registration refused: 403 Phrase 403')
  const health = rig.edge.probes.stateOf(`trunk/udp:${gateway1}:5060`)
  assert.deepEqual([health.status, health.reason], ['red', 'registration refused: 403 Phrase 403'])
  const caller = new CallerSide(rig)
  caller.invite()
  assert.equal(caller.statuses().at(-1), 503)
  caller.ack('failure')
  rig.advance(3_600_000)
  assert.deepEqual(registrar.got(), [])
  rig.publish(fileOf(trunk({ password: 'Another-Secret-1' })))
  assert.equal(rig.edge.probes.stateOf(`trunk/udp:${gateway1}:5060`).status, 'green', 'another login, another try')
  next(rig, registrar, 1.1)
})

test('silence and 503 are no refusals: green, tried again', () => {
  const { rig, registrar } = registered()
  registrar.answer(next(rig, registrar, 91), 503, { lines: ['Retry-After: 20'] })
  assert.match(stateOf(rig), /^failing: registration failed: 503/)
  assert.equal(rig.edge.probes.stateOf(`trunk/udp:${gateway1}:5060`).status, 'green')
  rig.advance(19_000)
  assert.deepEqual(registrar.got(), [])
  next(rig, registrar, 2)
  rig.advance(33_000)
  assert.equal(stateOf(rig), 'failing: registration failed: no answer')
})

test('RFC3261-10.2.2: switched off, changed or stopped, the Contact is taken back; a change elsewhere leaves it', () => {
  const { rig, registrar, register } = registered()
  rig.publish(fileOf(trunk({ notes: 'only a word' })))
  rig.advance(2_000)
  assert.deepEqual(registrar.got(), [])
  rig.publish(fileOf(trunk({ state: 'off' })))
  const last = registrar.one('REGISTER')
  assert.equal(last.value(headerIds.expires), '0')
  assert.equal(contactOf(last), contactOf(register))
  assert.equal(last.callId, register.callId)
  assert.deepEqual(rig.edge.registrations.list(), [])
  registrar.answer(last, 200)
  rig.assertNothingLeft()
  const other = registered()
  other.rig.edge.stop()
  assert.equal(other.registrar.one('REGISTER').value(headerIds.expires), '0')
})

test('an answer from elsewhere means nothing', () => {
  const rig = new EdgeRig(fileOf(trunk()))
  const registrar = new GatewaySide(rig)
  const register = challenged(rig, registrar)
  new GatewaySide(rig, '10.2.0.99').answer(register, 200)
  assert.match(stateOf(rig), /^registering/)
})

/** An INVITE that a registrar sends to our Contact; the number stands in To. */
function callContact(rig: EdgeRig, contact: string, from: string, branch: string): void {
  const text = [
    `INVITE ${contact} SIP/2.0`,
    `Via: SIP/2.0/UDP ${from}:5060;branch=z9hG4bK${branch}`,
    'Max-Forwards: 70',
    'From: <sip:441999@carrier.example>;tag=x',
    'To: <sip:441782000002@carrier.example>',
    `Call-ID: ${branch}@${from}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:${from}>`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  rig.receive(text, from)
}

test('a call from the registrar to our Contact is that carrier, whatever else has this address; its number stands in To', () => {
  const both = { registrar: `sip:${gateway1}` }
  const rig = new EdgeRig(
    fileOf(
      trunk({ direction: 'both', addresses: ['10.2.0.11'], register: { enabled: true, ...both } }),
      trunk({ name: 'second', username: 'acct-8', addresses: ['10.2.0.12'], register: { enabled: true, ...both } }),
    ),
  )
  const registrar = new GatewaySide(rig)
  rig.advance(1_100)
  const contacts = new Map(registrar.got().map((register) => [register.to.uri, contactOf(register)]))
  assert.equal(contacts.size, 2)
  const customer = new GatewaySide(rig, callerAddress)
  for (const [record, contact] of contacts) {
    callContact(rig, contact, gateway1, record.slice(4, 10))
    const invite = customer.one('INVITE')
    assert.equal(parseUri(invite.requestUri)?.user, '441782000002')
    customer.answer(invite, 486)
    customer.one('ACK')
    registrar.request('ACK', invite)
  }
  rig.advance(40_000)
  assert.deepEqual(rig.records.map(({ callerEndpoint, dialled }) => `${callerEndpoint} ${dialled}`).toSorted(), [
    'second 441782000002',
    'trunk 441782000002',
  ])
})

test('a registrar that is listed nowhere else monitors us like any other carrier', () => {
  const rig = new EdgeRig(fileOf(trunk({ register: { enabled: true, registrar: 'sip:10.2.0.9' } })))
  const registrar = new GatewaySide(rig, '10.2.0.9')
  const register = next(rig, registrar, 1.1)
  const options = (from: string): string =>
    [
      `OPTIONS ${contactOf(register)} SIP/2.0`,
      `Via: SIP/2.0/UDP ${from}:5060;branch=z9hG4bKmonitor`,
      'Max-Forwards: 70',
      'From: <sip:monitor@carrier.example>;tag=x',
      'To: <sip:us@carrier.example>',
      'Call-ID: monitor',
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
  for (const [from, status] of [
    ['10.2.0.9', 200],
    ['10.2.0.10', 403],
  ] as const) {
    rig.receive(options(from), from)
    assert.equal(new GatewaySide(rig, from).got().find(({ kind }) => kind === 'response')?.status, status)
  }
})

test('a call to our Contact from elsewhere, to another name, or for an entry that only receives is nobody', () => {
  const register = { enabled: true, registrar: 'sip:10.2.0.9' }
  for (const [direction, from, user] of [
    ['both', '10.2.0.66', undefined],
    ['both', '10.2.0.9', 'tg00000000000000000000'],
    ['receives', '10.2.0.9', undefined],
  ] as const) {
    const rig = new EdgeRig(fileOf(trunk({ direction, register })))
    const contact = contactOf(next(rig, new GatewaySide(rig, '10.2.0.9'), 1.1))
    callContact(rig, user === undefined ? contact : `sip:${user}@10.0.0.1`, from, 'stranger')
    const [answer] = new GatewaySide(rig, from).got()
    assert.equal(answer?.status, 403, `${direction} ${from}`)
  }
})
