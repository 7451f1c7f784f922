import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBelow, seededRandom } from './random.ts'
import { TextTable } from './text-table.ts'

test('a table does what a Map does, in any order of setting and deleting', () => {
  const random = seededRandom(7)
  const table = new TextTable<number>({ keepsOrder: true })
  const map = new Map<string, number>()
  for (let i = 0; i < 60_000; i++) {
    // Grows to hundreds of entries, then shrinks to none, three times.
    const grows = i % 20_000 < 10_000
    const key = `key ${randomBelow(random, 900)}`
    if (randomBelow(random, 3) < (grows ? 2 : 0)) {
      table.set(key, i)
      map.set(key, i)
    } else assert.equal(table.delete(key), map.delete(key))
    const other = `key ${randomBelow(random, 900)}`
    assert.equal(table.get(other), map.get(other))
    assert.equal(table.has(other), map.has(other))
    assert.equal(table.size, map.size)
    if (i % 500 === 0) assert.deepEqual(table.values(), [...map.values()])
  }
})

test('values are a copy: what is deleted meanwhile is still told', () => {
  const table = new TextTable<string>({ keepsOrder: true })
  for (const name of ['a', 'b', 'c']) table.set(name, name)
  const seen: string[] = []
  for (const value of table.values()) {
    seen.push(value)
    for (const name of ['a', 'b', 'c']) table.delete(name)
  }
  assert.deepEqual(seen, ['a', 'b', 'c'])
  assert.equal(table.size, 0)
})

test('a value that is set again keeps its turn, and undefined is a value', () => {
  const table = new TextTable<number | undefined>({ keepsOrder: true })
  table.set('a', 1)
  table.set('b', undefined)
  table.set('a', 3)
  assert.deepEqual(table.values(), [3, undefined])
  assert.equal(table.has('b'), true)
  assert.equal(
    table.findValue((value) => value === 3),
    3,
  )
})
