import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dense, mergePatch, sameJson, sparse } from './sparse.ts'

const defaults = { a: 1, list: [], nested: { x: 1, y: { z: 2 } }, none: null }

test('sparse keeps what differs, dense puts the rest back', () => {
  for (const value of [
    { ...defaults },
    { ...defaults, a: 2, own: 'x' },
    { ...defaults, nested: { x: 1, y: { z: 3 } } },
    { ...defaults, list: [1], none: 5 },
  ])
    assert.deepEqual(dense(sparse(value, defaults), defaults), value)
  assert.deepEqual(sparse({ ...defaults, nested: { x: 1, y: { z: 3 } }, tls: undefined }, defaults), {
    nested: { y: { z: 3 } },
  })
})

test('equal as JSON: order and absent fields do not count, types and lengths do', () => {
  assert.ok(sameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1, d: undefined }))
  for (const [left, right] of [
    [{ a: 1 }, { a: '1' }],
    [[1], [1, 2]],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{}, []],
    [null, {}],
    [{ a: null }, {}],
  ])
    assert.ok(!sameJson(left, right), `${JSON.stringify(left)} ${JSON.stringify(right)}`)
})

test('RFC7396-2: fields replace, null removes, objects merge, lists are replaced whole', () => {
  const merged = mergePatch({ a: 1, b: { c: 1, d: 2 }, e: [1, 2] }, { a: null, b: { c: 3 }, e: [9], f: { g: null } })
  assert.deepEqual(merged, { b: { c: 3, d: 2 }, e: [9], f: {} })
  assert.deepEqual(mergePatch({ a: 1 }, [1]), [1])
})

test('a field called __proto__ stays a field and changes no prototype', () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__": {"polluted": true}}'))
  assert.ok(Object.hasOwn(merged as object, '__proto__'))
  assert.equal((merged as { polluted?: boolean }).polluted, undefined)
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})
