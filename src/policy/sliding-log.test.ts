// Calls per second: against every window that could be drawn over the accepted times.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../../test/kit/counts.ts'
import { randomBelow, seededRandom } from '../base/random.ts'
import { SlidingLog } from './sliding-log.ts'

test(`${counts.arrivals} random arrivals: no window holds more than the limit, and no call is refused without need`, () => {
  const random = seededRandom(seeds.arrivals)
  for (const most of [1, 2, 10, 50]) {
    const log = new SlidingLog()
    const accepted: number[] = []
    let nowMs = 5_000
    for (let i = 0; i < counts.arrivals / 4; i++) {
      nowMs += randomBelow(random, 3) === 0 ? randomBelow(random, 2_000) / 10 : randomBelow(random, 30) / 10
      const inWindow = accepted.filter((time) => nowMs - time < 1_000).length
      assert.equal(log.hasRoom(nowMs, 1_000, most), inWindow < most, `at ${nowMs} with limit ${most}`)
      assert.equal(log.countSince(nowMs, 1_000), inWindow)
      if (inWindow >= most) continue
      log.add(nowMs)
      accepted.push(nowMs)
    }
    for (const [i, time] of accepted.entries()) {
      const first = accepted[i - most]
      assert.ok(first === undefined || time - first >= 1_000, `${most + 1} within ${time - (first ?? 0)} ms`)
    }
  }
})

test('a window of exactly 1,000 ms: the next call fits when the first is 1,000 ms old', () => {
  const log = new SlidingLog()
  log.add(0)
  assert.deepEqual([log.hasRoom(999.9, 1_000, 1), log.hasRoom(1_000, 1_000, 1)], [false, true])
})

test('events without a limit are counted and forgotten', () => {
  const log = new SlidingLog()
  for (let i = 0; i < 10_000; i++) log.add(i)
  assert.equal(log.countSince(9_999, 1_000), 1_000)
  assert.equal(log.countSince(9_999, 1_020), 1_020)
  assert.equal(log.countSince(50_000, 1_000), 0)
})
