import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differencesOf } from './difference.ts'

test('only what differs is shown, with its whole path', () => {
  const before = { name: 'Acme', probe: { intervalSeconds: 30, method: 'OPTIONS' }, addresses: ['192.0.2.1'] }
  const after = {
    name: 'Acme',
    probe: { intervalSeconds: 5, method: 'OPTIONS' },
    addresses: ['192.0.2.1', '192.0.2.2'],
  }
  assert.deepEqual(differencesOf(before, after), [
    { field: 'probe.intervalSeconds', before: 30, after: 5 },
    { field: 'addresses', before: ['192.0.2.1'], after: ['192.0.2.1', '192.0.2.2'] },
  ])
})

test('a list of objects is taken apart, and what has come or gone is told from what was empty', () => {
  const before = { rewrites: [{ pattern: '^0', replacement: '' }], notes: null }
  assert.deepEqual(differencesOf(before, { rewrites: [{ pattern: '^00', replacement: '' }, { pattern: '^' }] }), [
    { field: 'rewrites[0].pattern', before: '^0', after: '^00' },
    { field: 'notes', before: null, after: undefined },
    { field: 'rewrites[1].pattern', before: undefined, after: '^' },
  ])
})

test('creation and removal show every field, and a value that is no object shows as it is', () => {
  assert.deepEqual(differencesOf(null, { name: 'Acme' }), [{ field: 'name', before: undefined, after: 'Acme' }])
  assert.deepEqual(differencesOf({ name: 'Acme' }, undefined), [{ field: 'name', before: 'Acme', after: undefined }])
  assert.deepEqual(differencesOf(3, 0), [{ field: '', before: 3, after: 0 }])
  assert.deepEqual(differencesOf({ list: [] }, { list: [] }), [])
})
