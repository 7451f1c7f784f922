// What a call costs and leaves behind: room taken and given back, gauges, records of every outcome, evidence for health.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EdgeRig, ToldRecord } from '../kit/edge-rig.ts'
import { answerSdp, answeredCall, CallerSide, gateway1, gateway2, GatewaySide, standardRig } from '../kit/call-rig.ts'

const methods = (messages: readonly { kind: string; method: string; status: number }[]): string[] =>
  messages.map((message) => (message.kind === 'request' ? message.method : String(message.status)))

const room = (rig: EdgeRig): Record<string, number> => ({
  caller: rig.edge.limits.usedChannels('account', 'PBX'),
  carrier: rig.edge.limits.usedChannels('account', 'Acme'),
  'gw-1': rig.edge.limits.usedChannels('endpoint', 'gw-1'),
  'gw-2': rig.edge.limits.usedChannels('endpoint', 'gw-2'),
})

const none = { caller: 0, carrier: 0, 'gw-1': 0, 'gw-2': 0 }

/** `tollgate_calls_active` by account and direction. */
function active(rig: EdgeRig): Record<string, number> {
  const rows = rig.edge.metrics.snapshot().filter((sample) => sample.metric === 'callsActive')
  return Object.fromEntries(rows.map((sample) => [sample.labels.join(' '), sample.values[0] ?? 0]))
}

test('room on both sides: taken before the INVITE, given back when each dialog is gone, the gauges say the same', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  assert.deepEqual(room(rig), { caller: 1, carrier: 1, 'gw-1': 1, 'gw-2': 0 })
  assert.deepEqual(active(rig), { 'PBX in': 1, 'Acme out': 1 })
  caller.bye()
  assert.deepEqual(room(rig), { caller: 0, carrier: 1, 'gw-1': 1, 'gw-2': 0 }, 'the gateway has not answered its BYE')
  assert.deepEqual(active(rig), { 'PBX in': 0, 'Acme out': 1 })
  gateway.answer(gateway.one('BYE'), 200)
  assert.deepEqual(room(rig), none)
  assert.deepEqual(active(rig), { 'PBX in': 0, 'Acme out': 0 })
  gateway.request('BYE', invite)
  rig.assertNothingLeft()
  assert.deepEqual(active(rig), { 'PBX in': 0, 'Acme out': 0 }, 'never below zero')
})

test('a BYE without answer holds its side until it is given up, then both are free', () => {
  const rig = standardRig()
  const { gateway, invite } = answeredCall(rig)
  gateway.request('BYE', invite)
  assert.deepEqual(room(rig), { caller: 1, carrier: 0, 'gw-1': 0, 'gw-2': 0 })
  rig.advance(31_900)
  assert.equal(room(rig)['caller'], 1)
  rig.advance(200)
  assert.deepEqual(room(rig), none)
  rig.assertNothingLeft()
  assert.deepEqual(active(rig), { 'PBX in': 0, 'Acme out': 0 })
})

test('failover: the room of the failed gateway is free before the next is asked; a silent one is free at its time-out', () => {
  for (const silent of [false, true]) {
    const rig = standardRig({ endpoint: { channelsMax: 1 } })
    const caller = new CallerSide(rig)
    const first = new GatewaySide(rig)
    const second = new GatewaySide(rig, gateway2)
    caller.invite()
    const invite = first.one('INVITE')
    if (silent) rig.advance(3_010)
    else first.answer(invite, 503)
    assert.deepEqual(room(rig), { caller: 1, carrier: 1, 'gw-1': 0, 'gw-2': 1 })
    assert.deepEqual(active(rig), { 'PBX in': 1, 'Acme out': 1 })
    first.got()
    second.answer(second.one('INVITE'), 486)
    assert.deepEqual(room(rig), none)
    assert.deepEqual(active(rig), { 'PBX in': 0, 'Acme out': 0 })
    caller.ack('failure')
    rig.assertNothingLeft()
  }
})

test('an attempt that was given up after a 1xx holds its room until its final answer', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  caller.cancel()
  caller.ack('failure')
  assert.deepEqual(room(rig), { caller: 0, carrier: 1, 'gw-1': 1, 'gw-2': 0 })
  gateway.answer(gateway.one('CANCEL'), 200)
  gateway.answer(invite, 487)
  assert.deepEqual(room(rig), none)
  const other = new CallerSide(rig)
  other.invite()
  gateway.got()
  other.cancel()
  other.ack('failure')
  assert.deepEqual(room(rig), none, 'given up without any reply: free at once')
  rig.assertNothingLeft()
  assert.deepEqual(active(rig), { 'PBX in': 0, 'Acme out': 0 })
})

test('a full gateway is skipped, and the explanation says so; the peak is exactly the limit', () => {
  const rig = standardRig({ endpoint: { channelsMax: 1 } })
  const callers = [new CallerSide(rig), new CallerSide(rig), new CallerSide(rig)]
  for (const caller of callers) caller.invite()
  assert.deepEqual(methods(rig.takeTo(gateway1)), ['INVITE'])
  assert.deepEqual(methods(rig.takeTo(gateway2)), ['INVITE'])
  assert.deepEqual(callers[2]?.statuses(), [100, 100, 503])
  const explanation = JSON.stringify([...rig.edge.calls.values()][1]?.explanation.steps)
  assert.match(explanation, /gw-1 .* full: 1 of 1 channels used/)
  for (const caller of callers) {
    caller.cancel()
    caller.ack('failure')
  }
  rig.assertNothingLeft()
  assert.equal(rig.records.find((record) => record.outcome === 'refused')?.status, 503)
})

test('a gateway that fills up while the hunt is on is skipped when its turn comes, and the explanation says so', () => {
  const rig = standardRig({ endpoint: { channelsMax: 1 } })
  const first = new CallerSide(rig)
  const second = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  first.invite()
  second.invite()
  gateway.answer(gateway.one('INVITE'), 503)
  gateway.got()
  assert.deepEqual(methods(rig.takeTo(gateway2)), ['INVITE'], 'only that of the second call')
  rig.advance(200)
  const record = rig.records[0]
  assert.equal(record?.status, 503)
  assert.equal(record.releaseReason, 'gateway reply')
  assert.match(JSON.stringify(record.explanation), /gw-2 udp:10\.2\.0\.2:5060 skipped: .*1 of 1 channels used/)
  first.ack('failure')
  second.cancel()
  second.ack('failure')
  rig.assertNothingLeft()
})

interface Story {
  readonly name: string
  readonly run: (rig: EdgeRig, caller: CallerSide, gateway: GatewaySide) => void
  readonly expected: Partial<ToldRecord>
  readonly attempts: readonly { readonly status: number | null; readonly reason: string | RegExp }[]
}

const stories: readonly Story[] = [
  {
    name: 'refused before any gateway',
    run: (_rig, caller) => {
      caller.requestUri = 'sip:10.0.0.1'
      caller.invite()
    },
    expected: { outcome: 'refused', status: 404, releaseReason: 'refused', releasedBy: 'edge', routePrefix: null },
    attempts: [],
  },
  {
    name: 'the callee is busy',
    run: (_rig, caller, gateway) => {
      caller.invite()
      const invite = gateway.one('INVITE')
      gateway.answer(invite, 180)
      gateway.answer(invite, 486)
    },
    expected: { outcome: 'failed', status: 486, releaseReason: 'gateway reply', releasedBy: 'gateway', talkMs: 0 },
    attempts: [{ status: 486, reason: '486 from the gateway' }],
  },
  {
    name: 'every gateway is unreachable',
    run: (rig, caller) => {
      caller.invite()
      rig.peerError(gateway1, 5060)
      rig.peerError(gateway2, 5060)
    },
    expected: { outcome: 'failed', status: 503, releaseReason: 'gateway failure', releasedBy: 'gateway' },
    attempts: [
      { status: null, reason: 'connection refused' },
      { status: null, reason: 'connection refused' },
    ],
  },
  {
    name: 'every gateway is silent',
    run: (rig, caller) => {
      caller.invite()
      rig.advance(6_010)
    },
    expected: { outcome: 'failed', status: 408, releaseReason: 'timeout', releasedBy: 'edge' },
    attempts: [
      { status: null, reason: 'no reply within 3000 ms' },
      { status: null, reason: 'no reply within 3000 ms' },
    ],
  },
  {
    name: 'nobody answers the phone',
    run: (rig, caller, gateway) => {
      caller.invite()
      gateway.answer(gateway.one('INVITE'), 180)
      rig.advance(60_010)
    },
    expected: { outcome: 'failed', status: 480, releaseReason: 'timeout', releasedBy: 'edge' },
    attempts: [{ status: null, reason: 'not answered within 60000 ms' }],
  },
  {
    name: 'the caller cancels',
    run: (_rig, caller, gateway) => {
      caller.invite()
      gateway.answer(gateway.one('INVITE'), 180)
      caller.cancel()
    },
    expected: { outcome: 'cancelled', status: 487, releaseReason: 'cancel', releasedBy: 'caller' },
    attempts: [{ status: null, reason: 'cancelled' }],
  },
  {
    name: 'a reply rule changes the code: the record keeps both',
    run: (_rig, caller, gateway) => {
      caller.invite()
      gateway.answer(gateway.one('INVITE'), 603)
    },
    expected: { outcome: 'failed', status: 480, reasonPhrase: 'Away', releasedBy: 'gateway' },
    attempts: [{ status: 603, reason: '603 from the gateway' }],
  },
]

for (const story of stories)
  test(`record: ${story.name}`, () => {
    const rig = standardRig({
      carrier: { replyRules: [{ code: 603, action: 'replace', newCode: 480, newReason: 'Away' }] },
    })
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    story.run(rig, caller, gateway)
    rig.advance(200)
    assert.equal(rig.records.length, 1)
    const record = rig.records[0] as ToldRecord
    assert.deepEqual({ ...record, ...story.expected }, record)
    assert.equal(record.callerCallId, caller.callId)
    assert.equal(record.callerAccount, 'PBX')
    assert.equal(record.callerEndpoint, 'pbx')
    assert.equal(record.directoryRevision, 1)
    assert.ok(record.detail.length > 0)
    assert.ok(record.explanation.length > 0)
    assert.ok(record.endedAt >= record.startedAt)
    assert.deepEqual(
      record.attempts.map(({ status, reason }) => ({ status, reason })),
      story.attempts,
    )
    for (const attempt of record.attempts) {
      assert.ok(attempt.callId !== record.callerCallId && attempt.callId.length > 10)
      assert.match(attempt.target, /^udp:10\.2\.0\.[12]:5060$/)
    }
    caller.ack('failure')
    rig.assertNothingLeft()
  })

test('record of an answered call: times of INVITE, first reply, ringing, answer and end, both Call-IDs', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  const start = rig.clock.wallMs()
  caller.invite()
  const invite = gateway.one('INVITE')
  rig.advance(100)
  gateway.answer(invite, 100)
  rig.advance(200)
  gateway.answer(invite, 180)
  rig.advance(3_000)
  gateway.answer(invite, 200, { body: answerSdp })
  caller.got()
  caller.ack()
  rig.advance(10_000)
  gateway.request('BYE', invite)
  rig.advance(200)
  const record = rig.records[0]
  assert.ok(record)
  const { startedAt, firstReplyAt, ringingAt, answeredAt, endedAt, setupMs, ringMs, talkMs } = record
  assert.deepEqual(
    { startedAt, firstReplyAt, ringingAt, answeredAt, endedAt, setupMs, ringMs, talkMs },
    {
      startedAt: start,
      firstReplyAt: start + 100,
      ringingAt: start + 300,
      answeredAt: start + 3_300,
      endedAt: start + 13_300,
      setupMs: 300,
      ringMs: 3_000,
      talkMs: 10_000,
    },
  )
  assert.equal(record.status, 200)
  assert.equal(record.releasedBy, 'gateway')
  assert.equal(record.attempts[0]?.callId, invite.callId)
  assert.equal(record.attempts[0]?.status, 200)
  rig.assertNothingLeft()
})

test('RFC3261-21.5.4: a 503 with Retry-After: the gateway is red with a countdown, the next call leaves it out, afterwards it is asked again', () => {
  const rig = standardRig()
  const first = new CallerSide(rig)
  const one = new GatewaySide(rig)
  const two = new GatewaySide(rig, gateway2)
  first.invite()
  one.answer(one.one('INVITE'), 503, { lines: ['Retry-After: 20 (busy)'] })
  one.got()
  two.answer(two.one('INVITE'), 486)
  two.got()
  const answer = first.got().at(-1)
  assert.equal(answer?.valueOf('retry-after'), undefined)
  first.ack('failure')
  const state = rig.edge.probes.stateOf(rig.edge.directory.endpoints[0]?.targets[0]?.key ?? '')
  assert.equal(state.status, 'red')
  assert.match(state.reason, /Retry-After/)
  const second = new CallerSide(rig)
  second.invite()
  assert.deepEqual(one.got(), [])
  two.answer(two.one('INVITE'), 486)
  second.ack('failure')
  rig.advance(20_100)
  assert.match(JSON.stringify(rig.records[1]?.explanation), /gw-1 .*left out: .*Retry-After/)
  const third = new CallerSide(rig)
  rig.take()
  third.invite()
  one.answer(one.one('INVITE'), 486)
  third.ack('failure')
  rig.assertNothingLeft()
})

test('what calls see reaches health: silence is a miss, any late reply ends the series, an error names itself', () => {
  const rig = standardRig()
  const seen: string[] = []
  const { probes } = rig.edge
  const evidence: Pick<typeof probes, 'onFirstReplyTimeout' | 'onTransportError' | 'onReply'> = probes
  evidence.onFirstReplyTimeout = (key) => void seen.push(`silent ${key}`)
  evidence.onTransportError = (key, detail) => void seen.push(`error ${key} ${detail}`)
  evidence.onReply = (key) => void seen.push(`reply ${key}`)
  const [key1, key2] = rig.edge.directory.endpoints.flatMap((endpoint) => endpoint.targets.map((target) => target.key))
  const caller = new CallerSide(rig)
  const one = new GatewaySide(rig)
  caller.invite()
  const invite = one.one('INVITE')
  rig.advance(3_010)
  one.answer(invite, 100)
  one.answer(invite, 487)
  rig.peerError(gateway2, 5060)
  assert.deepEqual(seen, [`silent ${key1}`, `reply ${key1}`, `error ${key2} connection refused`])
  caller.ack('failure')
  rig.assertNothingLeft()
})
