// Shared values are the values themselves, whatever else is shared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedValues, hashOf } from './shared-values.ts'

test('every value comes back as it is, also when there are more than the table holds', () => {
  const texts = new SharedValues<string>((one, other) => one === other)
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 20_000; i++) assert.equal(texts.share(hashOf(`text ${i}`), `text ${i}`), `text ${i}`)
  assert.equal(texts.share(hashOf(''), ''), '')
})

test('the same value of another holder is one object', () => {
  const lists = new SharedValues<readonly number[]>((one, other) => String(one) === String(other))
  const first = lists.share(hashOf([1, 2]), [1, 2])
  assert.equal(lists.share(hashOf([1, 2]), [1, 2]), first)
  assert.notEqual(lists.share(hashOf([2, 1]), [2, 1]), first)
})
