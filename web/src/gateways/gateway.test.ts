import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BoardView, Gateway } from './gateway.ts'
import { countGateways, describeChanges, matchesText, viewGateways } from './gateway.ts'

const gateway = (part: Partial<Gateway>): Gateway => ({
  endpointId: part.name ?? 'e',
  name: 'a',
  carrier: 'Acme',
  target: 'udp:192.0.2.10:5060',
  share: 0.5,
  status: 'green',
  reason: 'OPTIONS answered with 200',
  since: '2026-01-31T12:00:00.000Z',
  lastProbe: null,
  channels: 1,
  callsPerSecond: 2,
  channelsMax: 0,
  callsPerSecondMax: 0,
  consecutiveFailures: 0,
  ...part,
})
const usual: BoardView = { text: '', status: 'all', sort: 'status', descending: false }
const names = (list: readonly Gateway[]): string => list.map((one) => one.name).join(' ')

const board = [
  gateway({ name: 'b2', channels: 5 }),
  gateway({ name: 'b10', share: 0.9 }),
  gateway({ name: 'old', status: 'red', since: '2026-01-31T11:00:00.000Z', reason: 'no reply' }),
  gateway({ name: 'new', status: 'red', since: '2026-01-31T13:00:00.000Z', carrier: 'Bright' }),
]

test('trouble comes first, the newest on top, then names in the order a person counts', () => {
  assert.equal(names(viewGateways(board, usual)), 'new old b2 b10')
  assert.equal(names(viewGateways(board, { ...usual, sort: 'share', descending: true })), 'b10 b2 old new')
  assert.equal(names(viewGateways(board, { ...usual, sort: 'channels', descending: true })).slice(0, 2), 'b2')
})

test('the filter wants every word, anywhere, in any case', () => {
  assert.equal(names(viewGateways(board, { ...usual, text: 'ACME reply' })), 'old')
  assert.equal(names(viewGateways(board, { ...usual, text: '  ', status: 'green' })), 'b2 b10')
  assert.equal(
    matchesText(gateway({ lastProbe: { at: '2026-01-31T12:00:00.000Z', result: '404 in 7 ms' } }), '404'),
    true,
  )
  assert.equal(matchesText(gateway({}), '192.0.2.11'), false)
})

test('counts add up', () => {
  assert.deepEqual(countGateways(board), { all: 4, green: 2, red: 2, channels: 8, callsPerSecond: 8 })
})

test('only a change of colour is told, and a new gateway is none', () => {
  const after = [gateway({ name: 'b2', status: 'red', reason: 'no reply' }), gateway({ name: 'fresh' })]
  assert.deepEqual(describeChanges(board, after), ['b2 is now red: no reply'])
  assert.deepEqual(describeChanges(board, board), [])
})
