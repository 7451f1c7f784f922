import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointFields } from './endpoint-fields.ts'
import {
  duplicateOf,
  editable,
  errorAt,
  groupsOf,
  patchBetween,
  placeErrors,
  readyToSend,
  valueAt,
  withValue,
} from './form-model.ts'

test('values are read and written by path, and an object without values goes', () => {
  const draft = withValue({ name: 'a' }, 'tls.serverName', 'sip.example.net')
  assert.equal(valueAt(draft, 'tls.serverName'), 'sip.example.net')
  assert.deepEqual(withValue(draft, 'tls.serverName', undefined), { name: 'a', tls: undefined })
  assert.equal(valueAt({ port: null }, 'port'), undefined)
})

test('a patch has what changed and nothing else; what was taken away is null', () => {
  const before = { name: 'a', port: 5070, probe: { enabled: true, intervalSeconds: 30 }, addresses: ['192.0.2.1'] }
  assert.deepEqual(patchBetween(before, { ...before }), {})
  assert.deepEqual(
    patchBetween(before, {
      name: 'a',
      probe: { enabled: true, intervalSeconds: 10 },
      addresses: ['192.0.2.1', '192.0.2.2'],
    }),
    { port: null, probe: { intervalSeconds: 10 }, addresses: ['192.0.2.1', '192.0.2.2'] },
  )
  assert.deepEqual(patchBetween({ port: null }, { port: undefined }), {})
})

test('blank lines are not sent, and absent values stay absent', () => {
  const sent = readyToSend({ addresses: [' 192.0.2.1 ', '', ''], port: undefined, name: 'a' }, endpointFields)
  assert.deepEqual(sent, { addresses: ['192.0.2.1'], name: 'a' })
})

test('errors of the API stand at their field, on its tab, or above all if no field shows them', () => {
  const errors = [
    { path: 'addresses[1]', message: 'no address' },
    { path: 'tls.ca', message: 'no PEM' },
    { path: 'weight', message: 'too large' },
    { path: '', message: 'something else' },
  ]
  const placed = placeErrors(errors, endpointFields, { direction: 'sends' })
  assert.deepEqual(
    [...placed.byTab],
    [
      ['Basic', 1],
      ['Advanced', 1],
    ],
  )
  assert.deepEqual(
    placed.elsewhere.map((error) => error.path),
    ['weight', ''],
  )
  assert.equal(errorAt(errors, 'addresses'), 'no address')
  assert.equal(errorAt(errors, 'name'), undefined)
})

test('an entry that only sends has no weight, one that only receives no source port', () => {
  const paths = (direction: string): string[] =>
    ['Basic', 'Advanced'].flatMap((tab) =>
      groupsOf(endpointFields, tab, { direction }).flatMap(([, fields]) => fields.map((field) => field.path)),
    )
  assert.ok(!paths('sends').includes('weight') && paths('sends').includes('sourcePort'))
  assert.ok(paths('receives').includes('weight') && !paths('receives').includes('sourcePort'))
  assert.ok(paths('both').includes('weight') && paths('both').includes('sourcePort'))
})

test('a copy of an entry has all but its identity', () => {
  const view = { id: 'e1', etag: 'x', accountId: 'a1', hasPassword: true, name: 'acme-1', weight: 10 }
  assert.deepEqual(editable(view), { name: 'acme-1', weight: 10 })
  assert.deepEqual(duplicateOf(view), { name: 'acme-1 copy', weight: 10 })
})
