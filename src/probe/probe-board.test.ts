// The board itself: publication, operator, history, and that nothing is left when targets go.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../base/limits.ts'
import { ProbeRig, settingsOf } from '../../test/kit/probe-rig.ts'

test('a new directory keeps the state of known targets, starts new ones green and forgets the others with their timers', () => {
  const rig = new ProbeRig()
  const target = (key: string) => ({ key, settings: settingsOf() })
  const putBoth = (): void => ['a', 'b'].forEach((key) => rig.board.put(target(key)))
  putBoth()
  rig.answers('a', 'silent')
  rig.advanceUntil('red', 100_000, 'a')
  const before = rig.state('a')
  const timers = rig.clock.timers.count
  assert.equal(rig.board.timerCount, timers)
  for (let i = 0; i < 10; i++) putBoth()
  assert.deepEqual(rig.state('a'), before)
  assert.equal(rig.clock.timers.count, timers)
  rig.board.drop('a')
  rig.board.put(target('c'))
  assert.deepEqual([rig.board.count, rig.board.state('a'), rig.board.find('a')], [2, undefined, undefined])
  assert.equal(rig.state('c').status, 'green')
  rig.answers('b', 'silent')
  rig.board.hold('b', 60)
  rig.board.probeNow('b')
  rig.stopped.length = 0
  rig.board.close()
  assert.equal(rig.stopped.length, 1, 'the probe under way is called off')
  assert.deepEqual([rig.board.count, rig.board.timerCount, rig.clock.timers.count], [0, 0, 0])
  const sent = rig.sent.length
  rig.clock.advance(60_000)
  assert.equal(rig.sent.length, sent)
})

test('new settings take effect at once: a shorter interval, a threshold, probing off and on again', () => {
  const rig = new ProbeRig()
  rig.useOne({ intervalSeconds: 3_600 })
  rig.clock.advance(10_000)
  assert.equal(rig.sent.length, 1)
  rig.useOne({ intervalSeconds: 5 })
  rig.clock.advance(30_000)
  assert(rig.sent.length >= 6, `${rig.sent.length} probes`)
  rig.answers('gw', 'refused')
  rig.useOne({ intervalSeconds: 5, failuresDown: 1 })
  rig.advanceUntil('red', 5_010)
  const sent = rig.sent.length
  rig.useOne({ enabled: false })
  rig.clock.advance(5_000)
  assert.equal(rig.board.find('gw')?.status, 'green', 'without probes a call must be able to try it')
  assert.equal(rig.sent.length, sent)
  rig.useOne({ failuresDown: 1 })
  assert.equal(rig.board.find('gw')?.status, 'red')
  rig.answers('gw', 200)
  rig.advanceUntil('green', 40_000)
})

test('probing that was off begins its count anew', () => {
  const rig = new ProbeRig()
  const settings = { intervalSeconds: 5, failuresDown: 2, timeoutMs: 500 }
  rig.useOne(settings)
  rig.answers('gw', 'silent')
  while (rig.sent.length === 0) rig.clock.advance(5)
  rig.clock.advance(500)
  assert.match(rig.state().reason, /^1 of 2 OPTIONS missed/)
  rig.useOne({ ...settings, enabled: false })
  rig.useOne(settings)
  const sent = rig.sent.length
  while (rig.sent.length === sent) rig.clock.advance(5)
  rig.clock.advance(500)
  assert.equal(rig.state().status, 'green')
  assert.match(rig.state().reason, /^1 of 2 OPTIONS missed/)
})

test('what the operator switched off stays red whatever probes say, and shows the truth when it is switched on', () => {
  const rig = new ProbeRig()
  rig.useOne({}, 'switched off')
  assert.deepEqual(rig.board.find('gw'), { status: 'red', reason: 'switched off' })
  assert.deepEqual(rig.changes, [], 'a start is no change')
  rig.clock.advance(120_000)
  assert.deepEqual([rig.state().status, rig.state().kind], ['red', 'operator'])
  assert.match(rig.state().lastProbe?.result ?? '', /^200/)
  rig.useOne()
  assert.deepEqual(rig.board.find('gw'), { status: 'green', reason: 'answers OPTIONS' })
  rig.answers('gw', 'silent')
  rig.advanceUntil('red', 100_000)
  rig.useOne({}, 'draining')
  rig.useOne()
  assert.deepEqual(
    rig.state().history.map(({ status, kind }) => `${status} ${kind}`),
    ['green alive', 'red timeout', 'red operator', 'red timeout'],
  )
})

test('since is the time of the change, in wall time, and stays while the light stays', () => {
  const rig = new ProbeRig()
  const startedAt = rig.clock.wallMs()
  rig.useOne()
  rig.clock.advance(40_000)
  assert.equal(rig.state().since, startedAt)
  rig.answers('gw', 'silent')
  rig.advanceUntil('red', 100_000)
  const redAt = rig.clock.wallMs()
  rig.clock.advance(60_000)
  rig.answers('gw', 'refused')
  rig.clock.advance(60_000)
  assert.equal(rig.state().since, redAt)
  assert.deepEqual(rig.state().history, [
    { at: redAt, status: 'red', kind: 'timeout', reason: 'OPTIONS timed out 3 times' },
  ])
})

test('the history is bounded and keeps the newest, oldest first', () => {
  const rig = new ProbeRig()
  rig.useOne({ enabled: false })
  for (let i = 0; i < 150; i++) {
    rig.board.onCallTimeout('gw', 3_000)
    rig.board.onCallReply('gw')
    rig.clock.advance(10)
  }
  const { history } = rig.state()
  assert.equal(history.length, bound('healthHistoryMax'))
  assert.equal(history.at(-1)?.at, rig.changes.at(-1)?.change.at)
  assert.deepEqual(
    history,
    rig.changes.slice(-bound('healthHistoryMax')).map(({ change }) => change),
  )
})

test('a clock that is set by years moves no probe and no hold', () => {
  const rig = new ProbeRig()
  rig.useOne()
  rig.clock.advance(10_000)
  rig.board.hold('gw', 60)
  rig.clock.stepWall(2 * 365 * 86_400_000)
  const sent = rig.sent.length
  rig.clock.advance(59_000)
  assert.equal(rig.state().kind, 'held')
  assert(rig.sent.length - sent <= 3)
  rig.clock.advance(2_000)
  assert.equal(rig.state().status, 'green')
})

test('a flood of questions by operators is bounded', () => {
  const rig = new ProbeRig()
  rig.useOne()
  rig.answers('gw', 'silent')
  for (let i = 0; i < 1_000; i++) rig.board.probeNow('gw')
  assert.equal(rig.sent.length, bound('probesOutstandingMax'))
})

test('two hundred gateways through an hour of random fates: timers stay those of live targets', () => {
  const rig = new ProbeRig(9)
  const keys = Array.from({ length: 200 }, (_, i) => `gw-${i}`)
  for (const key of keys) rig.board.put({ key, settings: settingsOf({ intervalSeconds: 20 }) })
  for (let i = 0; i < 360; i++) {
    const key = keys[(i * 37) % keys.length] ?? ''
    rig.answers(key, (['silent', 200, 'refused', 503, 'reset'] as const)[i % 5] ?? 200)
    if (i % 3 === 0) rig.board.onCallTimeout(key, 3_000)
    if (i % 7 === 0) rig.board.hold(key, i)
    rig.clock.advance(10_000)
    // One for the next probe, one for a hold, at most two for probes under way.
    assert(rig.board.timerCount <= 4 * keys.length)
    assert.equal(rig.board.timerCount, rig.clock.timers.count)
  }
  rig.board.close()
  assert.equal(rig.clock.timers.count, 0)
})
