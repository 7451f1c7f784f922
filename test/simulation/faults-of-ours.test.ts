// A fault of ours costs the call that it happens in, and no other: 500, everything given back, the thread goes on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EdgeRig } from '../kit/edge-rig.ts'
import { answeredCall, CallerSide, GatewaySide, standardRig } from '../kit/call-rig.ts'

const fail = (): never => {
  throw new Error('planted')
}

/** Another call runs through all of it. */
function withBystander(rig: EdgeRig, work: () => void): void {
  const bystander = answeredCall(rig)
  work()
  rig.take()
  bystander.caller.bye()
  assert.deepEqual(bystander.caller.statuses(), [200])
  bystander.gateway.answer(bystander.gateway.one('BYE'), 200)
  assert.ok(rig.logged.some((line) => line.startsWith('error internal error') && line.includes('planted')))
}

const reasons = (rig: EdgeRig): string[] => rig.records.map((record) => record.releaseReason)

test('a fault while an INVITE is decided or sent: 500, and nothing is left of the call', () => {
  for (const plant of [
    (rig: EdgeRig) => void (rig.edge.probes.find = fail),
    (rig: EdgeRig) => void (rig.edge.probes.onAttempt = fail),
    (rig: EdgeRig) => void (rig.edge.limits.admitGateway = fail),
  ]) {
    const rig = standardRig()
    withBystander(rig, () => {
      plant(rig)
      const caller = new CallerSide(rig)
      caller.invite()
      assert.equal(caller.statuses().at(-1), 500)
      assert.equal(rig.edge.limits.usedChannels('account', 'Acme'), 1, 'only that of the bystander, at once')
      assert.equal(rig.edge.limits.usedChannels('account', 'PBX'), 1)
      caller.ack('failure')
      rig.advance(200)
    })
    assert.deepEqual(reasons(rig), ['internal error'])
    rig.assertNothingLeft()
  }
})

test('a fault while a response is handled ends its call with 500 and CANCEL', () => {
  const rig = standardRig()
  withBystander(rig, () => {
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.invite()
    const invite = gateway.one('INVITE')
    gateway.answer(invite, 100)
    const call = [...rig.edge.calls.values()].at(-1)
    assert.ok(call)
    call.onProgress = fail
    gateway.answer(invite, 180)
    assert.equal(caller.statuses().at(-1), 500)
    gateway.one('CANCEL')
    gateway.answer(invite, 487)
    caller.ack('failure')
    rig.advance(200)
  })
  assert.deepEqual(reasons(rig), ['internal error'])
  rig.assertNothingLeft()
})

test('a fault in a request inside the dialog: 500, BYE to both sides', () => {
  const rig = standardRig()
  withBystander(rig, () => {
    const { caller, gateway } = answeredCall(rig)
    const call = [...rig.edge.calls.values()].at(-1)
    assert.ok(call)
    call.addRelay = fail
    caller.inDialog('INFO')
    const got = caller.got()
    assert.ok(got.some((message) => message.status === 500))
    const bye = got.find((message) => message.method === 'BYE' && message.kind === 'request')
    assert.ok(bye)
    caller.answer(bye, 200)
    gateway.answer(gateway.one('BYE'), 200)
    rig.advance(200)
  })
  assert.deepEqual(reasons(rig), ['internal error'])
  rig.assertNothingLeft()
})

test('a fault in a timer ends its call only', () => {
  const rig = standardRig({ customer: { maxDurationSeconds: 3_000 } })
  withBystander(rig, () => {
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.invite()
    gateway.got()
    const call = [...rig.edge.calls.values()].at(-1)
    assert.ok(call)
    call.onAttemptFailed = fail
    rig.advance(3_010)
    assert.equal(caller.statuses().at(-1), 500)
    caller.ack('failure')
    rig.advance(200)
  })
  assert.deepEqual(reasons(rig), ['internal error'])
  rig.assertNothingLeft()
})

test('a call that cannot even be ended is dropped: its room and its legs are free', () => {
  const rig = standardRig()
  withBystander(rig, () => {
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.invite()
    const invite = gateway.one('INVITE')
    const call = [...rig.edge.calls.values()].at(-1)
    assert.ok(call)
    call.answerCaller = fail
    gateway.answer(invite, 486)
    assert.equal(rig.edge.calls.find(call.id), undefined)
    assert.equal(rig.edge.limits.usedChannels('account', 'PBX'), 1, 'only that of the bystander, at once')
    assert.equal(rig.edge.limits.usedChannels('account', 'Acme'), 1)
    caller.ack('failure')
    rig.advance(200)
  })
  rig.assertNothingLeft()
})
