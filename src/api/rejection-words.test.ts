// Every reason for which something is refused before a call exists has words of its own.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rejectionWords } from './rejection-words.ts'

const places = [
  '../edge/receive.ts',
  '../edge/digest-door.ts',
  '../edge/guard.ts',
  '../policy/identify.ts',
  '../policy/screen.ts',
]
const written = /(?:reason: |refuse\(|code: |add\(flow, )'([a-z_]+)'|type DropReason = '([a-z_]+)' \| '([a-z_]+)'/g

test('the reasons that stand in the code are all in the table', () => {
  const reasons = places.flatMap((place) => {
    const text = readFileSync(new URL(place, import.meta.url), 'utf8')
    return [...text.matchAll(written)].flatMap((found) => found.slice(1).filter((one) => one !== undefined))
  })
  const known = new Set(reasons)
  assert.ok(known.size >= 18, [...known].join(' '))
  const without = [...known].filter((reason) => rejectionWords(reason).startsWith('The message cannot be read'))
  assert.deepEqual(without, [])
})

test('what the parser refused is said as such', () => {
  assert.equal(rejectionWords('cseq_method'), 'The message cannot be read (cseq method); the sample says where.')
})
