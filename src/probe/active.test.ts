// What OPTIONS alone decide: rhythm, thresholds, detection time, way back, late answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBelow, seededRandom } from '../base/random.ts'
import { Timers } from '../base/timers.ts'
import type { ProbeSettings } from '../contract/endpoint.ts'
import { ProbeRig, settingsOf } from '../../test/kit/probe-rig.ts'
import type { Answer } from '../../test/kit/probe-rig.ts'
import { isAliveStatus } from './alive-codes.ts'
import { ProbeBoard } from './probe-board.ts'

test('by default every final reply below 500 proves life, and 500, 501, 505; 408, 502, 503, 504 and 6xx do not', () => {
  const { aliveCodes } = settingsOf()
  for (const status of [200, 202, 302, 400, 401, 403, 404, 405, 407, 420, 483, 486, 500, 501, 505])
    assert.equal(isAliveStatus(aliveCodes, status), true, String(status))
  for (const status of [408, 502, 503, 504, 513, 580, 600, 603])
    assert.equal(isAliveStatus(aliveCodes, status), false, String(status))
  assert.equal(isAliveStatus(['408'], 408), true)
  assert.equal(isAliveStatus(['5xx'], 503), true)
  assert.equal(isAliveStatus(['200'], 202), false)
})

test('an unknown target counts as green, is probed soon after the start and then at its interval', () => {
  const rig = new ProbeRig()
  rig.useOne()
  assert.equal(rig.board.find('gw'), undefined)
  assert.equal(rig.board.find('nobody'), undefined)
  assert.deepEqual([rig.state().status, rig.state().kind, rig.state().reason], ['green', 'unknown', 'not probed yet'])
  assert.equal(rig.state().lastProbe, null)
  rig.clock.advance(5_000)
  assert.equal(rig.sent.length, 1)
  assert.deepEqual(rig.board.find('gw'), { status: 'green', reason: 'answers OPTIONS' })
  rig.clock.advance(600_000)
  const gaps = rig.sent.slice(1).map(({ at }, i) => at - (rig.sent[i]?.at ?? 0))
  assert((gaps[0] ?? 0) >= 15_000 && (gaps[0] ?? 0) <= 30_005, `second probe after ${gaps[0]} ms`)
  // Each within one tick of the wheel of 30 s, and without drift over all.
  for (const gap of gaps.slice(1)) assert(Math.abs(gap - 30_000) <= 5, `gap of ${gap} ms`)
  const [, second] = rig.sent
  assert(Math.abs((rig.sent.at(-1)?.at ?? 0) - (second?.at ?? 0) - 30_000 * (rig.sent.length - 2)) <= 5)
  assert.equal(rig.state().lastProbe?.result, '200 after 0 ms')
  assert.deepEqual(rig.changes, [])
})

test('timers that are looked at late do not stretch the rhythm', () => {
  let nowMs = 0
  const times: number[] = []
  const timers = new Timers(0)
  const board: ProbeBoard = new ProbeBoard({
    clock: { nowMs: () => nowMs, wallMs: () => nowMs },
    timers,
    random: seededRandom(2),
    port: {
      sendOptions: (key, probe) => {
        times.push(nowMs)
        board.onProbeReply(key, probe, 200)
      },
      stopOptions: () => assert.fail('each was answered'),
      onChange: () => assert.fail('it stays green'),
    },
  })
  board.put({ key: 'gw', settings: settingsOf({ intervalSeconds: 3 }) })
  while (nowMs < 610_000) {
    nowMs += 47
    timers.advance(nowMs)
  }
  const [, second = 0] = times
  assert(Math.abs((times[201] ?? 0) - second - 200 * 3_000) <= 52, `drifted to ${times[201]}`)
  // After a long stall it is probed once, not as often as it was missed.
  const sent = times.length
  nowMs += 30_000
  timers.advance(nowMs)
  assert.equal(times.length, sent + 1)
})

test('the probes of 1,000 gateways are spread from the start and stay spread', () => {
  const rig = new ProbeRig(7)
  for (let i = 0; i < 1_000; i++) rig.board.put({ key: `gw-${i}`, settings: settingsOf() })
  rig.clock.advance(125_000)
  const perSecond = new Map<number, number>()
  for (const { at } of rig.sent) {
    const second = Math.floor(at / 1_000)
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
  }
  for (const [second, count] of perSecond) assert(count <= (second < 5 ? 250 : 110), `${count} in second ${second}`)
  assert.equal(new Set(rig.sent.map(({ key }) => key)).size, 1_000)
})

test('it turns red after failuresDown misses in a row and green after successesUp successes in a row, at once', () => {
  const rig = new ProbeRig()
  rig.useOne({ intervalSeconds: 10, intervalDownSeconds: 2, failuresDown: 3, successesUp: 2, timeoutMs: 1_000 })
  rig.clock.advance(15_000)
  const step = (answer: Answer, times: number): string => {
    rig.answers('gw', answer)
    const wanted = rig.sent.length + times
    while (rig.sent.length < wanted) rig.clock.advance(5)
    rig.clock.advance(1_000)
    return rig.state().status
  }
  assert.equal(step('silent', 2), 'green')
  assert.match(rig.state().reason, /^2 of 3 OPTIONS missed, the last one: no answer within 1000 ms$/)
  assert.equal(step(200, 1), 'green')
  assert.equal(step('silent', 2), 'green', 'a success in between starts the count again')
  assert.equal(step('silent', 1), 'red')
  assert.deepEqual([rig.state().kind, rig.state().reason], ['timeout', 'OPTIONS timed out 3 times'])
  assert.equal(step(200, 1), 'red')
  assert.equal(step('silent', 1), 'red')
  assert.equal(step(200, 1), 'red', 'a miss in between starts the count again')
  assert.equal(step(200, 1), 'green')
  assert.deepEqual(rig.colours(), ['red', 'green'])
  assert.deepEqual(
    rig.state().history,
    rig.changes.map(({ change }) => change),
  )
})

test('the reason says what kind of failure it is', () => {
  const reasonFor = (answers: readonly Answer[]): [string, string] => {
    const rig = new ProbeRig()
    rig.useOne({ failuresDown: answers.length, intervalSeconds: 1, timeoutMs: 100 })
    for (const answer of answers) {
      rig.answers('gw', answer)
      const wanted = rig.sent.length + 1
      while (rig.sent.length < wanted) rig.clock.advance(5)
      rig.clock.advance(100)
    }
    assert.equal(rig.board.find('gw')?.reason, rig.state().reason)
    return [rig.state().kind, rig.state().reason]
  }
  assert.deepEqual(reasonFor(['silent']), ['timeout', 'OPTIONS timed out'])
  assert.deepEqual(reasonFor(['refused', 'refused']), ['refused', 'OPTIONS failed 2 times: connection refused'])
  assert.deepEqual(reasonFor(['reset', 'reset']), ['transport', 'OPTIONS failed 2 times: connection reset'])
  assert.deepEqual(reasonFor(['tls']), ['tls', 'OPTIONS failed: TLS: certificate has expired'])
  assert.deepEqual(reasonFor([503, 503, 503]), ['reply', 'OPTIONS failed 3 times: answered with 503'])
  assert.deepEqual(reasonFor(['silent', 408]), ['reply', 'OPTIONS failed 2 times, the last time: answered with 408'])
})

const settings: Partial<ProbeSettings>[] = [
  {},
  { intervalSeconds: 3, timeoutMs: 2_000 },
  { intervalSeconds: 10, failuresDown: 1, timeoutMs: 500 },
  { intervalSeconds: 5, failuresDown: 5, timeoutMs: 4_000, successesUp: 1 },
  // A time-out longer than the interval: probes overlap.
  { intervalSeconds: 1, failuresDown: 3, timeoutMs: 7_000 },
  // Slower while red than while green.
  { intervalSeconds: 2, intervalDownSeconds: 20, failuresDown: 3, timeoutMs: 1_000 },
]
const dead: [string, Answer][] = [
  ['is silent', 'silent'],
  ['refuses', 'refused'],
  ['answers 503', 503],
  ['answers 408', 408],
]
const ticksMs = 10

for (const [what, answer] of dead)
  test(`a gateway that ${what} is red within interval x threshold + time-out, and not sooner than the threshold allows`, () => {
    const random = seededRandom(3)
    for (const input of settings)
      for (let round = 0; round < 8; round++) {
        const rig = new ProbeRig(round)
        rig.useOne(input)
        const { intervalSeconds, intervalDownSeconds, failuresDown, successesUp, timeoutMs } = settingsOf(input)
        rig.clock.advance(2_000 * intervalSeconds + randomBelow(random, 1_000 * intervalSeconds))
        rig.answers('gw', answer)
        const probes = rig.sent.length
        const boundMs = 1_000 * intervalSeconds * failuresDown + timeoutMs
        const tookMs = rig.advanceUntil('red', boundMs + ticksMs)
        assert(rig.sent.length - probes >= failuresDown, 'enough probes were missed')
        assert(tookMs >= 1_000 * intervalSeconds * (failuresDown - 1) - ticksMs, `only ${tookMs} ms`)

        rig.answers('gw', 200)
        const backMs = rig.advanceUntil('green', 1_000 * intervalDownSeconds * successesUp + timeoutMs + ticksMs)
        assert(backMs >= 1_000 * intervalDownSeconds * (successesUp - 1) - timeoutMs - ticksMs)
        assert.deepEqual(rig.colours(), ['red', 'green'])
      }
  })

test('while red it is probed every intervalDownSeconds', () => {
  const rig = new ProbeRig()
  rig.useOne()
  rig.answers('gw', 'refused')
  rig.advanceUntil('red', 100_000)
  const before = rig.sent.length
  rig.clock.advance(60_000)
  const gaps = rig.sent.slice(before).map(({ at }, i) => at - (rig.sent[before - 1 + i]?.at ?? 0))
  assert.equal(gaps.length, 12)
  for (const gap of gaps) assert(Math.abs(gap - 5_000) <= 5, `gap of ${gap} ms`)
})

test('a gateway that is down from the start is found, and comes back', () => {
  const rig = new ProbeRig()
  rig.useOne()
  rig.answers('gw', 'silent')
  rig.advanceUntil('red', 5_000 + 2 * 30_000 + 2_000 + ticksMs)
  rig.answers('gw', 404)
  rig.advanceUntil('green', 12_000)
  assert.equal(rig.state().reason, 'answers OPTIONS')
})

test('a reply after our own time-out proves nothing, nor does one to an unknown probe', () => {
  const rig = new ProbeRig()
  rig.useOne({ intervalSeconds: 10, timeoutMs: 1_000, failuresDown: 2 })
  rig.answers('gw', { status: 200, afterMs: 1_500 })
  rig.advanceUntil('red', 30_000)
  assert.equal(rig.stopped.length, rig.sent.length, 'each was called off')
  rig.clock.advance(60_000)
  assert.equal(rig.state().status, 'red')
  assert.equal(rig.state().lastProbe?.result, 'no answer within 1000 ms')
  for (let probe = 0; probe < 100; probe++) rig.board.onProbeReply('gw', probe, 200)
  rig.board.onProbeReply('nobody', 1, 200)
  rig.board.onProbeError('gw', 1, { kind: 'other', detail: 'late' })
  assert.equal(rig.state().status, 'red')
})

test('a slow answer within the time-out is a success, even when probes overlap', () => {
  const rig = new ProbeRig()
  rig.useOne({ intervalSeconds: 1, timeoutMs: 5_000, failuresDown: 1 })
  rig.answers('gw', { status: 200, afterMs: 4_500 })
  rig.clock.advance(60_000)
  assert.equal(rig.sent.length >= 58, true)
  assert.deepEqual(rig.changes, [])
  assert.equal(rig.state().lastProbe?.result, '200 after 4500 ms')
})

test('the light follows the naive count over 3,000 random answers', () => {
  const random = seededRandom(5)
  const { aliveCodes, failuresDown, successesUp } = settingsOf()
  const rig = new ProbeRig()
  rig.useOne({ intervalSeconds: 1, intervalDownSeconds: 1, timeoutMs: 100 })
  const answers: Answer[] = [200, 200, 404, 503, 'refused', 'silent', 'silent']
  let red = false
  let row = 0
  for (let i = 0; i < 3_000; i++) {
    const answer = answers[randomBelow(random, answers.length)] ?? 200
    rig.answers('gw', answer)
    const wanted = rig.sent.length + 1
    while (rig.sent.length < wanted) rig.clock.advance(5)
    rig.clock.advance(105)
    const good = typeof answer === 'number' && isAliveStatus(aliveCodes, answer)
    row = good === red ? row + 1 : 0
    if (row === (red ? successesUp : failuresDown)) {
      red = !red
      row = 0
    }
    assert.equal(rig.state().status, red ? 'red' : 'green', `after answer ${i}`)
  }
  assert(rig.changes.length > 100, `${rig.changes.length} changes`)
})

test('up and down every 5 s for 10 minutes: no change without a full row of misses or successes before it', () => {
  for (const input of [{}, { intervalSeconds: 1, intervalDownSeconds: 1, timeoutMs: 500 }]) {
    const rig = new ProbeRig()
    rig.useOne(input)
    for (let i = 0; i < 120; i++) {
      rig.answers('gw', i % 2 === 0 ? 200 : 'silent')
      rig.clock.advance(5_000)
    }
    const { failuresDown, successesUp } = settingsOf()
    for (const [i, { at, change }] of rig.changes.entries()) {
      const since = rig.changes[i - 1]?.at ?? 0
      const probes = rig.sent.filter((sent) => sent.at > since && sent.at <= at).length
      assert(probes >= (change.status === 'red' ? failuresDown : successesUp), `change at ${at}`)
      assert.equal(change.status, i % 2 === 0 ? 'red' : 'green')
    }
    assert(rig.changes.length <= 120, `${rig.changes.length} changes`)
  }
})
