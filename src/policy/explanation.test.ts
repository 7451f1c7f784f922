// An explanation says the same, packed or not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Explanation } from './explanation.ts'

const texts = ['', 'a "quoted" text, 50 % of it', 'Zürich \u{1f600}', 'two\nlines', 'long '.repeat(20_000)]

test('packed in the middle, at the end, twice or never: the same steps in the same order', () => {
  const plain = new Explanation()
  const packed = new Explanation()
  packed.pack()
  assert.deepEqual(packed.steps, [])
  for (const [i, text] of texts.entries()) {
    plain.add(i === 0 ? 'screen' : 'rank', text)
    packed.add(i === 0 ? 'screen' : 'rank', text)
    if (i !== 1) packed.pack()
    assert.deepEqual(packed.steps, plain.steps)
  }
  assert.equal(packed.steps.length, texts.length)
})

test('a text that holds what separates the steps stays as it is', () => {
  const explanation = new Explanation()
  explanation.add('identify', 'a\u0001b')
  explanation.add('rank', 'c\u0000d')
  explanation.pack()
  assert.deepEqual(explanation.steps, [
    { step: 'identify', text: 'a\u0001b' },
    { step: 'rank', text: 'c\u0000d' },
  ])
})
