import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import { sourcesOf } from './known-sources.ts'

const entry = (name: string, direction: string, ...addresses: string[]): EndpointItem =>
  ({ name, direction, addresses, account: 'PBX' }) as unknown as EndpointItem

test('who sends is offered with its first address; gateways and "any" are not', () => {
  const entries = [
    entry('in', 'sends', '192.0.2.0/28', '192.0.2.99'),
    entry('out', 'receives', '192.0.2.1'),
    entry('all', 'both', '2001:db8::1'),
    entry('any', 'sends', '0.0.0.0/0'),
  ]
  assert.deepEqual(
    sourcesOf(entries).map(({ entry: name, address }) => `${name} ${address}`),
    ['in 192.0.2.0', 'all 2001:db8::1'],
  )
})
