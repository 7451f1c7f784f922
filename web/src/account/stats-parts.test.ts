import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointItem, SipUserItem } from '../../../src/contract/api-config.ts'
import { partsOf, queryOfPart } from './stats-parts.ts'

const entry = (name: string, direction: EndpointItem['direction']): EndpointItem =>
  ({ id: `ep_${name}`, name, direction }) as EndpointItem
const user = { id: 'sip_1', username: '441' } as SipUserItem

test('an entry that sends and receives has two sides, the others one; SIP users send', () => {
  const parts = partsOf([entry('in', 'sends'), entry('out', 'receives'), entry('all', 'both')], [user])
  assert.deepEqual(
    parts.map(({ value, label }) => `${value} = ${label}`),
    [
      ' = The whole account',
      'endpoint:ep_in = in',
      'gateway:ep_out = out',
      'gateway:ep_all = all: calls sent to it',
      'endpoint:ep_all = all: calls it sent',
      'sipUser:sip_1 = SIP user 441',
    ],
  )
})

test('what is chosen is asked for by id', () => {
  assert.deepEqual(queryOfPart('', 'car_1'), { account: 'car_1' })
  assert.deepEqual(queryOfPart('sipUser:sip_1', 'car_1'), { sipUser: 'sip_1' })
})
