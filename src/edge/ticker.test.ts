import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Timers } from '../base/timers.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { Ticker } from './ticker.ts'

test('an idle edge is turned ten times a second, and a timer that starts meanwhile fires in time', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const clock = new FakeClock()
  const timers = new Timers(clock.nowMs())
  let ticks = 0
  const tick = (): number => {
    ticks += 1
    timers.advance(clock.nowMs())
    return timers.sleep(clock.nowMs(), 100)
  }
  let dueMs = 0
  let lateMs = 0
  const ticker = new Ticker({ timers, tick, parts: { clock } }, (ms) => (dueMs = ms))
  const pass = (ms: number): void => {
    for (let i = 0; i < ms; i++) {
      clock.advance(1)
      t.mock.timers.tick(1)
      lateMs = Math.max(lateMs, clock.nowMs() - dueMs)
    }
  }
  pass(10_000)
  assert.ok(ticks <= 101, `${ticks} turns`)
  const fired: number[] = []
  const owner = { onTimer: (kind: number) => fired.push(clock.nowMs() - kind) }
  for (const delayMs of [1, 7, 33, 60, 99, 101, 500])
    timers.start(clock.nowMs(), delayMs, owner, clock.nowMs() + delayMs)
  pass(600)
  assert.equal(fired.length, 7)
  assert.ok(
    fired.every((ms) => ms >= 0 && ms <= 6),
    fired.join(),
  )
  assert.ok(lateMs <= 1, 'who waits for datagrams knows the next turn')
  ticker.stop()
  ticks = 0
  pass(1_000)
  assert.equal(ticks, 0)
})
