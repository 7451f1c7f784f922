// What the load generator does when: lists of one delay, the times of RFC 3261 for sending again, phases in open loop, calm.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Second } from './counts.ts'
import { DueList } from './due-list.ts'
import { inviteDelays, otherDelays, Resend } from './resend.ts'
import { isCalm, Timeline } from './timeline.ts'

test('a list gives back in order what is due, also after it has grown around its end', () => {
  const list = new DueList(10)
  for (let i = 0; i < 900; i++) list.add(i, i)
  for (let i = 0; i < 800; i++) assert.equal(list.take(1_000_000), i)
  for (let i = 900; i < 5_000; i++) list.add(i, i)
  assert.equal(list.nextMs, 810)
  assert.equal(list.take(809), undefined)
  for (let i = 800; i < 5_000; i++) assert.equal(list.take(1_000_000), i)
  assert.equal(list.nextMs, Number.POSITIVE_INFINITY)
})

test('RFC3261-17.1.1.2: an INVITE is sent again after 0.5, 1, 2 ... s and given up after 32 s, other requests every 4 s at last', () => {
  assert.deepEqual(inviteDelays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 500])
  assert.deepEqual(otherDelays.slice(0, 5), [500, 1_000, 2_000, 4_000, 4_000])
  for (const delays of [inviteDelays, otherDelays])
    assert.equal(
      delays.reduce((a, b) => a + b, 0),
      32_000,
    )
})

test('what has been answered is not sent again, what has not is, and at last given up', () => {
  const resend = new Resend([10, 20])
  resend.add(0, 1)
  resend.add(0, 2)
  const told: [number, boolean][] = []
  const turn = (nowMs: number): void =>
    resend.turn(nowMs, (number, isLast) => {
      told.push([number, isLast])
      return number === 2
    })
  turn(9)
  turn(10)
  turn(29)
  turn(30)
  turn(1_000)
  assert.deepEqual(told, [
    [1, false],
    [2, false],
    [2, true],
  ])
})

const phase = (callsPerSecond: number, seconds: number) => ({ callsPerSecond, seconds, holdMs: 100 })

test('open loop: the moments of all calls are known before, and a phase begins when the one before was planned to end', () => {
  const timeline = new Timeline([phase(4, 1), phase(10, 0.5)])
  timeline.start(1_000)
  const planned: number[] = []
  for (let at = timeline.nextCallMs; Number.isFinite(at); at = timeline.nextCallMs) {
    planned.push(at)
    timeline.onCall()
  }
  assert.deepEqual(planned, [1_000, 1_250, 1_500, 1_750])
  assert.equal(timeline.phaseEndMs, 2_000)
  timeline.nextPhase()
  assert.equal(timeline.nextCallMs, 2_000)
  timeline.nextPhase()
  assert.equal(timeline.isOver, true)
  assert.equal(timeline.nextCallMs, Number.POSITIVE_INFINITY)
  // What is still counted belongs to the last phase.
  assert.equal(timeline.current.spec.callsPerSecond, 10)
})

test('calls in clumps: none before its moment, as many as without', () => {
  const timeline = new Timeline([{ ...phase(300, 0.05), clumpMs: 5 }])
  timeline.start(1_000)
  const planned: number[] = []
  for (; Number.isFinite(timeline.nextCallMs); timeline.onCall()) planned.push(timeline.nextCallMs - 1_000)
  assert.deepEqual(planned, [0, 5, 10, 10, 15, 20, 20, 25, 30, 30, 35, 40, 40, 45, 50])
})

test('calm: only seconds of the last phase count, so many in a row, without refusals, repetitions or slow answers', () => {
  const calm: Second = { offered: 10, answered: 10, refused: 0, ended: 10, sentAgain: 0, setUpMaxMs: 5 }
  assert.equal(isCalm(calm), true)
  for (const wrong of [{ refused: 1 }, { sentAgain: 1 }, { setUpMaxMs: 300 }, { answered: 8 }])
    assert.equal(isCalm({ ...calm, ...wrong }), false)
  const timeline = new Timeline([phase(10, 2), phase(10, 60)])
  timeline.start(0)
  for (let second = 0; second < 6; second++) Object.assign(timeline.second(second * 1_000), calm)
  assert.equal(timeline.isCalm(6_000, 3), false)
  timeline.nextPhase()
  assert.equal(timeline.isCalm(4_900, 3), false)
  assert.equal(timeline.isCalm(5_000, 3), true)
  timeline.second(4_000).refused = 1
  assert.equal(timeline.isCalm(6_000, 3), false)
  assert.equal(timeline.isCalm(6_000, 0), false)
})
