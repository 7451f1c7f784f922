// Lines of new requests take turns, and nobody is lost or served twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flow } from '../sip/flow.ts'
import { WaitingRequests } from './waiting-requests.ts'

const flow = {} as Flow
const textOf = (waiting: WaitingRequests): string => waiting.peek()?.bytes.toString() ?? ''

function add(waiting: WaitingRequests, source: string, ...texts: string[]): void {
  for (const text of texts) waiting.add(source, { bytes: Buffer.from(text), flow, sinceMs: 0 })
}

function served(waiting: WaitingRequests): string[] {
  const texts: string[] = []
  for (; waiting.count > 0; waiting.take(true)) texts.push(textOf(waiting))
  return texts
}

test('lines take turns, and within a line the first comes first', () => {
  const waiting = new WaitingRequests()
  add(waiting, 'a', 'a1', 'a2', 'a3', 'a4')
  add(waiting, 'b', 'b1')
  add(waiting, 'c', 'c1', 'c2')
  assert.deepEqual([waiting.count, waiting.sources, waiting.countOf('a'), waiting.countOf('d')], [7, 3, 4, 0])
  assert.deepEqual(served(waiting), ['a1', 'b1', 'c1', 'a2', 'c2', 'a3', 'a4'])
  assert.deepEqual([waiting.count, waiting.sources, waiting.peek()], [0, 0, undefined])
  waiting.take(true)
  assert.equal(waiting.count, 0)
})

test('who is refused does not use the turn of its line', () => {
  const waiting = new WaitingRequests()
  add(waiting, 'a', 'a1', 'a2', 'a3')
  add(waiting, 'b', 'b1')
  waiting.take(false)
  assert.equal(textOf(waiting), 'a2')
  assert.deepEqual(served(waiting), ['a2', 'b1', 'a3'])
})

test('a long line that is served while it grows loses nobody', () => {
  const waiting = new WaitingRequests()
  const seen: string[] = []
  let number = 0
  for (let step = 0; step < 1_000; step++) {
    add(waiting, 'a', String((number += 1)), String((number += 1)))
    seen.push(textOf(waiting))
    waiting.take(step % 3 === 0)
  }
  assert.equal(waiting.countOf('a'), 1_000)
  assert.deepEqual(
    [...seen, ...served(waiting)],
    Array.from({ length: 2_000 }, (_, i) => String(i + 1)),
  )
})
