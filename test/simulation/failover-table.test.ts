// The failover table, one test for each row: two carriers of two gateways each, so that it shows whether the next gateway
// or the next carrier is asked; the record has one row for each attempt with the reason that ended it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { answerSdp, callerAddress, CallerSide, GatewaySide } from '../kit/call-rig.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

const addresses = { a1: '10.2.0.1', a2: '10.2.0.2', b1: '10.3.0.1', b2: '10.3.0.2' }
type Name = keyof typeof addresses

const carrier = (name: string, gateways: readonly Name[]) => ({
  name,
  gatewayFailoverMax: 1,
  backoff: false,
  timeouts: { firstReplyMs: 1_000, progressMs: 3_000, ringMs: 10_000, huntMs: 60_000 },
  endpoints: gateways.map((gateway, index) => ({
    name: gateway,
    direction: 'receives' as const,
    addresses: [addresses[gateway]],
    weight: index === 0 ? 1 : 0,
    probe: { enabled: false },
  })),
})

const file: DeclarativeInput = {
  carriers: [carrier('A', ['a1', 'a2']), carrier('B', ['b1', 'b2'])],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [callerAddress] }] }],
  routes: [
    {
      prefix: '',
      from: 'customers',
      targets: [
        { carrier: 'A', priority: 0 },
        { carrier: 'B', priority: 1 },
      ],
    },
  ],
}

/** What every gateway does with its INVITE. */
type Behaviour = (rig: EdgeRig, gateway: GatewaySide, invite: SipMessage) => void

interface Seen {
  readonly asked: readonly string[]
  readonly status: number | undefined
  readonly reasons: readonly string[]
}

/** Lets every gateway behave the same until the call is over. */
function run(behave: Behaviour): Seen {
  const rig = new EdgeRig(file)
  const caller = new CallerSide(rig)
  const asked: string[] = []
  caller.invite()
  for (let step = 0; step < 8; step += 1)
    for (const [name, address] of Object.entries(addresses)) {
      const gateway = new GatewaySide(rig, address)
      const invite = gateway.got().find((message) => message.kind === 'request' && message.method === 'INVITE')
      if (invite === undefined || asked.includes(name)) continue
      asked.push(name)
      behave(rig, gateway, invite)
    }
  const status = caller.statuses().findLast((one) => one >= 200)
  caller.ack('failure')
  rig.assertNothingLeft()
  return { asked, status, reasons: rig.records[0]?.attempts.map((attempt) => attempt.reason) ?? [] }
}

const answers =
  (status: number, lines: readonly string[] = []): Behaviour =>
  (_rig, gateway, invite) =>
    gateway.answer(invite, status, { lines })

const ringsThen =
  (next: Behaviour): Behaviour =>
  (rig, gateway, invite) => {
    gateway.answer(invite, 180)
    next(rig, gateway, invite)
  }

const waits =
  (ms: number): Behaviour =>
  (rig) =>
    rig.advance(ms)

/** First gateway of A, second of A, first of B, second of B. */
const everybody = ['a1', 'a2', 'b1', 'b2']
/** The other gateways of a carrier are passed over. */
const oneEach = ['a1', 'b1']
const onlyFirst = ['a1']

const rows: readonly (readonly [
  row: string,
  behave: Behaviour,
  asked: readonly string[],
  status: number,
  reason: RegExp,
])[] = [
  ['no reply within firstReplyMs', waits(1_010), everybody, 408, /no reply within 1000 ms/],
  [
    'refused, ICMP, TLS or DNS error',
    (rig, gateway) => rig.peerError(gateway.address, 5060),
    everybody,
    503,
    /connection refused/,
  ],
  ['408', answers(408), everybody, 408, /408 from the gateway/],
  ['500', answers(500), everybody, 500, /500 from the gateway/],
  ['502', answers(502), everybody, 502, /502 from the gateway/],
  ['503 without its Retry-After', answers(503), everybody, 503, /503 from the gateway/],
  ['504', answers(504), everybody, 504, /504 from the gateway/],
  [
    'no 18x within progressMs',
    (rig, gateway, invite) => {
      gateway.answer(invite, 100)
      rig.advance(3_010)
      gateway.answer(invite, 487)
    },
    oneEach,
    408,
    /no progress within 3000 ms/,
  ],
  ['after an 18x: 503', ringsThen(answers(503)), everybody, 503, /503 from the gateway/],
  ['after an 18x: 404', ringsThen(answers(404)), onlyFirst, 404, /404 from the gateway/],
  ['after an 18x: 403', ringsThen(answers(403)), onlyFirst, 403, /403 from the gateway/],
  [
    'after an 18x: transport error',
    ringsThen((rig, gateway, invite) => {
      rig.peerError(gateway.address, 5060)
      gateway.answer(invite, 500)
    }),
    everybody,
    500,
    /500 from the gateway/,
  ],
  [
    'ringing longer than ringMs',
    ringsThen((rig, gateway, invite) => {
      rig.advance(10_010)
      gateway.answer(invite, 487)
    }),
    onlyFirst,
    480,
    /not answered within 10000 ms/,
  ],
  ['3xx', answers(302, ['Contact: <sip:x@192.0.2.9>']), onlyFirst, 503, /302 from the gateway/],
  ...[404, 410, 480, 482, 483, 484, 486, 487, 600, 603, 607].map(
    (status) => [String(status), answers(status), onlyFirst, status, new RegExp(`${status} from`)] as const,
  ),
  [
    '401 without credentials',
    answers(401, ['WWW-Authenticate: Digest realm="a", nonce="n"']),
    everybody,
    503,
    /401 from/,
  ],
  [
    '407 without credentials',
    answers(407, ['Proxy-Authenticate: Digest realm="a", nonce="n"']),
    everybody,
    503,
    /407 from/,
  ],
  ...[403, 488, 501, 505, 580].map(
    (status) => [String(status), answers(status), oneEach, status, new RegExp(`${status} from`)] as const,
  ),
]

for (const [row, behave, asked, status, reason] of rows)
  test(`failover table: ${row}`, () => {
    const seen = run(behave)
    assert.deepEqual(seen.asked, asked)
    assert.equal(seen.status, status)
    assert.equal(seen.reasons.length, asked.length)
    for (const one of seen.reasons) assert.match(one, reason)
  })

test('failover table: huntMs over', () => {
  const rig = new EdgeRig({
    ...file,
    carriers: file.carriers?.map((one) => ({ ...one, timeouts: { ...one.timeouts, huntMs: 1_500 } })) ?? [],
  })
  const caller = new CallerSide(rig)
  caller.invite()
  rig.advance(1_510)
  assert.equal(caller.statuses().at(-1), 408)
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records[0]?.attempts.map(({ gateway, reason }) => [gateway, reason]),
    [
      ['a1', 'no reply within 1000 ms'],
      ['a2', 'hunt time is over'],
    ],
  )
})

test('failover table: the caller cancels, and an answered call that is dropped is not hunted again', () => {
  const rig = new EdgeRig(file)
  const cancelled = new CallerSide(rig)
  const gateway = new GatewaySide(rig, addresses.a1)
  cancelled.invite()
  gateway.answer(gateway.one('INVITE'), 180)
  cancelled.cancel()
  cancelled.ack('failure')
  rig.take()
  const dropped = new CallerSide(rig)
  dropped.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp })
  dropped.got()
  dropped.ack()
  gateway.request('BYE', invite)
  for (const other of [addresses.a2, addresses.b1, addresses.b2]) assert.deepEqual(rig.takeTo(other), [])
  rig.advance(40_000)
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records.map((record) => [record.outcome, record.attempts.length]),
    [
      ['cancelled', 1],
      ['answered', 1],
    ],
  )
})

test('first reply 1 s and a dead primary: the second INVITE leaves at 1.0 s +- 0.1', () => {
  const rig = new EdgeRig(file)
  const startedAt = rig.clock.nowMs()
  const caller = new CallerSide(rig)
  caller.invite()
  rig.advance(1_200)
  const second = rig.take().find((sent) => sent.address === addresses.a2)
  assert.ok(second)
  assert.ok(Math.abs(second.at - startedAt - 1_000) <= 100, `${second.at - startedAt} ms`)
  caller.cancel()
  rig.advance(40_000)
  caller.ack('failure')
  rig.assertNothingLeft()
})
