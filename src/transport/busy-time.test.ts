// How long there was no pause, from what the event loop tells about itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busyTime } from './busy-time.ts'

test('the time without a pause grows while the loop has none, and begins anew with each', () => {
  let [now, idle] = [1_000, 5]
  const busy = busyTime(
    () => ({ idle, active: 0, utilization: 0 }),
    () => now,
  )
  assert.equal(busy(), 0)
  now = 1_050
  assert.equal(busy(), 50)
  now = 1_300
  assert.equal(busy(), 300)
  idle = 6
  assert.equal(busy(), 0)
  now = 1_310
  assert.equal(busy(), 10)
})
