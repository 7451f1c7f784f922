// A quiet call is folded after half a minute (call/resting-call.ts). Nobody outside can tell: its dialogs, timers, limits, trace
// and record go on as before, and what it takes is measured.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import type { Call } from '../../src/call/call.ts'
import { printCall } from '../../src/call/print.ts'
import { headerIds } from '../../src/sip/header.ts'
import { answerSdp, answeredCall, CallerSide, gateway2, GatewaySide, offer, standardRig } from '../kit/call-rig.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

const bytesMax = 4_096
const folds = (call: Call): boolean => call.resting !== undefined

function onlyCall(rig: EdgeRig): Call {
  const [call] = [...rig.edge.calls.values()]
  assert.ok(call)
  return call
}

/** What only transactions and the hunt need. */
const overThen = { transaction: 'terminated', hunt: null, shown: [], reliable: null }

/** What a call says of itself, without that. */
function printed(call: Call): unknown {
  const { detail, ...head } = printCall(call, true)
  const print = (leg: Record<string, unknown>) => ({ ...leg, lastAck: null, answer: null })
  const attempts = (detail['attempts'] as Record<string, unknown>[]).map((one) => ({
    ...one,
    transaction: 'terminated',
    leg: { ...print(one['leg'] as Record<string, unknown>), sentSession: null },
  }))
  return { ...head, ...detail, ...overThen, legs: (detail['legs'] as Record<string, unknown>[]).map(print), attempts }
}

test('a call is folded when its transactions are over, and says the same of itself when it is asked', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  caller.invite({ lines: ['Record-Route: <sip:10.1.0.9;lr>', 'Allow: UPDATE'] })
  new GatewaySide(rig).answer(new GatewaySide(rig).one('INVITE'), 503)
  const gateway = new GatewaySide(rig, gateway2)
  gateway.answer(gateway.one('INVITE'), 200, { body: answerSdp, lines: ['Record-Route: <sip:10.2.0.2:5070;lr>'] })
  caller.got()
  caller.ack()
  rig.advance(32_500)
  const call = onlyCall(rig)
  assert.equal(folds(call), false)
  const before = printed(call)
  rig.advance(1_000)
  assert.equal(folds(call), true)
  assert.equal(printCall(call, false).gateway, 'gw-2')
  assert.equal(folds(call), true, 'a list wakes nobody')
  assert.deepEqual(printed(call), before)
  assert.equal(folds(call), false)
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
  assert.deepEqual(
    rig.records[0]?.attempts.map(({ gateway: name, status }) => [name, status]),
    [
      ['gw-1', 503],
      ['gw-2', 200],
    ],
  )
  assert.ok((rig.records[0]?.explanation.length ?? 0) > 3)
})

test('requests of both sides find a folded call, cross it, and it is folded again', () => {
  const rig = standardRig()
  const { caller, gateway, invite } = answeredCall(rig)
  for (let round = 1; round <= 3; round++) {
    rig.advance(100_000)
    assert.equal(folds(onlyCall(rig)), true, `round ${round}`)
    caller.inDialog('INVITE', { body: offer })
    const again = gateway.one('INVITE')
    assert.equal(again.callId, invite.callId)
    assert.equal(again.fromTag, invite.fromTag)
    assert.equal(again.toTag, 'gateway-tag')
    assert.equal(again.cseq.number, 2 * round)
    gateway.answer(again, 200, { body: answerSdp })
    gateway.one('ACK')
    assert.equal(caller.statuses().at(-1), 200)
    caller.ack()
    rig.advance(100_000)
    assert.equal(folds(onlyCall(rig)), true, `round ${round}, again`)
    gateway.request('INFO', invite)
    const info = caller.got()[0]
    assert.equal(info?.method, 'INFO')
    assert.equal(info.callId, caller.callId)
    assert.equal(info.cseq.number, round)
    caller.answer(info, 200)
    assert.equal(gateway.got()[0]?.status, 200)
    caller.inDialog('OPTIONS')
    gateway.answer(gateway.one('OPTIONS'), 200)
    caller.got()
  }
  rig.advance(70_000)
  assert.equal(folds(onlyCall(rig)), true)
  gateway.request('BYE', invite)
  assert.equal(gateway.got()[0]?.status, 200)
  const bye = caller.got()[0]
  assert.equal(bye?.method, 'BYE')
  assert.equal(bye.value(headerIds.callId), caller.callId)
  caller.answer(bye, 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'gateway BYE')
})

test('whatever is under way keeps a call awake until half a minute after it', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  rig.advance(10_000)
  caller.inDialog('INVITE', { body: offer })
  const again = gateway.one('INVITE')
  gateway.answer(again, 180)
  rig.advance(120_000)
  assert.equal(folds(onlyCall(rig)), false, 'a re-INVITE rings')
  gateway.answer(again, 200, { body: answerSdp })
  caller.got()
  caller.ack()
  rig.advance(32_000)
  assert.equal(folds(onlyCall(rig)), false, 'its transactions linger')
  rig.advance(70_000)
  assert.equal(folds(onlyCall(rig)), true)
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('a folded call ends on the dot, by its longest time and by an operator', () => {
  for (const how of ['max duration', 'operator'] as const) {
    const rig = standardRig({ carrier: { maxDurationSeconds: 200 } })
    answeredCall(rig)
    rig.advance(199_000)
    assert.equal(folds(onlyCall(rig)), true)
    if (how === 'operator') assert.equal(rig.ask('endCall', { id: onlyCall(rig).id }), true)
    else rig.advance(1_010)
    rig.advance(40_000)
    rig.assertNothingLeft()
    assert.equal(rig.records[0]?.releaseReason, how)
    if (how === 'max duration') assert.equal(rig.records[0].talkMs, 200_000)
  }
})

test('a trace is found by any Call-ID of a folded call, and wakes no other', () => {
  const rig = standardRig()
  const one = answeredCall(rig)
  const other = answeredCall(rig)
  rig.advance(40_000)
  const calls = [...rig.edge.calls.values()]
  assert.deepEqual(calls.map(folds), [true, true])
  assert.equal(rig.edge.tracing.find(one.invite.callId)?.id, calls[0]?.id)
  assert.deepEqual(calls.map(folds), [false, true])
  for (const { caller } of [one, other]) caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test(`a quiet call with descriptions of 1,000 bytes takes less than ${bytesMax} bytes, and gives all of it back`, () => {
  const replay = fileURLToPath(new URL('../../bench/replay.ts', import.meta.url))
  const said = execFileSync(process.execPath, ['--expose-gc', replay, '--live=4000'], { encoding: 'utf8' })
  const bytes = Number(/^(\d+) bytes for each of 4000 live calls$/m.exec(said)?.[1])
  assert.ok(bytes > 2_000 && bytes < bytesMax, said)
  const [before = 0, after = 0] = [...said.matchAll(/([\d.]+) MiB/g)].map(([, size]) => Number(size))
  assert.ok(after < before * 1.05, said)
})
