import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  fillOf,
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatLasting,
  formatShare,
  unbroken,
} from './format.ts'

test('a duration has the unit that fits, and a clock that runs ahead shows nothing odd', () => {
  const cases: readonly (readonly [number, string])[] = [
    [-5_000, 'just now'],
    [Number.NaN, 'just now'],
    [999, 'just now'],
    [1_000, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h 00 min'],
    [7_500_000, '2 h 05 min'],
    [86_400_000, '1 d 0 h'],
    [399_600_000, '4 d 15 h'],
  ]
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text)
  assert.equal(formatAge(2_000), '2 s ago')
  assert.equal(formatAge(0), 'just now')
  assert.equal(formatLasting(2_000), 'for 2 s')
  assert.equal(formatLasting(0), 'just now')
})

test('a share is whole from 10 % on and never vanishes while there is one', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 %'],
    [Number.NaN, '0 %'],
    [0.0004, '< 0.1 %'],
    [0.001, '0.1 %'],
    [1 / 11, '9.1 %'],
    [0.05, '5 %'],
    [0.0996, '10 %'],
    [0.99999, '100 %'],
    [1 / 3, '33.3 %'],
    [10 / 11, '90.9 %'],
    [1, '100 %'],
  ]
  for (const [share, text] of cases) assert.equal(formatShare(share), text)
})

test('numbers are grouped, and a limit of nothing is never full', () => {
  assert.equal(formatCount(1_234_567), '1,234,567')
  assert.equal(fillOf(5, 0), 0)
  assert.equal(fillOf(15, 30), 0.5)
  assert.equal(fillOf(31, 30), 1)
})

test('sizes of files', () => {
  const sizes = [0, 999, 1_000, 1_530_000, 250_000_000, 4_300_000_000, 2e15].map((bytes) => formatBytes(bytes))
  assert.deepEqual(sizes, ['0 bytes', '999 bytes', '1.0 KB', '1.5 MB', '250 MB', '4.3 GB', '2000 TB'])
})

test('a number stays with its unit, words do not', () => {
  assert.equal(unbroken('no answer within 1000 ms, 3 times'), 'no answer within 1000\u00a0ms, 3 times')
  assert.equal(unbroken('200 after 1 s'), '200 after 1\u00a0s')
})
