// What counts as a tagged title.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clausesOf } from './rfc-coverage.ts'

const found = (text: string): string[] =>
  clausesOf('a.test.ts', text).map((clause) => `${clause.rfc} ${clause.section} ${clause.title}`)

test('finds tags in titles of every quoting, also two in one', () => {
  assert.deepEqual(found("test('RFC3261-17.2.1: it\\'s so', () => {})"), ["3261 17.2.1 it's so"])
  assert.deepEqual(found('test(`RFC3261-8.2.6: ${name} goes back`, run)'), ['3261 8.2.6 ... goes back'])
  assert.deepEqual(found("test(\n  'RFC3261-17.1.1 RFC6026-8.4: late 2xx',\n  run)"), [
    '3261 17.1.1 late 2xx',
    '6026 8.4 late 2xx',
  ])
})

test('a comment or another title is no tag', () => {
  assert.deepEqual(found("// RFC3261-17.2.1: x\ntest('see RFC3261-17.2.1: x', run)"), [])
})
