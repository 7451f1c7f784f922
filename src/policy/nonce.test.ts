import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../base/random.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { bound } from '../base/limits.ts'
import { Nonces } from './nonce.ts'
import { SharedNonceCounts, sharedNonceMemory } from './nonce-counts.ts'
import { SharedBook, sharedBookMemory } from './shared-book.ts'

const seal = { key: 'k', address: '192.0.2.1', realm: 'test' }
const life = 30_000

function open(seed = 1): { clock: FakeClock; nonces: Nonces } {
  const clock = new FakeClock()
  return { clock, nonces: new Nonces(clock, seededRandom(seed)) }
}

test('RFC7616-5.4: a nonce is fresh for its life and stale after it, whatever the wall clock does', () => {
  const { clock, nonces } = open()
  const nonce = nonces.issue(seal)
  assert.equal(nonces.check(nonce, seal), 'fresh')
  clock.advance(life)
  assert.equal(nonces.check(nonce, seal), 'fresh')
  clock.advance(1)
  assert.equal(nonces.check(nonce, seal), 'stale')
})

test('RFC7616-5.4: a nonce is good for its key, source and realm only, and no character of it can be changed', () => {
  const { nonces } = open()
  const nonce = nonces.issue(seal)
  for (const other of [{ key: 'j' }, { address: '192.0.2.2' }, { realm: 'Test' }])
    assert.equal(nonces.check(nonce, { ...seal, ...other }), 'foreign', JSON.stringify(other))
  for (const i of nonce.split('').keys()) {
    const changed = `${nonce.slice(0, i)}${nonce[i] === 'a' ? 'b' : 'a'}${nonce.slice(i + 1)}`
    assert.equal(nonces.check(changed, seal), 'foreign', changed)
  }
  for (const text of ['', '.', '....', 'x', nonce.slice(0, -1), `${nonce}0`])
    assert.equal(nonces.check(text, seal), 'foreign', text)
})

test('no two nonces are alike, even of the same moment', () => {
  const { nonces } = open()
  assert.notEqual(nonces.issue(seal), nonces.issue(seal))
})

test('RFC7616-3.3: a nonce from before a restart is known as ours and stale, because its counts are gone', () => {
  const [before, after] = [open(1).nonces, open(2).nonces]
  assert.equal(after.check(before.issue(seal), seal), 'stale')
})

test('RFC7616-3.4: counts of one nonce must rise, each succeeds once; other nonces have their own', () => {
  const { nonces } = open()
  const [one, two] = [nonces.issue(seal), nonces.issue(seal)]
  assert.deepEqual(
    [1, 1, 0, 5, 4, 5, 6].map((count) => nonces.use(one, count)),
    [true, false, false, true, false, false, true],
  )
  assert.equal(nonces.use(two, 1), true)
})

test('what was answered is remembered for at least the life of its nonce, and not for ever', () => {
  const { clock, nonces } = open()
  clock.advance(life - 1)
  const nonce = nonces.issue(seal)
  assert.equal(nonces.use(nonce, 1), true)
  for (let age = 0; age < life; age += 1_000) {
    assert.equal(nonces.use(nonce, 1), false, `after ${age} ms`)
    clock.advance(1_000)
  }
  clock.advance(2 * life)
  assert.equal(nonces.remembered, 0)
})

function openShared(): { clock: FakeClock; threads: [Nonces, Nonces] } {
  const clock = new FakeClock()
  const [book, counts] = [sharedBookMemory(), sharedNonceMemory()]
  const openThread = (thread: number): Nonces => {
    const own = new SharedBook(book, thread * 1_234)
    // Each thread counts its time from its own start.
    const clockOf = { nowMs: () => clock.nowMs() - thread * 1_234, wallMs: () => clock.wallMs() }
    const shared = new SharedNonceCounts(counts, own, clockOf)
    const toShared = (nowMs: number): number => own.toShared(nowMs)
    return new Nonces(clockOf, seededRandom(thread), { boot: 'b', thread, threads: 2, counts: shared, toShared })
  }
  return { clock, threads: [openThread(0), openThread(1)] }
}

test('RFC7616-3.4: what one thread issued another may check, and no count succeeds twice, on whichever thread', () => {
  const { clock, threads } = openShared()
  const [first, second] = threads
  const [one, two] = [first.issue(seal), second.issue(seal)]
  assert.notEqual(one, two)
  assert.deepEqual([second.check(one, seal), first.check(two, seal)], ['fresh', 'fresh'])
  assert.deepEqual(
    [0, 1, 1, 3, 2, 4, 4].map((count, i) => threads[i % 2]?.use(one, count)),
    [false, true, false, true, false, true, false],
  )
  assert.deepEqual([first.use(two, 1), second.use(two, 1)], [true, false])
  assert.equal(second.use('b.x..x', 1), false)
  assert.equal(first.remembered, 2)
  clock.advance(life)
  assert.deepEqual([second.check(one, seal), second.use(one, 5)], ['fresh', true])
  clock.advance(1)
  assert.equal(second.check(one, seal), 'stale')
  assert.equal(first.remembered, 0)
})

test('the place of an old nonce is used again; of two that live and share one, the later comer is turned away', () => {
  const { clock, threads } = openShared()
  const [first, second] = threads
  const [nowMs, places] = [clock.nowMs().toString(36), bound('sharedNoncesMax')]
  const nonceOf = (number: number, issuedMs = nowMs): string => `b.${issuedMs}.${number.toString(36)}.mac`
  assert.equal(first.use(nonceOf(7), 1), true)
  assert.equal(second.use(nonceOf(7 + places), 1), false)
  clock.advance(life + 1)
  assert.equal(second.use(nonceOf(7 + places, clock.nowMs().toString(36)), 1), true)
})
