// Devices of SIP users on the whole edge: REGISTER with digest, calls to what was registered, signs of life, expiry.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import type { Binding } from '../../src/registrar/binding.ts'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { callerAddress, CallerSide, edgeAddress, responseTo } from '../kit/call-rig.ts'
import { answerTo, readChallenge } from '../kit/digest-caller.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

const phone = '10.7.0.1'
const natPort = 40_000
const password = 'S3cret!pw'
const uri = `sip:${edgeAddress}`
type SipUser = NonNullable<NonNullable<DeclarativeInput['customers']>[number]['sipUsers']>[number]

/** A carrier that sends calls, and a customer whose SIP users are called. */
function fileWith(user: Partial<SipUser> = {}, route: object = {}): DeclarativeInput {
  return {
    system: { realm: 'test' },
    carriers: [
      {
        name: 'Acme',
        endpoints: [{ name: 'acme', direction: 'sends', addresses: [callerAddress] }],
        sipUsers: [{ username: 'acme', password }],
      },
    ],
    customers: [
      {
        name: 'PBX',
        sipUsers: [
          { username: '441', password, ...user },
          { username: '442', password },
        ],
      },
    ],
    routes: [{ prefix: '', from: 'carriers', targets: [{ sipUser: '441' }], ...route }],
  }
}

let counter = 0

interface RegisterParts {
  readonly user?: string
  readonly to?: string
  readonly contact?: string
  readonly source?: string
  readonly lines?: readonly string[]
  readonly authorization?: string
}

function sendRegister(rig: EdgeRig, parts: RegisterParts = {}): SipMessage | undefined {
  counter += 1
  const { user = '441', to = user, contact = `<sip:441@192.168.1.5:5060>`, source = phone, lines = [] } = parts
  const text = [
    `REGISTER ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 192.168.1.5:5060;rport;branch=z9hG4bKreg${counter}`,
    'Max-Forwards: 70',
    `From: <sip:${user}@${edgeAddress}>;tag=reg`,
    `To: <sip:${to}@${edgeAddress}>`,
    'Call-ID: registration',
    `CSeq: ${counter} REGISTER`,
    ...(contact === '' ? [] : [`Contact: ${contact}`]),
    ...lines,
    ...(parts.authorization === undefined ? [] : [`Authorization: ${parts.authorization}`]),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  rig.receive(text, source, natPort)
  return rig.takeTo(source).find((message) => message.cseq.number === counter)
}

/** Through the challenge. */
function register(rig: EdgeRig, parts: RegisterParts = {}): SipMessage | undefined {
  const asked = sendRegister(rig, parts)
  assert.equal(asked?.status, 401)
  const challenge = readChallenge(asked.value(headerIds.wwwAuthenticate) ?? '')
  const username = parts.user ?? '441'
  return sendRegister(rig, {
    ...parts,
    authorization: answerTo(challenge, { username, password, uri, method: 'REGISTER' }),
  })
}

const bindingsOf = (rig: EdgeRig): string[] =>
  rig.edge.phones.list().map(({ name, contact, reason }) => `${name} ${contact} ${reason}`)

test('RFC3261-22.2: REGISTER is challenged with 401, and what it registers is told', () => {
  const rig = new EdgeRig(fileWith())
  const answer = register(rig, { lines: ['User-Agent: test'] })
  assert.equal(answer?.status, 200)
  assert.equal(answer.value(headerIds.contact), '<sip:441@192.168.1.5:5060>;expires=3600')
  assert.deepEqual(bindingsOf(rig), ['441 sip:441@192.168.1.5:5060 from udp:10.7.0.1:40000, test'])
})

test('a retransmitted REGISTER gets the same answer again', () => {
  const rig = new EdgeRig(fileWith())
  const asked = sendRegister(rig)
  const challenge = readChallenge(asked?.value(headerIds.wwwAuthenticate) ?? '')
  const authorization = answerTo(challenge, { username: '441', password, uri, method: 'REGISTER' })
  assert.equal(sendRegister(rig, { authorization })?.status, 200)
  counter -= 1
  assert.equal(sendRegister(rig, { authorization })?.status, 200)
})

test('B5: with the password of one user nobody registers another one', () => {
  const rig = new EdgeRig(fileWith())
  assert.equal(register(rig, { user: '442', to: '441' })?.status, 403)
  assert.deepEqual(bindingsOf(rig), [])
})

test('an answer to a challenge of an INVITE registers nothing, because the method is part of it', () => {
  const rig = new EdgeRig(fileWith())
  const asked = sendRegister(rig)
  const challenge = readChallenge(asked?.value(headerIds.wwwAuthenticate) ?? '')
  const authorization = answerTo(challenge, { username: '441', password, uri, method: 'INVITE' })
  assert.equal(sendRegister(rig, { authorization })?.status, 401)
})

test('REGISTER from where no SIP user may call from is refused as before: 403', () => {
  const rig = new EdgeRig({
    ...fileWith({ allowedAddresses: ['10.8.0.0/16'] }),
    carriers: [],
    customers: [{ name: 'PBX', sipUsers: [{ username: '441', password, allowedAddresses: ['10.8.0.0/16'] }] }],
    routes: [],
  })
  assert.equal(sendRegister(rig)?.status, 403)
})

test('a call goes to the flow that the device registered by, under the Contact that it gave', () => {
  const rig = new EdgeRig(fileWith())
  register(rig)
  const caller = new CallerSide(rig)
  caller.invite()
  const sent = rig.take().filter(({ message }) => message.kind === 'request')
  assert.deepEqual(
    sent.map(({ message, address, port }) => `${message.method} ${message.requestUri} ${address}:${port}`),
    ['INVITE sip:441@192.168.1.5:5060 10.7.0.1:40000'],
  )
  const invite = sent[0]?.message
  assert.ok(invite !== undefined)
  rig.receive(responseTo(invite, 200, { contact: '<sip:441@192.168.1.5:5060>' }), phone, natPort)
  assert.ok(caller.statuses().includes(200))
  caller.ack()
  caller.bye()
  const [, bye] = rig.takeTo(phone)
  assert.equal(bye?.method, 'BYE')
  rig.receive(responseTo(bye, 200), phone, natPort)
  rig.advance(200)
  assert.partialDeepStrictEqual(rig.records[0], {
    outcome: 'answered',
    callerAccount: 'Acme',
    attempts: [{ gateway: '441', account: 'PBX' }],
  })
})

test('a device without NAT is called at the port that its Contact names', () => {
  const rig = new EdgeRig(fileWith())
  register(rig, { contact: `<sip:441@${phone}:5070>` })
  new CallerSide(rig).invite()
  const sent = rig.take().find(({ message }) => message.method === 'INVITE')
  assert.deepEqual([sent?.address, sent?.port], [phone, 5070])
})

test('retainDid: the dialled number stands in the Request-URI, the rest of the Contact stays', () => {
  const rig = new EdgeRig(fileWith({ retainDid: true }))
  register(rig, { contact: '<sip:441@192.168.1.5:5060;line=7>' })
  new CallerSide(rig, { number: '4930111' }).invite()
  const invite = rig.takeTo(phone)[0]
  assert.equal(invite?.requestUri, 'sip:4930111@192.168.1.5:5060;line=7')
  assert.equal(invite.value(headerIds.to), '<sip:4930111@192.168.1.5:5060>')
})

test('RFC3327-5.3: a call takes the Path of the registration', () => {
  const rig = new EdgeRig(fileWith())
  register(rig, { contact: `<sip:441@${phone}:5070>`, lines: ['Path: <sip:10.7.0.1:40000;lr>', 'Supported: path'] })
  new CallerSide(rig).invite()
  const sent = rig.take().find(({ message }) => message.method === 'INVITE')
  assert.deepEqual(sent?.message.values(headerIds.route), ['<sip:10.7.0.1:40000;lr>'])
  assert.equal(sent.port, natPort, 'the port of the Contact is behind the proxy')
})

test('a SIP user that is not registered gets no call; a route goes on to its next target', () => {
  const rig = new EdgeRig(fileWith())
  const caller = new CallerSide(rig)
  caller.invite()
  assert.deepEqual(caller.statuses(), [503])
  assert.ok(rig.edge.limits.states(0).every(({ used, kind }) => kind !== 'channels' || used === 0))
  const both = new EdgeRig(
    fileWith(
      {},
      {
        targets: [
          { sipUser: '441', priority: 0 },
          { sipUser: '442', priority: 1 },
        ],
      },
    ),
  )
  register(both, { user: '442', contact: '<sip:442@192.168.1.6>' })
  new CallerSide(both).invite()
  assert.equal(both.takeTo(phone)[0]?.requestUri, 'sip:442@192.168.1.6')
})

test('calls to a SIP user and calls of it share its channels', () => {
  const rig = new EdgeRig(fileWith({ channelsMax: 1 }))
  register(rig)
  const [first, second] = [new CallerSide(rig), new CallerSide(rig)]
  first.invite()
  second.invite()
  assert.deepEqual(
    second.statuses().filter((status) => status > 100),
    [503],
  )
  assert.deepEqual(
    rig.edge.limits
      .states(0)
      .filter(({ scope, kind }) => scope === 'sipUser' && kind === 'channels')
      .map(({ name, used, limit }) => [name, used, limit]),
    [['441', 1, 1]],
  )
  assert.equal(
    rig.edge.limits.states(0).some(({ scope, name }) => scope === 'endpoint' && name === '441'),
    false,
    'it is told of once',
  )
})

test('two devices: the one that answers busy ends the call, the one that is silent leaves it to the other', () => {
  const rig = new EdgeRig(fileWith())
  register(rig)
  register(rig, { contact: '<sip:441@192.168.1.9>', source: '10.7.0.9' })
  const caller = new CallerSide(rig)
  caller.invite()
  const called = (address: string): boolean => rig.takeTo(address).some(({ method }) => method === 'INVITE')
  const first = called(phone) ? phone : '10.7.0.9'
  if (first === '10.7.0.9') called('10.7.0.9')
  rig.advance(3_000)
  assert.equal(called(first === phone ? '10.7.0.9' : phone), true)
})

test('ping: a device is asked every minute by its flow, and goes after three silences where the user says timeout', () => {
  const rig = new EdgeRig(fileWith({ ping: 'timeout' }))
  register(rig)
  rig.take()
  rig.advance(60_000)
  const asked = rig.take().find(({ message }) => message.method === 'OPTIONS')
  assert.deepEqual(
    [asked?.address, asked?.port, asked?.message.requestUri],
    [phone, natPort, 'sip:441@192.168.1.5:5060'],
  )
  assert.ok(asked !== undefined)
  // Two silences, then an answer of whatever status, then two silences: each row counts anew.
  rig.advance(120_000)
  const later = rig.take().filter(({ message }) => message.method === 'OPTIONS')
  const third = later.at(-1)?.message
  assert.ok(third !== undefined)
  rig.receive(responseTo(third, 405), phone, natPort)
  rig.advance(60_000 * 2 + 33_000)
  assert.equal(bindingsOf(rig).length, 1)
  rig.advance(60_000)
  assert.deepEqual(bindingsOf(rig), [])
})

test('OPTIONS from the address of a registered device is answered, and refused when it is no longer registered', () => {
  const rig = new EdgeRig(fileWith())
  const ask = (): number | undefined => {
    counter += 1
    rig.receive(
      [
        `OPTIONS ${uri} SIP/2.0`,
        `Via: SIP/2.0/UDP ${phone}:5060;branch=z9hG4bKopt${counter}`,
        'Max-Forwards: 70',
        `From: <sip:441@${phone}>;tag=opt`,
        `To: <${uri}>`,
        `Call-ID: options${counter}`,
        'CSeq: 1 OPTIONS',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
      phone,
    )
    return rig.takeTo(phone)[0]?.status
  }
  assert.equal(ask(), 403)
  register(rig)
  register(rig, { lines: ['Expires: 600'] })
  assert.equal(ask(), 200)
  register(rig, { contact: '*', lines: ['Expires: 0'] })
  assert.equal(ask(), 403)
})

test('what was registered is handed up, and is back after a restart with the same flow', () => {
  const rig = new EdgeRig(fileWith())
  const kept: Binding[] = []
  rig.onRegistrations = (bindings) => kept.push(...bindings)
  register(rig)
  const next = new EdgeRig(fileWith(), 2)
  next.edge.phones.restore(structuredClone(kept))
  assert.deepEqual(bindingsOf(next), bindingsOf(rig))
  new CallerSide(next).invite()
  assert.equal(next.takeTo(phone)[0]?.requestUri, 'sip:441@192.168.1.5:5060')
  next.advance(3_600_000)
  assert.deepEqual(bindingsOf(next), [])
})
