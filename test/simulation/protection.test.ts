// Strangers on the whole edge: who fails again and again is blocked, for longer each time; who is configured never; and a
// flood costs the others nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../../src/base/limits.ts'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import {
  answeredCall,
  answerSdp,
  CallerSide,
  callerAddress,
  gateway1,
  responseTo,
  standardFile,
} from '../kit/call-rig.ts'
import { answerTo } from '../kit/digest-caller.ts'
import { ask, challenged, right, rigWith, statusOf } from '../kit/digest-phone.ts'
import { EdgeRig, listenerOf } from '../kit/edge-rig.ts'

const stranger = '203.0.113.66'

const fileOf = (more: object = {}): DeclarativeInput =>
  standardFile({ system: { protection: { blockFailures: 10, windowSeconds: 60, blockSeconds: 30, ...more } } })

/** A request of a source nobody configured; how it is answered, undefined = not at all. */
function knock(rig: EdgeRig, address = stranger, method = 'REGISTER'): number | undefined {
  const caller = new CallerSide(rig)
  rig.receive(caller.request(method, { toTag: '' }), address)
  // The answer goes where its Via says: to the source.
  return rig.takeTo(address).at(-1)?.status
}

const knocks = (rig: EdgeRig, times: number, address = stranger): (number | undefined)[] =>
  Array.from({ length: times }, () => {
    rig.advance(100)
    return knock(rig, address)
  })

const listed = (rig: EdgeRig): string[] => rig.ask('automaticBlocks', null).map(({ address }) => address)

const countOf = (rig: EdgeRig, reason: string): number =>
  rig.edge.rejections.list().find((row) => row.address === stranger && row.reason === reason)?.count ?? 0

test('the tenth failure blocks: silence from then on, counted and sampled, listed with its end, and it ends by itself', () => {
  const rig = new EdgeRig(fileOf())
  assert.deepEqual(new Set(knocks(rig, 10)), new Set([403]))
  assert.deepEqual(new Set(knocks(rig, 25)), new Set([undefined]))
  assert.equal(countOf(rig, 'auto_blocked'), 25)
  const row = rig.edge.rejections.list().find(({ reason }) => reason === 'auto_blocked')
  assert.match(row?.sample ?? '', /^REGISTER sip:/)
  const [block] = rig.ask('automaticBlocks', null)
  assert.equal((block?.until ?? 0) - (block?.since ?? 0), 30_000)
  assert.match(block?.reason ?? '', /^10 failures within 60 s, the last one source_unknown: REGISTER sip:/)
  // What it sends meanwhile makes it no longer.
  rig.advance(30_000 - 2_500)
  assert.deepEqual(listed(rig), [])
  assert.equal(knock(rig), 403)
  rig.advance(10_000)
  assert.match(rig.logged.join('\n'), /info sources blocked .*"sources":1.*203\.0\.113\.66/)
})

test('simulate says that a source is blocked by itself, until when and why', () => {
  const rig = new EdgeRig(fileOf())
  knocks(rig, 10)
  const question = { sourcePort: 5060, transport: 'udp', destination: '44', cli: '' } as const
  const blocked = rig.ask('simulate', { ...question, sourceIp: stranger })
  assert.deepEqual([blocked.verdict, blocked.code], ['refuse', 403])
  assert.match(blocked.steps[0]?.text ?? '', /^source 203\.0\.113\.66 is blocked automatically until .*: 10 failures/)
  assert.equal(rig.ask('simulate', { ...question, sourceIp: callerAddress }).verdict, 'route')
})

test('an entry for anybody with a certificate makes nobody known before the proof, and whoever proved it is', () => {
  const rig = new EdgeRig({
    ...fileOf(),
    customers: [
      {
        name: 'Anywhere',
        endpoints: [{ name: 'any', direction: 'sends', addresses: ['0.0.0.0/0'], tls: { peerName: 'pbx.example' } }],
      },
    ],
  })
  const answers = (address: string): number => {
    for (let i = 0; i < 400; i++) knock(rig, address, 'OPTIONS')
    return rig.edge.rejections.list().filter((row) => row.address === address && row.reason === 'flood').length
  }
  assert.equal(answers('203.0.113.70'), 1)
  const proved = '203.0.113.71'
  const flow = { listener: listenerOf('tls'), address: proved, port: 5061, connection: 7, peerNames: ['pbx.example'] }
  rig.edge.onMessage(Buffer.from(new CallerSide(rig).request('INVITE', { toTag: '' })), flow)
  rig.take()
  assert.equal(answers(proved), 0)
})

test('nine failures in a minute and nine in the next block nobody', () => {
  const rig = new EdgeRig(fileOf())
  knocks(rig, 9)
  rig.advance(60_000)
  assert.equal(knocks(rig, 9).at(-1), 403)
  assert.deepEqual(listed(rig), [])
})

test('each further block lasts twice as long, up to the longest; after a day without any the first one comes again', () => {
  const rig = new EdgeRig(fileOf({ blockSecondsMax: 100 }))
  const seconds: number[] = []
  const again = (): void => {
    knocks(rig, 10)
    const [block] = rig.ask('automaticBlocks', null)
    seconds.push(((block?.until ?? 0) - (block?.since ?? 0)) / 1_000)
    rig.advance(100_000)
  }
  for (let i = 0; i < 4; i++) again()
  rig.clock.advance(bound('automaticBlockMemoryMs') + 200_000)
  rig.advance(20)
  again()
  assert.deepEqual(seconds, [30, 60, 100, 100, 30])
})

test('configured addresses are never blocked and never limited: callers, gateways, proxies, whitelists, front proxies', () => {
  const file = fileOf()
  const [carrier] = file.carriers ?? []
  const [entry] = carrier?.endpoints ?? []
  assert.ok(carrier && entry)
  const rig = new EdgeRig({
    ...file,
    system: { ...file.system, frontProxies: ['192.0.2.80'] },
    carriers: [{ ...carrier, endpoints: [{ ...entry, outboundProxy: [{ uri: 'sip:192.0.2.81;lr' }] }] }],
    customers: [
      ...(file.customers ?? []),
      {
        name: 'Users',
        sipUsers: [{ username: 'alice', password: 'Secret-12345', allowedAddresses: ['192.0.2.96/28'] }],
      },
    ],
  })
  for (const address of [callerAddress, gateway1, '192.0.2.80', '192.0.2.81', '192.0.2.100']) {
    for (let i = 0; i < 300; i++) rig.receive(new CallerSide(rig).request('FOO', { toTag: '' }), address)
    assert.equal(rig.takeTo(address).length, 300, address)
  }
  assert.deepEqual(listed(rig), [])
})

test('saving an address lifts its block with the publication', () => {
  const rig = new EdgeRig(fileOf())
  knocks(rig, 11)
  assert.deepEqual(listed(rig), [stranger])
  const file = fileOf()
  const entry = { name: 'new', direction: 'sends' as const, addresses: [stranger] }
  rig.publish({ ...file, customers: [...(file.customers ?? []), { name: 'New', endpoints: [entry] }] })
  assert.deepEqual(listed(rig), [])
  assert.equal(knock(rig, stranger, 'OPTIONS'), 200)
  rig.publish(file)
  assert.equal(knock(rig, stranger, 'OPTIONS'), undefined)
})

test('lifted by hand it may come again; a second time there is nothing to lift', () => {
  const rig = new EdgeRig(fileOf())
  knocks(rig, 11)
  assert.equal(rig.ask('liftBlock', { address: stranger }), true)
  assert.equal(rig.ask('liftBlock', { address: stranger }), false)
  assert.equal(knock(rig), 403)
})

test('with blockFailures 0 nobody is blocked; challenges are no failures', () => {
  const off = new EdgeRig(fileOf({ blockFailures: 0 }))
  assert.equal(knocks(off, 100).at(-1), 403)
  const challenging = new EdgeRig({
    ...fileOf(),
    system: { ...fileOf().system, unknownSource: 'challenge' },
  })
  assert.equal(knocks(challenging, 40).at(-1), 401)
  assert.deepEqual(listed(challenging), [])
})

test('one stranger gets its burst and its rate, the rest is dropped and counted; another stranger does not notice', () => {
  const rig = new EdgeRig(fileOf({ blockFailures: 0 }))
  let answered = 0
  for (let i = 0; i < 1_000; i++) if (knock(rig) === 403) answered += 1
  assert.equal(answered, bound('strangerPacketsBurst'))
  assert.equal(countOf(rig, 'flood'), 1_000 - answered)
  assert.equal(knock(rig, '203.0.113.67'), 403)
  rig.advance(1_000)
  answered = 0
  for (let i = 0; i < 200; i++) if (knock(rig) === 403) answered += 1
  assert.equal(answered, bound('strangerPacketsPerSecond'))
})

test('a flood from many addresses is bounded in all, in memory too, and a known caller talks through it', () => {
  const rig = new EdgeRig(fileOf({ blockFailures: 0 }))
  let answered = 0
  for (let i = 0; i < 20_000; i++) if (knock(rig, `198.18.${i >> 8}.${i & 255}`) === 403) answered += 1
  assert.equal(answered, bound('strangersPacketsPerSecond'))
  answeredCall(rig)
})

test('an address that we send to is no stranger, wherever its dialog took us', () => {
  const rig = new EdgeRig(fileOf())
  const caller = new CallerSide(rig)
  caller.invite()
  const [invite] = rig.takeTo(gateway1)
  assert.ok(invite)
  const contact = `<sip:gw@${stranger}:5060>`
  rig.receive(responseTo(invite, 200, { contact, body: answerSdp }), gateway1)
  assert.deepEqual(
    rig.takeTo(stranger).map(({ method }) => method),
    ['ACK'],
  )
  for (let i = 0; i < 100; i++) assert.equal(knock(rig), 403)
  assert.deepEqual(listed(rig), [])
})

test('trust ends after an hour', () => {
  const rig = new EdgeRig(fileOf())
  knocks(rig, 11)
  rig.edge.guard.trust(stranger)
  assert.deepEqual(listed(rig), [])
  assert.equal(knock(rig), 403)
  rig.clock.advance(bound('trustedSourceMs'))
  knocks(rig, 11)
  assert.deepEqual(listed(rig), [stranger])
})

test('who proved to be a SIP user is no stranger: all its packets are read', () => {
  const rig = rigWith()
  const source = '203.0.113.9'
  const challenge = challenged(rig, { source })
  assert.equal(statusOf(ask(rig, { source, authorization: answerTo(challenge, right) })), 100)
  for (let i = 0; i < 400; i++) assert.equal(statusOf(ask(rig, { source })), 407)
  const other = Array.from({ length: 400 }, () => ask(rig, { source: '203.0.113.10' }))
  assert.equal(other.filter((answer) => answer !== undefined).length, bound('strangerPacketsBurst'))
})
