// What the edge keeps for traces, on the fake clock: whole calls on all legs, failures handed up, samples of strangers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../base/limits.ts'
import { answeredCall, CallerSide, gateway2, GatewaySide, standardFile } from '../../test/kit/call-rig.ts'
import { EdgeRig } from '../../test/kit/edge-rig.ts'
import { shortName } from '../trace/ladder.ts'
import type { Trace } from '../trace/trace.ts'

const rigOf = (more: Parameters<typeof standardFile>[0] = {}): EdgeRig => new EdgeRig(standardFile(more), 1, true)
const story = (trace: Trace | undefined): string[] =>
  (trace?.messages ?? []).map((message) => `${message.direction} ${shortName(message.text)} ${message.remote.address}`)

test('a call is found by its id and by the Call-ID of either leg, while it lives and after, with both legs in one order', () => {
  const rig = rigOf()
  const { caller, gateway, invite } = answeredCall(rig)
  const id = [...rig.edge.calls.values()][0]?.id ?? ''
  const whileLive = story(rig.edge.tracing.find(id))
  assert.deepEqual(whileLive, [
    'in INVITE 10.1.0.1',
    'out INVITE 10.2.0.1',
    'out 100 INVITE 10.1.0.1',
    'in 180 INVITE 10.2.0.1',
    'out 180 INVITE 10.1.0.1',
    'in 200 INVITE 10.2.0.1',
    'out ACK 10.2.0.1',
    'out 200 INVITE 10.1.0.1',
    'in ACK 10.1.0.1',
  ])
  for (const key of [invite.callId, caller.callId]) assert.deepEqual(story(rig.edge.tracing.find(key)), whileLive)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
  const trace = rig.edge.tracing.find(id)
  assert.deepEqual(story(trace).slice(9), [
    'in BYE 10.1.0.1',
    'out 200 BYE 10.1.0.1',
    'out BYE 10.2.0.1',
    'in 200 BYE 10.2.0.1',
  ])
  for (const key of [invite.callId, caller.callId]) assert.deepEqual(rig.edge.tracing.find(key), trace)
  assert.deepEqual(trace?.legs, [
    { callId: caller.callId, side: 'caller', name: 'pbx', account: 'PBX' },
    { callId: invite.callId, side: 'gateway', name: 'gw-1', account: 'Acme' },
  ])
  assert.equal(rig.traces.length, 0, 'calls that went well stay in memory')
  assert.equal(rig.edge.tracing.find('nobody'), undefined)
})

test('a failed call is handed up with all its attempts and the ACK that came after its end', () => {
  const rig = rigOf()
  const caller = new CallerSide(rig)
  caller.invite()
  for (const gateway of [new GatewaySide(rig), new GatewaySide(rig, gateway2)]) {
    gateway.answer(gateway.one('INVITE'), 503)
    gateway.one('ACK')
  }
  assert.deepEqual(caller.statuses(), [100, 503])
  rig.advance(400)
  caller.ack('failure')
  assert.equal(rig.traces.length, 0)
  rig.advance(800)
  assert.equal(rig.traces.length, 1)
  const trace = rig.traces.at(0)
  assert.equal(trace?.id, rig.records[0]?.id)
  assert.deepEqual(
    trace?.legs.map((leg) => leg.name),
    ['pbx', 'gw-1', 'gw-2'],
  )
  assert.deepEqual(story(trace).slice(-2), ['out 503 INVITE 10.1.0.1', 'in ACK 10.1.0.1'])
  assert.equal(story(trace).length, 10)
})

test('a call that Tollgate refuses is handed up; more failures in one second than the bound are counted and stay in memory', () => {
  const rig = rigOf({ customer: { channelsMax: 0 } })
  rig.publish({ ...standardFile(), routes: [] })
  const most = bound('traceFailedPerSecondMax')
  const callers = Array.from({ length: most + 3 }, () => new CallerSide(rig))
  for (const caller of callers) {
    caller.invite()
    assert.deepEqual(caller.statuses(), [404])
  }
  rig.advance(1_500)
  assert.equal(rig.traces.length, most)
  const last = rig.edge.tracing.find(callers.at(-1)?.callId ?? '')
  assert.deepEqual(story(last).slice(0, 2), ['in INVITE 10.1.0.1', 'out 404 INVITE 10.1.0.1'])
  const dropped = rig.edge.metrics
    .snapshot()
    .find((one) => one.metric === 'traceDropped' && one.labels[0] === 'failed_call')
  assert.deepEqual(dropped?.values, [3])
})

test('a stop hands up at once what still settles', () => {
  const rig = rigOf()
  const caller = new CallerSide(rig)
  caller.invite()
  new GatewaySide(rig).one('INVITE')
  rig.edge.stop()
  assert.equal(rig.traces.length, 1)
  assert.deepEqual(story(rig.traces[0])[0], 'in INVITE 10.1.0.1')
})

test('of a source that floods, the first refused messages of each ten seconds are kept and found by Call-ID; calls stay', () => {
  const rig = rigOf()
  const { caller } = answeredCall(rig)
  const most = bound('traceStraysPerSourceMax')
  const strange = (callId: string): void => rig.receive(new CallerSide(rig, { callId }).request('INVITE'), gateway2)
  for (let i = 0; i < 2_000; i++) strange(`flood-${i}`)
  assert.deepEqual(story(rig.edge.tracing.find('flood-0')), ['in INVITE 10.2.0.2', 'out 403 INVITE 10.2.0.2'])
  assert.notEqual(rig.edge.tracing.find(`flood-${most - 1}`), undefined)
  assert.equal(rig.edge.tracing.find(`flood-${most}`), undefined)
  assert.equal(story(rig.edge.tracing.find(caller.callId)).length, 9, 'a flood pushes out no call')
  const leg = rig.edge.tracing.find('flood-0')?.legs
  assert.deepEqual(leg, [{ callId: 'flood-0', side: 'caller', name: '10.2.0.2', account: '' }])
  rig.advance(10_000)
  strange('flood-later')
  assert.notEqual(rig.edge.tracing.find('flood-later'), undefined)
})

test('probes are in no trace and go to no collector', () => {
  const rig = rigOf({ endpoint: { probe: { enabled: true } } })
  const gateway = new GatewaySide(rig)
  let [probe] = gateway.got()
  for (let i = 0; i < 6_000 && probe === undefined; i++) {
    rig.advance(10)
    probe = gateway.got()[0]
  }
  assert.equal(probe?.method, 'OPTIONS')
  gateway.answer(probe, 200)
  rig.advance(1_000)
  assert.equal(rig.edge.tracing.find(probe.callId), undefined)
  assert.deepEqual(rig.hep, [])
})

test('every message of a call goes up for the collector, once and in order, with the id of the call on both legs', () => {
  const rig = rigOf()
  const { caller, gateway } = answeredCall(rig)
  const id = [...rig.edge.calls.values()][0]?.id ?? ''
  rig.advance(200)
  assert.equal(rig.hep.length, 9)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.hep.map(({ message }) => message.text),
    rig.edge.tracing.find(id)?.messages.map((message) => message.text),
  )
  assert.deepEqual(new Set(rig.hep.map((one) => one.correlationId)), new Set([id]))
})
