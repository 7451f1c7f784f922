import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBoardView, serializeBoardView } from './board-view.ts'

test('a view comes back from its address', () => {
  for (const search of ['', '?q=acme+1', '?status=red&sort=-share', '?sort=-status', '?q=%3Cb%3E&sort=name'])
    assert.equal(serializeBoardView(parseBoardView(search)), search)
})

test('an address that means nothing gives the usual view', () => {
  assert.deepEqual(parseBoardView('?status=blue&sort=colour'), {
    text: '',
    status: 'all',
    sort: 'status',
    descending: false,
  })
})
