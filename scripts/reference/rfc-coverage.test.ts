// What counts as a tagged title, and that each line of the checklist is proved.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conformance } from './conformance.ts'
import { clausesOf, evidence, filesOf, titlesOf } from './rfc-coverage.ts'

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

test('the name of a test is its title without tags', () => {
  assert.deepEqual(
    titlesOf('a.test.ts', "test('RFC3261-17.1.1 RFC6026-8.4: late 2xx', run)\ntest('RFC is a word', run)"),
    [
      { title: 'late 2xx', file: 'a.test.ts' },
      { title: 'RFC is a word', file: 'a.test.ts' },
    ],
  )
})

test('a proof is found by its tag or by the start of its title, and nothing that only looks alike', () => {
  const text = "test('RFC3261-17.2.1: one', run)\ntest('two and three', run)"
  const known = { clauses: clausesOf('a.test.ts', text), titles: titlesOf('a.test.ts', text) }
  for (const proof of ['RFC3261-17.2.1', 'two and', 'one'])
    assert.deepEqual(filesOf(proof, known), ['a.test.ts'], proof)
  for (const proof of ['RFC3261-17.2', 'RFC3261-17.2.10', 'RFC3262-17.2.1', 'and three'])
    assert.deepEqual(filesOf(proof, known), [], proof)
})

test('each proof in the checklist is a test that exists', () => {
  const known = evidence()
  const rows = Object.values(conformance).flat()
  const missing = rows.flatMap(({ proofs }) => proofs.filter((proof) => filesOf(proof, known).length === 0))
  assert.deepEqual(missing, [])
  const anonymous = rows.filter(
    ({ proofs, by }) => by === undefined && !proofs.some((proof) => proof.startsWith('RFC')),
  )
  assert.deepEqual(anonymous, [], 'somebody asks for it')
})
