// An explanation says the same, packed or not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Explanation, stepsOf } from './explanation.ts'

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

test('a text that holds what separates the steps, or what escapes it, stays as it is', () => {
  const explanation = new Explanation()
  const odd = ['a\nrank b', 'c\u0000d', 'e\\nf', 'g\\', '\n', '\\\n']
  for (const text of odd) explanation.add('identify', text)
  assert.deepEqual(
    explanation.steps,
    odd.map((text) => ({ step: 'identify', text })),
  )
})

test('as a text it is a line for each step, and can be added to another one', () => {
  const explanation = new Explanation()
  explanation.addText('')
  assert.equal(explanation.text, '')
  explanation.add('screen', 'no block')
  explanation.addText('rank one\nrank two')
  explanation.add('admit', '')
  assert.equal(explanation.text, 'screen no block\nrank one\nrank two\nadmit ')
  assert.deepEqual(stepsOf(explanation.text), explanation.steps)
})
