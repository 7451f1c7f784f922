// Shares of targets, and that a route that is only opened and saved stays what it was.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf, draftOf, sharesOf } from './route-draft.ts'

test('targets of one priority share by weight; all zero means evenly', () => {
  const at = (priority: number, weight: number) => ({ priority, weight })
  assert.deepEqual(sharesOf([at(0, 3), at(0, 1), at(1, 5)]), [0.75, 0.25, 1])
  assert.deepEqual(sharesOf([at(0, 0), at(0, 0)]), [0.5, 0.5])
  assert.deepEqual(sharesOf([]), [])
})

test('a route survives its form', () => {
  const fields = {
    prefix: '44',
    from: { customer: 'PBX' },
    targets: [
      { carrier: 'Acme', priority: 0, weight: 10 },
      { sipUser: 'desk', priority: 1, weight: 1 },
    ],
    channelsMax: 5,
    callsPerSecondMax: 0,
    enabled: false,
  }
  const stored = { id: 'r', etag: 'e', createdAt: '', updatedAt: '', warnings: [] }
  assert.deepEqual(bodyOf(draftOf({ ...stored, ...fields })), fields)
})
