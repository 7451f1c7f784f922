// Inbound digest on the whole edge: who is challenged and how, who comes in, and what a source may try.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { CallerSide, edgeAddress, gateway1, GatewaySide, standardFile } from '../kit/call-rig.ts'
import { answerTo } from '../kit/digest-caller.ts'
import {
  ask,
  challenged,
  challengesOf,
  password,
  phone,
  replies,
  right,
  rigWith,
  statusOf,
  users,
} from '../kit/digest-phone.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

test('RFC3261-22.3: a SIP user is challenged without state, proves its password, and its call goes out without it', () => {
  const rig = rigWith()
  const challenge = challenged(rig)
  assert.deepEqual(
    { ...challenge, nonce: '' },
    { realm: 'test', nonce: '', algorithm: 'MD5', qop: 'auth', stale: false },
  )
  assert.equal(rig.edge.leftovers().transactions, 0)
  assert.equal(statusOf(ask(rig, { authorization: answerTo(challenge, right) })), 100)
  const invite = new GatewaySide(rig).one('INVITE')
  assert.equal(invite.value(headerIds.proxyAuthorization), undefined)
  assert.equal(invite.value(headerIds.authorization), undefined)
})

test('RFC8760-2.3: exactly the configured algorithms are offered, the strongest first, one field each, and each works', () => {
  const algorithms = ['MD5', 'SHA-256', 'SHA-512-256']
  const rig = rigWith(users, { system: { digestAlgorithms: algorithms } })
  const challenges = challengesOf(ask(rig))
  assert.deepEqual(
    challenges.map(({ algorithm }) => algorithm),
    algorithms.toReversed(),
  )
  for (const challenge of challengesOf(ask(rig))
    .slice(0, 1)
    .concat(challengesOf(ask(rig))[1] ?? [], challengesOf(ask(rig))[2] ?? []))
    assert.equal(statusOf(ask(rig, { authorization: answerTo(challenge, right) })), 100, challenge.algorithm)
})

test('RFC8760-2.3: a SIP user with algorithms of its own is offered those, and the others do not serve it', () => {
  const rig = rigWith([
    { username: '441', password, digestAlgorithms: ['SHA-256'] },
    { username: '442', password },
  ])
  assert.equal(challenged(rig).algorithm, 'SHA-256')
  assert.equal(challenged(rig, { from: '442' }).algorithm, 'MD5')
  const weak = { ...challenged(rig), algorithm: 'MD5' }
  const answer = ask(rig, { authorization: answerTo(weak, right) })
  assert.equal(statusOf(answer), 407)
  assert.equal(challengesOf(answer)[0]?.algorithm, 'SHA-256')
})

test('the username of the credentials decides, whatever From and To say', () => {
  const rig = rigWith([{ username: '441', password, channelsMax: 5 }])
  const challenge = challenged(rig, { from: 'somebody' })
  assert.equal(statusOf(ask(rig, { from: 'somebody', authorization: answerTo(challenge, right) })), 100)
  const used = rig.edge.limits.states(10).find(({ scope, kind }) => scope === 'sipUser' && kind === 'channels')
  assert.deepEqual([used?.name, used?.used, used?.limit], ['441', 1, 5])
})

test('a SIP user whose entry lists its address is not challenged', () => {
  const rig = rigWith(users, { customer: { endpoints: [{ name: 'pbx', direction: 'sends', addresses: [phone] }] } })
  assert.equal(statusOf(ask(rig)), 100)
})

test('nobody is challenged where no SIP user may call from: 403, or as configured 401 or nothing', () => {
  const only = [{ username: '442', password, allowedAddresses: ['10.7.9.0/24'] }]
  assert.equal(statusOf(ask(rigWith(only))), 403)
  assert.equal(ask(rigWith(only, { system: { unknownSource: 'drop' } })), undefined)
  const compatible = rigWith(only, { system: { unknownSource: 'challenge' } })
  const answer = ask(compatible)
  assert.equal(statusOf(answer), 401)
  const [challenge] = challengesOf(answer, headerIds.wwwAuthenticate)
  assert.ok(challenge !== undefined)
  const authorization = answerTo(challenge, { ...right, username: '442' })
  assert.equal(statusOf(ask(compatible, { authorization, field: 'Authorization' })), 401)
  assert.equal(statusOf(ask(compatible, { method: 'OPTIONS' })), 401)
  assert.equal(statusOf(ask(compatible, { method: 'CANCEL' })), 403, 'RFC 3261 22.1: CANCEL is never challenged')
  assert.equal(ask(compatible, { method: 'ACK' }), undefined)
})

test('a SIP user that signs in over one transport does not over another', () => {
  const rig = rigWith([{ username: '441', password, transport: 'tcp' }])
  assert.equal(statusOf(replies(rig, challenged(rig), {})), 407)
  assert.equal(rig.edge.rejections.list()[0]?.reason, 'digest_wrong')
})

test('users of accounts that are not active, and users without a password, open no door', () => {
  assert.equal(statusOf(ask(rigWith(users, { customer: { status: 'inactive' } }))), 403)
  assert.equal(statusOf(ask(rigWith([{ username: '441' }]))), 403)
})

test('RFC3261-22.1: CANCEL of a call that digest let in is taken without a challenge', () => {
  const rig = rigWith()
  const caller = new CallerSide(rig)
  const send = (text: string): void => rig.receive(text, phone)
  send(caller.request('INVITE', { branch: 'z9hG4bKone', cseq: 1 }))
  const [challenge] = challengesOf(rig.takeTo(phone)[0])
  assert.ok(challenge !== undefined)
  const authorization = answerTo(challenge, right)
  send(caller.request('INVITE', { branch: 'z9hG4bKtwo', cseq: 2, lines: [`Proxy-Authorization: ${authorization}`] }))
  rig.takeTo(phone)
  send(caller.request('CANCEL', { branch: 'z9hG4bKtwo', cseq: 2 }))
  assert.deepEqual(
    rig.takeTo(phone).map(({ status, method }) => `${status} ${method}`),
    ['200 CANCEL', '487 INVITE'],
  )
})

test('B6: a retransmission of the answered INVITE is absorbed and gets the same answer', () => {
  const rig = rigWith()
  const caller = new CallerSide(rig)
  const authorization = answerTo(challenged(rig), right)
  const invite = caller.request('INVITE', { branch: 'z9hG4bKsame', lines: [`Proxy-Authorization: ${authorization}`] })
  rig.receive(invite, phone)
  rig.receive(invite, phone)
  assert.deepEqual(
    rig.takeTo(phone).map(({ status }) => status),
    [100, 100],
  )
  assert.equal(rig.takeTo(gateway1).length, 1)
})

test('RFC7616-3.3: after a stale answer the same password with the new nonce is right', () => {
  const rig = rigWith()
  const challenge = challenged(rig)
  rig.advance(30_005)
  const [next] = challengesOf(replies(rig, challenge, {}))
  assert.ok(next?.stale === true)
  assert.equal(statusOf(replies(rig, next, {})), 100)
})

test('H15: steps of the wall clock neither end nor prolong a nonce', () => {
  const rig = rigWith()
  for (const stepMs of [3_600_000, -7_200_000, 63_072_000_000]) {
    const challenge = challenged(rig)
    rig.clock.stepWall(stepMs)
    assert.equal(statusOf(replies(rig, challenge, {})), 100, `a step of ${stepMs} ms`)
  }
})

test('B14: unknown name, wrong password, wrong address and shut account are answered alike', () => {
  const file = standardFile({
    customer: {
      sipUsers: [
        { username: '441', password },
        { username: '442', password, allowedAddresses: ['10.99.0.0/16'] },
      ],
    },
  })
  const shut = { name: 'Shut', status: 'inactive' as const, sipUsers: [{ username: '443', password }] }
  const shapes = ['441', '442', '443', '449'].map((username) => {
    const rig = new EdgeRig({ ...file, customers: [...(file.customers ?? []), shut] })
    const challenge = challenged(rig, { from: username })
    const wrong = username === '441' ? 'wrong' : password
    const answer = replies(rig, challenge, { username, password: wrong }, { from: username })
    assert.equal(rig.takeTo(gateway1).length, 0)
    return answer?.bytes
      .toString('latin1')
      .replaceAll(/nonce="[^"]*"|z9hG4bKphone\d+|phone-\d+|CSeq: \d+|tag=[0-9a-f]{16}|sip:44\d@/g, '')
  })
  assert.deepEqual(new Set(shapes).size, 1, shapes.join('\n'))
})

test('B15: the third wrong answer in 30 s locks the source for a while, also for unknown names; others go on', () => {
  for (const username of ['441', 'nobody']) {
    const rig = rigWith()
    const wrong = (): number => statusOf(replies(rig, challenged(rig), { username, password: 'wrong' }))
    assert.deepEqual([wrong(), wrong(), wrong()], [407, 407, 403])
    assert.equal(statusOf(ask(rig)), 403, 'no challenge either')
    const elsewhere = challenged(rig, { source: '10.7.0.9' })
    assert.equal(statusOf(replies(rig, elsewhere, {}, { source: '10.7.0.9' })), 100)
    rig.advance(60_000)
    assert.equal(statusOf(replies(rig, challenged(rig), {})), 100)
  }
})

test('challenges alone are no failures, however many', () => {
  const rig = rigWith()
  for (let i = 0; i < 20; i++) challenged(rig)
  assert.deepEqual(rig.edge.rejections.list(), [])
  assert.equal(statusOf(replies(rig, challenged(rig), {})), 100)
})

test('an answer with the host alone is taken, as SIPp makes it', () => {
  const rig = rigWith()
  assert.equal(statusOf(replies(rig, challenged(rig), { uri: `sip:${edgeAddress}:5060` })), 100)
})

test('credentials for other realms beside ours do not disturb; two for ours do', () => {
  const rig = rigWith()
  const foreign = answerTo({ ...challenged(rig), realm: 'other' }, right)
  const own = answerTo(challenged(rig), right)
  const both = (first: string, second: string): number =>
    statusOf(ask(rig, { authorization: `${first}\r\nProxy-Authorization: ${second}` }))
  assert.equal(both(foreign, own), 100)
  assert.equal(both(answerTo(challenged(rig), right), answerTo(challenged(rig), right)), 407)
})

test('an entry that also requires digest lets in users of its own account only', () => {
  const file = standardFile({
    customer: {
      endpoints: [{ name: 'pbx', direction: 'sends', addresses: [phone], alsoRequireDigest: true }],
      sipUsers: [{ username: '441', password }],
    },
  })
  const other = { name: 'Other', sipUsers: [{ username: '451', password }] }
  const rig = new EdgeRig({ ...file, customers: [...(file.customers ?? []), other] })
  const refused = replies(rig, challenged(rig), { username: '451' })
  assert.equal(statusOf(refused), 407)
  assert.equal(challengesOf(refused).length, 1, 'as any wrong answer')
  assert.equal(statusOf(replies(rig, challenged(rig), {})), 100)
  rig.advance(200)
  assert.equal(rig.takeTo(gateway1).length, 1)
})

test('the password before a reset stays valid until its time is over', () => {
  const rig = rigWith()
  const { directory } = rig.edge
  const wallMs = rig.clock.wallMs()
  const [user] = directory.sipUsers
  assert.ok(user !== undefined)
  const [current] = user.secrets
  const [other] = directory.sipUsers[1]?.secrets ?? []
  assert.ok(current !== undefined && other !== undefined)
  const secrets = [
    { ...other, until: null },
    { ...current, until: wallMs + 10_000 },
  ]
  rig.edge.publish({ ...directory, sipUsers: [{ ...user, secrets }, ...directory.sipUsers.slice(1)] })
  assert.equal(statusOf(replies(rig, challenged(rig), {})), 100)
  rig.advance(10_000)
  assert.equal(statusOf(replies(rig, challenged(rig), {})), 407)
})
