import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRunning, Timers } from './timers.ts'
import type { Timer } from './timers.ts'

/** Remembers when what fired. */
class Diary {
  readonly entries: { kind: number; atMs: number }[] = []
  act: (kind: number) => void = () => undefined

  onTimer(kind: number, nowMs: number): void {
    this.entries.push({ kind, atMs: nowMs })
    this.act(kind)
  }
}

test('a timer fires once, never early, and at most one tick late when the wheel is turned in time', () => {
  const timers = new Timers(0)
  const diary = new Diary()
  const delays = [0, 1, 4, 5, 6, 499.5, 500, 4_000, 32_000, 20_479, 20_480, 20_481, 86_400_000]
  for (const [kind, delay] of delays.entries()) timers.start(0, delay, diary, kind)
  for (let nowMs = 0; nowMs <= 33_000; nowMs += 5) timers.advance(nowMs)
  timers.advance(86_400_005)
  assert.deepEqual(
    diary.entries.map(({ kind }) => kind).toSorted((a, b) => a - b),
    [...delays.keys()],
  )
  for (const { kind, atMs } of diary.entries) {
    const delay = delays[kind] ?? 0
    assert.ok(atMs >= delay, `${delay} fired at ${atMs}`)
    assert.ok(atMs < delay + 10, `${delay} fired at ${atMs}`)
  }
  assert.equal(timers.count, 0)
})

test('a late turn fires everything that is due, the oldest tick first', () => {
  const timers = new Timers(1_000)
  const diary = new Diary()
  for (const [kind, delay] of [300, 100, 200, 50_000].entries()) timers.start(1_000, delay, diary, kind)
  timers.advance(60_000)
  assert.deepEqual(
    diary.entries.map(({ kind }) => kind),
    [1, 2, 0, 3],
  )
})

test('a stopped timer does not fire; stopping twice, or after it fired, is harmless', () => {
  const timers = new Timers(0)
  const diary = new Diary()
  const all = Array.from({ length: 50 }, (_, kind) => timers.start(0, 100, diary, kind))
  for (const timer of all.filter((one) => one.kind % 2 === 0)) {
    timers.stop(timer)
    timers.stop(timer)
  }
  assert.equal(timers.count, 25)
  timers.advance(105)
  assert.deepEqual(
    diary.entries.map(({ kind }) => kind).toSorted((a, b) => a - b),
    Array.from({ length: 25 }, (_, index) => index * 2 + 1),
  )
  timers.stop(all[1])
  timers.stop(undefined)
  assert.equal(timers.count, 0)
})

test('an owner may stop and start timers from inside its own', () => {
  const timers = new Timers(0)
  const diary = new Diary()
  let other: Timer | undefined
  diary.act = (kind) => {
    if (kind !== 1) return
    timers.stop(other)
    timers.start(100, 0, diary, 3)
    timers.start(100, 20_480, diary, 4)
  }
  timers.start(0, 100, diary, 1)
  other = timers.start(0, 110, diary, 2)
  for (let nowMs = 0; nowMs <= 200; nowMs += 5) timers.advance(nowMs)
  assert.deepEqual(
    diary.entries.map(({ kind }) => kind),
    [1, 3],
  )
  assert.equal(timers.count, 1)
})

test('what one owner throws is told with the owner, and the others fire all the same', () => {
  const told: unknown[] = []
  const timers = new Timers(0, (error, owner) => told.push(error, owner))
  const broken = {
    onTimer() {
      throw new Error('bug')
    },
  }
  const diary = new Diary()
  timers.start(0, 10, diary, 1)
  timers.start(0, 10, broken, 2)
  timers.start(0, 10, diary, 3)
  timers.advance(20)
  assert.deepEqual(
    diary.entries.map(({ kind }) => kind).toSorted((a, b) => a - b),
    [1, 3],
  )
  assert.match(String(told[0]), /bug/)
  assert.equal(told[1], broken)
  const strict = new Timers(0)
  strict.start(0, 10, broken, 1)
  assert.throws(() => strict.advance(20), /bug/)
})

test('100,000 random timers, a third of them stopped, agree with a plain list', () => {
  let seed = 42
  const next = (bound: number): number => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) % bound
  const timers = new Timers(0)
  const diary = new Diary()
  const expected = new Set<number>()
  for (let kind = 0; kind < 100_000; kind += 1) {
    const timer = timers.start(0, next(90_000), diary, kind)
    if (next(3) === 0) timers.stop(timer)
    else expected.add(kind)
  }
  assert.equal(timers.count, expected.size)
  for (let nowMs = 0; nowMs <= 90_010; nowMs += 1 + next(400)) timers.advance(nowMs)
  timers.advance(90_100)
  assert.equal(diary.entries.length, expected.size)
  assert.ok(diary.entries.every(({ kind }) => expected.has(kind)))
})

test('the wheel sleeps until something is due, and is woken for what is due earlier', () => {
  const timers = new Timers(1_000)
  let woken = 0
  timers.onEarlier = () => (woken += 1)
  assert.equal(timers.sleep(1_000, 100), 100)
  timers.start(1_000, 500, new Diary(), 1)
  assert.equal(woken, 0)
  timers.start(1_002, 31, new Diary(), 2)
  assert.equal(woken, 1)
  assert.equal(timers.awakeInMs(1_002), 33)
  timers.start(1_002, 40, new Diary(), 3)
  assert.equal(woken, 1, 'it wakes before that one')
  timers.advance(1_035)
  assert.equal(timers.sleep(1_035, 100), 10)
  timers.advance(1_046)
  assert.equal(timers.sleep(1_046, 100), 99)
  for (let nowMs = 1_046; nowMs < 1_480; nowMs += timers.sleep(nowMs, 100)) timers.advance(nowMs)
  timers.advance(1_499)
  assert.equal(timers.sleep(1_499, 100), 1)
})

test('of one tick what was started first fires first; one that is stopped by an earlier one of its tick does not fire', () => {
  const timers = new Timers(0)
  const diary = new Diary()
  const all = [0, 1, 2, 3].map((kind) => timers.start(0, 100, diary, kind))
  diary.act = (kind) => {
    if (kind === 1) timers.stop(all[2])
  }
  assert.equal(isRunning(all[2]), true)
  timers.advance(105)
  assert.deepEqual(
    diary.entries.map(({ kind }) => kind),
    [0, 1, 3],
  )
  assert.equal(isRunning(all[2]), false)
  assert.equal(timers.count, 0)
})
