// OPTIONS inside the dialog, where an entry asks for them: they end calls whose peer is gone, and only those.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredCall, standardRig } from '../kit/call-rig.ts'

const minuteMs = 60_000
const rigWithPing = () => standardRig({ endpoint: { dialogPing: true } })

test('off by default: a call of an hour hears no OPTIONS', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  for (let minute = 0; minute < 14; minute += 1) rig.advance(minuteMs)
  assert.deepEqual(gateway.got(), [])
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('any reply but 408 and 481 is life; these two end the call', () => {
  for (const [status, ends] of [
    [200, false],
    [405, false],
    [503, false],
    [408, true],
    [481, true],
  ] as const) {
    const rig = rigWithPing()
    const { caller, gateway } = answeredCall(rig)
    rig.advance(minuteMs + 10)
    gateway.answer(gateway.one('OPTIONS'), status)
    assert.equal(rig.edge.calls.values()[0]?.ended, ends, String(status))
    if (!ends) caller.bye()
    rig.advance(70_000)
    rig.assertNothingLeft()
    assert.equal(rig.records[0]?.releaseReason, ends ? 'ping lost' : 'caller BYE')
  }
})

test('silence of a peer that never answered an OPTIONS means nothing; of one that did, three times, ends the call', () => {
  for (const answers of [false, true]) {
    const rig = rigWithPing()
    const { caller, gateway } = answeredCall(rig)
    rig.advance(minuteMs + 10)
    if (answers) gateway.answer(gateway.one('OPTIONS'), 200)
    for (let minute = 0; minute < 5; minute += 1) rig.advance(minuteMs)
    assert.equal(rig.records.length, answers ? 1 : 0)
    if (answers) assert.equal(rig.records[0]?.releaseReason, 'ping lost')
    else caller.bye()
    rig.advance(70_000)
    rig.assertNothingLeft()
  }
})
