// State that cannot be printed cannot be run: every field of a call, its legs and its attempts shows when it is printed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printCall } from '../../src/call/print.ts'
import { answeredCall, CallerSide, gateway2, GatewaySide, offer, standardRig } from '../kit/call-rig.ts'

/** Fields that are no state of the call: what it was made of and where it lives, or the same thing under another name. */
const elsewhere = {
  call: ['context', 'directory', 'flow', 'caller', 'awake', 'resting', 'durationTimer', 'quietSum', 'forgotten'],
  parts: ['setUp', 'serverTransaction', 'invite', 'inboundLeg', 'outboundLeg', 'verdict'],
  leg: ['call', 'listener'],
  attempt: ['call', 'gateway', 'endpoint'],
}

const keysOf = (printed: unknown): string[] => Object.keys(printed as object)

const missing = (thing: object, printed: readonly string[], known: readonly string[]): string[] =>
  Object.keys(thing).filter((key) => !printed.includes(key) && !known.includes(key))

test('GET /calls/ID: every field of the call, its legs and its attempts is printed', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer })
  const again = gateway.one('INVITE')
  const call = [...rig.edge.calls.values()][0]
  assert.ok(call)
  const printed = printCall(call, true)
  const whole = { ...printed, ...printed.detail }
  assert.deepEqual(missing(call, keysOf(whole), elsewhere.call), [])
  assert.deepEqual(missing(call.parts, keysOf(whole), elsewhere.parts), [])
  assert.deepEqual(missing(call.parts.setUp, keysOf(whole), []), [])
  const legs = printed.detail['legs'] as object[]
  assert.equal(legs.length, 2)
  for (const [i, leg] of [call.inboundLeg, call.outboundLeg].entries())
    assert.deepEqual(missing(leg ?? {}, keysOf(legs[i]), elsewhere.leg), [])
  const attempts = printed.detail['attempts'] as object[]
  assert.deepEqual(missing(call.attempts[0] ?? {}, keysOf(attempts[0]), elsewhere.attempt), [])
  const text = JSON.stringify(printed)
  for (const part of [call.id, caller.callId, again.callId, 'gateway-tag', 'INVITE', '"pendingInvite":"remote"'])
    assert.ok(text.includes(part), part)
  gateway.answer(again, 488)
  caller.got()
  caller.bye()
  gateway.answer(gateway.got().at(-1) as typeof again, 200)
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('a hunt in progress shows each attempt, what its transaction waits for and which timers run', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const first = new GatewaySide(rig)
  const second = new GatewaySide(rig, gateway2)
  caller.invite()
  first.answer(first.one('INVITE'), 503)
  second.answer(second.one('INVITE'), 100)
  const call = [...rig.edge.calls.values()][0]
  assert.ok(call)
  const printed = printCall(call, true)
  assert.equal(printed.state, 'proceeding')
  assert.equal(printed.gateway, 'gw-2')
  assert.deepEqual(printed.detail['timers'], ['hunt'])
  const attempts = printed.detail['attempts'] as Record<string, unknown>[]
  assert.deepEqual(
    attempts.map(({ state, status, holdsRoom, timers }) => ({ state, status, holdsRoom, timers })),
    [
      { state: 'failed', status: 503, holdsRoom: false, timers: [] },
      { state: 'proceeding', status: null, holdsRoom: true, timers: ['progress'] },
    ],
  )
  assert.deepEqual(printCall(call, false).detail, {})
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
})
