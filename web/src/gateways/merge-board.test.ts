import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gateway } from './gateway.ts'
import { mergeBoard } from './merge-board.ts'

const gateway = (endpointId: string, reason = 'fine'): Gateway => ({
  endpointId,
  name: endpointId,
  carrier: 'Acme',
  target: 'udp:192.0.2.10:5060',
  share: 0.5,
  status: 'green',
  reason,
  since: '2026-01-31T12:00:00.000Z',
  lastProbe: null,
  channels: 0,
  callsPerSecond: 0,
  channelsMax: 0,
  callsPerSecondMax: 0,
  consecutiveFailures: 0,
})
const board = { revision: 3, gateways: [gateway('a'), gateway('b'), gateway('c')] }

test('changed rows stay in their place, new ones come last, removed ones go; the others are the same objects', () => {
  const change = {
    since: 3,
    revision: 7,
    changed: [gateway('new'), gateway('b', 'no reply')],
    removed: [{ endpointId: 'a', target: 'udp:192.0.2.10:5060' }],
  }
  const merged = mergeBoard(board, change)
  assert.equal(merged?.revision, 7)
  assert.deepEqual(
    merged?.gateways.map(({ endpointId, reason }) => `${endpointId}: ${reason}`),
    ['b: no reply', 'c: fine', 'new: fine'],
  )
  assert.equal(merged?.gateways[1], board.gateways[2])
})

test('a change that follows on another state, or comes before the whole, does not fit', () => {
  const change = { since: 2, revision: 3, changed: [], removed: [] }
  assert.equal(mergeBoard(board, change), undefined)
  assert.equal(mergeBoard(undefined, change), undefined)
})
