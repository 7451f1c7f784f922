// The table of failover, written out again: outcome, next gateway, next carrier, what the caller sees.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AssertionFault } from '../base/assert.ts'
import { outcomeOf, type FailoverEvent, type NextStep } from './failover.ts'

type Kind = Exclude<FailoverEvent['kind'], 'status'>
type Sees = number | 'asReceived'

const yesYes: NextStep = 'gateway'
const noYes: NextStep = 'carrier'
const noNo: NextStep = 'none'

const events: [Kind, NextStep, Sees, after18x: NextStep][] = [
  ['firstReplyTimeout', yesYes, 408, noNo],
  ['transport', yesYes, 503, yesYes],
  ['progressTimeout', noYes, 408, noNo],
  ['ringTimeout', noNo, 480, noNo],
  ['huntTimeout', noNo, 408, noNo],
  ['challenge', yesYes, 503, noNo],
]

/** Every final failure there can be. */
function statusRow(status: number): [NextStep, Sees, after18x: NextStep] {
  if ([500, 502, 503, 504].includes(status)) return [yesYes, 'asReceived', yesYes]
  if (status === 408) return [yesYes, 'asReceived', noNo]
  if (status < 400) return [noNo, 503, noNo]
  if ([404, 410, 480, 482, 483, 484, 486, 487].includes(status) || status >= 600) return [noNo, 'asReceived', noNo]
  if (status === 401 || status === 407) return [yesYes, 503, noNo]
  return [noYes, 'asReceived', noNo]
}

test('what is no reply: time-outs, transport errors, challenges', () => {
  for (const [kind, next, callerStatus, after] of events) {
    const { row: _, ...outcome } = outcomeOf({ kind }, false)
    assert.deepEqual(outcome, { next, callerStatus }, kind)
    assert.equal(outcomeOf({ kind }, true).next, after, `${kind} after an 18x`)
  }
})

test('every final status from 300 to 699, before and after an 18x was passed on', () => {
  for (let status = 300; status < 700; status++) {
    const [next, callerStatus, after] = statusRow(status)
    const { row: _, ...outcome } = outcomeOf({ kind: 'status', status }, false)
    assert.deepEqual(outcome, { next, callerStatus }, String(status))
    assert.deepEqual(outcomeOf({ kind: 'status', status }, true).next, after, `${status} after an 18x`)
  }
})

test('a success is no failure: asking is a bug of ours', () => {
  assert.throws(() => outcomeOf({ kind: 'status', status: 200 }, false), AssertionFault)
})
