// Why? Every call that was refused or failed, and every request that never became a call, can say why; by the engine that
// decided, so that a simulation of the same packet says the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { answerSdp, CallerSide, gateway1, gateway2, GatewaySide, standardFile, standardRig } from '../kit/call-rig.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

const sender = (name: string, addresses: string[], more: object = {}) => ({
  name,
  endpoints: [{ name: `${name}-in`, direction: 'sends' as const, addresses, ...more }],
})

/** Customers that are refused for one reason each. */
const strangers: DeclarativeInput = {
  ...standardFile(),
  customers: [
    sender('Denied', ['10.9.0.1'], { action: 'deny' }),
    sender('Draining', ['10.9.0.2'], { state: 'drain' }),
    { ...sender('Inactive', ['10.9.0.3']), status: 'inactive' },
    { ...sender('Restricted', ['10.9.0.5'], { cliAuthentication: true }), cliRules: ['44999'] },
  ],
  blocks: [{ address: '10.9.0.6', reason: 'scanner' }],
}

test('a request that never became a call: the reason, the steps, its Call-ID, and the same again by simulation', () => {
  const rig = new EdgeRig(strangers)
  const expected = [
    ['10.9.0.1', 'source_denied', 403],
    ['10.9.0.2', 'source_draining', 503],
    ['10.9.0.3', 'account_inactive', 403],
    ['10.9.0.5', 'cli_restricted', 403],
    ['10.9.0.6', 'source_blocked', 403],
    ['10.9.0.7', 'source_unknown', 403],
  ] as const
  for (const [address, reason, code] of expected) {
    const caller = new CallerSide(rig, { address })
    caller.invite()
    const row = rig.ask('rejections', null).find((one) => one.address === address)
    assert.equal(row?.reason, reason)
    assert.equal(row.callId, caller.callId)
    assert.ok(row.packet !== null && row.explanation.length > 0)
    assert.deepEqual([row.packet.destination, row.packet.cli], ['441782000001', '441000'])
    const again = rig.ask('simulate', row.packet)
    assert.deepEqual([again.verdict, again.code], ['refuse', code], address)
    assert.deepEqual(again.steps, row.explanation, address)
    if (reason !== 'source_blocked') assert.ok(rig.ask('trace', { key: caller.callId }) !== null)
  }
  rig.assertNothingLeft()
})

test('what could not be read says where its messages are, and nothing was compared', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig, { address: '10.9.0.7' })
  caller.invite()
  const unreadable = new CallerSide(rig, { address: '10.9.0.8' })
  unreadable.send(unreadable.request('INVITE').replace('Max-Forwards: 70', 'Max-Forwards: x'))
  const rows = rig.ask('rejections', null)
  assert.equal(rows.find(({ address }) => address === '10.9.0.7')?.callId, caller.callId)
  const unread = rows.find(({ address }) => address === '10.9.0.8')
  assert.deepEqual([unread?.callId, unread?.packet, unread?.explanation], [unreadable.callId, null, []])
  assert.ok(rig.ask('trace', { key: unreadable.callId }) !== null)
})

/** The texts of some steps of the only record. */
function said(rig: EdgeRig, ...steps: string[]): string[] {
  rig.advance(200)
  assert.equal(rig.records.length, 1)
  return (rig.records[0]?.explanation ?? []).filter(({ step }) => steps.includes(step)).map(({ text }) => text)
}

test('each attempt that failed, why the call went on, and what the caller got stand in the explanation', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const [first, second] = [new GatewaySide(rig, gateway1), new GatewaySide(rig, gateway2)]
  caller.invite()
  first.answer(first.one('INVITE'), 503)
  second.answer(second.one('INVITE'), 404)
  caller.ack('failure')
  assert.deepEqual(said(rig, 'attempt', 'reply'), [
    `gw-1 udp:${gateway1}:5060: 503 from the gateway`,
    'the gateway is in trouble: the next gateway of this carrier may be tried, then the next carrier',
    `gw-2 udp:${gateway2}:5060: 404 from the gateway`,
    'the callee decided: nothing further is tried',
    'the caller gets 404: gw-2: 404 from the gateway',
  ])
  rig.assertNothingLeft()
})

test('a reply rule that decided is named; ringing that was heard is, too', () => {
  const replyRules = [
    { code: 404, action: 'failoverGateway' as const },
    { code: 486, action: 'replace' as const, newCode: 480, newReason: 'Later' },
  ]
  const rig = standardRig({ carrier: { replyRules } })
  const caller = new CallerSide(rig)
  const [first, second] = [new GatewaySide(rig, gateway1), new GatewaySide(rig, gateway2)]
  caller.invite()
  first.answer(first.one('INVITE'), 404)
  const invite = second.one('INVITE')
  second.answer(invite, 183, { body: answerSdp })
  second.answer(invite, 486)
  caller.ack('failure')
  const texts = said(rig, 'reply')
  assert.match(texts[0] ?? '', /^reply rule for 404: failoverGateway: the next gateway/)
  assert.match(texts[1] ?? '', /^reply rule for 486: replace by 480: nothing further is tried$/)
  assert.match(texts[2] ?? '', /^the caller gets 480: gw-2: 486 from the gateway$/)
  rig.assertNothingLeft()
})

test('silence, a refused connection, and time that is over say so', () => {
  const rig = standardRig({ carrier: { timeouts: { huntMs: 4_000 } } })
  const caller = new CallerSide(rig)
  caller.invite()
  rig.peerError(gateway1, 5060)
  rig.advance(3_900)
  caller.ack('failure')
  rig.assertNothingLeft()
  const texts = said(rig, 'attempt', 'reply')
  assert.deepEqual(texts, [
    `gw-1 udp:${gateway1}:5060: connection refused`,
    'transport error: the next gateway of this carrier may be tried, then the next carrier',
    `gw-2 udp:${gateway2}:5060: no reply within 3000 ms`,
    'no first reply: the next gateway of this carrier may be tried, then the next carrier',
    'the caller gets 408: gw-2: no reply within 3000 ms',
  ])
})

test('refused before any gateway: the explanation says what was missing', () => {
  const full = standardFile({ endpoint: { channelsMax: 1 }, carrier: { gatewayFailoverMax: 0 } })
  const cases: [file: DeclarativeInput, callsBefore: number, text: RegExp][] = [
    [{ ...standardFile(), routes: [] }, 0, /no route for 441782000001/],
    [standardFile({ endpoint: { state: 'off' } }), 0, /left out: its state is off/],
    [standardFile({ system: { channelsMax: 1 } }), 1, /refused: the system is full/],
    [full, 2, /left out: endpoint gw-1 is full/],
  ]
  for (const [file, callsBefore, text] of cases) {
    const rig = new EdgeRig(file)
    for (let i = 0; i <= callsBefore; i++) new CallerSide(rig).invite()
    rig.advance(200)
    const [refused] = rig.records
    assert.deepEqual([rig.records.length, refused?.outcome], [1, 'refused'])
    const texts = (refused?.explanation ?? []).map((step) => step.text)
    assert.ok(
      texts.some((one) => text.test(one)),
      texts.join('\n'),
    )
    assert.notEqual(refused?.detail, '')
  }
})

test('a caller that gives up is no failure of a gateway: the record says who ended it', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 180)
  caller.cancel()
  assert.deepEqual(said(rig, 'attempt', 'reply'), [])
  const [record] = rig.records
  assert.deepEqual([record?.detail, record?.attempts[0]?.reason], ['the caller cancelled', 'cancelled'])
})
