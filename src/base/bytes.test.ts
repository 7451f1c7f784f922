// Copies that are kept: each says what it was made of, whatever becomes of the original and of its neighbours.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keptCopy, ownCopy } from './bytes.ts'

test('a copy stays as it is, whatever happens to the original and to other copies', () => {
  for (const copyOf of [ownCopy, keptCopy]) {
    const original = Buffer.alloc(900)
    const copies = Array.from({ length: 100 }, (_, i) => {
      original.fill(i)
      return copyOf(original.subarray(i))
    })
    original.fill(255)
    copies.forEach((copy, i) => assert.ok(copy.length === 900 - i && copy.every((byte) => byte === i)))
    copies[50]?.fill(200)
    assert.deepEqual([copies[49]?.at(-1), copies[51]?.at(0)], [49, 51])
  }
})

test('small copies share memory, large ones keep nobody else alive, and none is kept with a slab of Node', () => {
  const memoryOf = (length: number): Set<ArrayBufferLike> =>
    new Set(Array.from({ length: 64 }, () => keptCopy(Buffer.alloc(length)).buffer))
  const shared = memoryOf(1_000)
  assert.ok(shared.size <= 5, `${shared.size}`)
  assert.ok(!shared.has(Buffer.allocUnsafe(8).buffer))
  for (const length of [5_000, 20_000, 65_535])
    for (const memory of memoryOf(length)) assert.equal(memory.byteLength, length)
  assert.equal(keptCopy(Buffer.alloc(0)).length, 0)
})
