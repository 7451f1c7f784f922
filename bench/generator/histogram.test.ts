// Delays: every quantile is at most 3 % above the true one, whatever the size of the values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/base/random.ts'
import { Histogram } from './histogram.ts'

test('quantiles are those of the sorted values, at most 3 % higher', () => {
  const random = seededRandom(7)
  const histogram = new Histogram()
  const values: number[] = []
  for (let i = 0; i < 20_000; i++) {
    const value = (random.uint32() % 1_000) * 10 ** (random.uint32() % 5)
    values.push(value)
    histogram.record(value / 1_000)
  }
  values.sort((a, b) => a - b)
  for (const share of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = values[Math.ceil(values.length * share) - 1] ?? 0
    const found = histogram.quantile(share)
    assert.ok(found >= exact && found <= exact * 1.032 + 1, `${share}: ${found} for ${exact}`)
  }
  assert.equal(histogram.summary().maxUs, values.at(-1))
  assert.equal(histogram.summary().count, values.length)
})

test('nothing recorded is zero; what is below zero or far too long has a place', () => {
  const histogram = new Histogram()
  assert.deepEqual(histogram.summary(), { count: 0, p50Us: 0, p90Us: 0, p99Us: 0, p999Us: 0, maxUs: 0 })
  histogram.record(-1)
  histogram.record(1e12)
  assert.equal(histogram.quantile(0.5), 0)
  assert.equal(histogram.quantile(1), 2 ** 31 - 1)
})
