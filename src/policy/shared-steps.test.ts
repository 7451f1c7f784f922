// An explanation says the same after its steps were shared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Explanation } from './explanation.ts'
import { shareSteps, unshareSteps } from './shared-steps.ts'

const texts = [
  '',
  'destination 441782555555, CLI 0044',
  '0044441782555555 twice 441782555555',
  'a text with \u0001 and \u0004',
  '\u0000',
  'two\nlines, Zürich \u{1f600} $& $1',
]

test('the same steps in the same order, with long, short, empty and equal numbers', () => {
  for (const numbers of [
    ['441782555555', '0044', '$&$1'],
    ['4417825', '\u000155555', '\u0002'],
    ['', '1', '5555'],
    ['4417', '4417', '441782555555'],
    [],
  ]) {
    const explanation = new Explanation()
    for (const text of texts) explanation.add('normalise', text)
    assert.deepEqual(unshareSteps(shareSteps(explanation, numbers), numbers).steps, explanation.steps)
  }
})

test('steps that differ by the number alone are one text', () => {
  const shared = ['441782555555', '441782666666'].map((number) => {
    const explanation = new Explanation()
    explanation.add('normalise', `destination ${number}`)
    return shareSteps(explanation, [number])
  })
  assert.deepEqual(shared[0], shared[1])
})
