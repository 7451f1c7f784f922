import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBelow, randomFraction, randomToken, secureRandom, seededRandom, timedToken } from './random.ts'

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed)
    return Array.from({ length: 20 }, () => random.uint32())
  }
  assert.deepEqual(draw(1), draw(1))
  assert.notDeepEqual(draw(1), draw(2))
})

test('numbers below a bound are all there and none is preferred (chi-square, p > 0.001)', () => {
  const random = seededRandom(3)
  const counts = Array.from({ length: 11 }, () => 0)
  const draws = 110_000
  for (let i = 0; i < draws; i += 1) {
    const value = randomBelow(random, 11)
    counts[value] = (counts[value] ?? 0) + 1
  }
  const expected = draws / 11
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  assert.ok(chiSquare < 29.6, `chi-square ${chiSquare} with 10 degrees of freedom`)
})

test('a draw that would favour small numbers is thrown away', () => {
  const words = [0xffff_ffff, 7]
  assert.equal(randomBelow({ uint32: () => words.shift() ?? 0 }, 10), 7)
})

test('fractions stay below 1, tokens have their length, their alphabet and no repetition', () => {
  assert.ok(randomFraction({ uint32: () => 0xffff_ffff }) < 1)
  const random = secureRandom()
  const tokens = Array.from({ length: 5_000 }, () => randomToken(random, 16))
  assert.equal(new Set(tokens).size, 5_000)
  for (const token of tokens) assert.match(token, /^[0-9a-v]{16}$/)
})

test('a token with time sorts by its time and differs within a millisecond', () => {
  const random = seededRandom(5)
  const start = Date.UTC(2026, 0, 1)
  const tokens = Array.from({ length: 2_000 }, (_, i) => timedToken(random, start + Math.floor(i / 10) + 0.5))
  for (const token of tokens) assert.match(token, /^[0-9a-v]{19}$/)
  assert.equal(new Set(tokens).size, tokens.length)
  const times = tokens.map((token) => token.slice(0, 9))
  assert.deepEqual(times, times.toSorted())
  assert.ok(timedToken(random, 0) < timedToken(random, Date.UTC(2999, 0, 1)))
})
