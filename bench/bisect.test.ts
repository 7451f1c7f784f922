// The search for the highest rate, against a contestant that carries exactly so much.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findHighestRate } from './bisect.ts'
import type { SearchOptions } from './bisect.ts'

const options: SearchOptions = { from: 1_000, precision: 0.05, trialSeconds: 3, confirmSeconds: 9 }

/** Carries `most` in a short run, `mostLong` in a long one; from `generatorMost` on the generator is at its end. */
const carrying =
  (most: number, mostLong = most, generatorMost = Number.POSITIVE_INFINITY) =>
  (callsPerSecond: number, seconds: number) =>
    Promise.resolve({
      callsPerSecond,
      seconds,
      flaw: callsPerSecond > Math.min(generatorMost, seconds > 3 ? mostLong : most) ? 'lost' : undefined,
      isGenerator: callsPerSecond > generatorMost,
    })

test('the rate found is carried and at most 5 % below the highest one', async () => {
  for (const most of [340, 1_000, 3_500, 12_345]) {
    const { callsPerSecond, trials, isGeneratorLimit } = await findHighestRate(carrying(most), options)
    assert.ok(callsPerSecond <= most && callsPerSecond >= most * 0.94, `${callsPerSecond} of ${most}`)
    assert.ok(trials.length <= 16, `${trials.length} trials`)
    assert.equal(trials.at(-1)?.seconds, 9)
    assert.equal(isGeneratorLimit, false)
  }
})

test('a rate that a longer run does not confirm is lowered', async () => {
  const { callsPerSecond } = await findHighestRate(carrying(4_000, 3_600), options)
  assert.ok(callsPerSecond <= 3_600 && callsPerSecond > 3_300, `${callsPerSecond}`)
})

test('it says when the generator was the limit, and when nothing is carried', async () => {
  const limited = await findHighestRate(carrying(50_000, 50_000, 9_000), options)
  assert.ok(limited.isGeneratorLimit && limited.callsPerSecond <= 9_000)
  assert.equal((await findHighestRate(carrying(0), options)).callsPerSecond, 0)
})
