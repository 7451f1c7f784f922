import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHeapStatistics } from 'node:v8'
import { giveBackMemory } from './give-back.ts'

const mebibyte = 1_024 * 1_024

/** Objects that are reachable until it is left. @returns the heap with them in bytes. */
function fillHeap(): number {
  const rows = Array.from({ length: 4_000_000 }, (_, i) => ({ i, text: `row ${i}` }))
  return rows.length > 0 ? getHeapStatistics().total_heap_size : 0
}

test('what a large configuration left behind is given back', () => {
  giveBackMemory()
  const full = fillHeap()
  assert.ok(full > 256 * mebibyte, `${full} bytes`)
  giveBackMemory()
  const left = getHeapStatistics().total_heap_size
  assert.ok(left < full / 2, `${left} of ${full} bytes are left`)
})
