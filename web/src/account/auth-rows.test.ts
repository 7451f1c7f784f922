import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import type { GatewayItem, LimitItem } from '../../../src/contract/api-live.ts'
import { addressesText, authRowOf, gatewaysById, usedById } from './auth-rows.ts'

const endpoint = (id: string, direction = 'receives'): EndpointItem =>
  ({ id, name: id, direction, addresses: ['192.0.2.1'] }) as unknown as EndpointItem

const gateway = (fields: Partial<GatewayItem>): GatewayItem => ({
  endpointId: 'e1',
  name: 'e1',
  carrier: 'Acme',
  target: 'udp:192.0.2.1:5060',
  share: 0.5,
  status: 'green',
  reason: 'OPTIONS answered with 200',
  since: '2026-01-31T12:00:00.000Z',
  lastProbe: null,
  channels: 2,
  callsPerSecond: 1,
  channelsMax: 0,
  callsPerSecondMax: 0,
  consecutiveFailures: 0,
  ...fields,
})

test('an entry with several addresses is red when one is, and says how many; shares and calls add up', () => {
  const board = gatewaysById([
    gateway({}),
    gateway({ target: 'udp:192.0.2.2:5060', status: 'red', reason: 'old', share: 0.25 }),
    gateway({
      target: 'udp:192.0.2.3:5060',
      status: 'red',
      reason: 'new',
      since: '2026-01-31T13:00:00.000Z',
      share: 0,
    }),
  ])
  const row = authRowOf(endpoint('e1'), board, new Map())
  assert.equal(row.light?.reason, 'new')
  assert.equal(row.targetsText, '2 of 3 red')
  assert.equal(row.share, 0.75)
  assert.deepEqual(row.used, { channels: 6, callsPerSecond: 3 })
})

test('what is in use comes from the limits where they say it', () => {
  const limit: Omit<LimitItem, 'kind' | 'used'> = {
    scope: 'endpoint',
    accountKind: null,
    id: 'e1',
    name: 'e1',
    limit: 30,
    calls: [],
  }
  const items: LimitItem[] = [
    { ...limit, kind: 'channels', used: 12 },
    { ...limit, kind: 'callsPerSecond', used: 3 },
  ]
  const row = authRowOf(endpoint('e1'), gatewaysById([gateway({})]), usedById(items))
  assert.deepEqual(row.used, { channels: 12, callsPerSecond: 3 })
  assert.equal(row.targetsText, undefined)
})

test('an entry that only sends has no light and no share', () => {
  const row = authRowOf(endpoint('e1', 'sends'), gatewaysById([gateway({})]), new Map())
  assert.deepEqual([row.light, row.share, row.used], [undefined, undefined, undefined])
})

test('addresses in one line', () => {
  assert.equal(addressesText(['192.0.2.1']), '192.0.2.1')
  assert.equal(addressesText(['192.0.2.1', '192.0.2.2']), '192.0.2.1, 192.0.2.2')
  assert.equal(addressesText(['192.0.2.1', '192.0.2.2', '192.0.2.3']), '192.0.2.1 and 2 more')
})
