import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepsToAir } from './on-air.ts'

const carrier = {
  kind: 'carrier',
  name: 'Acme',
  hasEntries: false,
  hasSipUsers: false,
  customers: 0,
  routes: [],
} as const
const target = { carrier: 'Acme', priority: 0, weight: 1 }
const open = (steps: ReturnType<typeof stepsToAir>): string[] => steps.filter((one) => !one.done).map((one) => one.text)

test('a carrier needs gateways, somebody who calls, and a route that leads to it', () => {
  assert.deepEqual(open(stepsToAir(carrier)), [
    'Its gateways',
    'A customer that sends calls',
    'A route that leads to Acme',
  ])
  const route = { from: 'customers' as const, targets: [target], enabled: true }
  assert.deepEqual(open(stepsToAir({ ...carrier, hasEntries: true, customers: 1 })), ['A route that leads to Acme'])
  assert.deepEqual(stepsToAir({ ...carrier, hasEntries: true, customers: 1, routes: [route] }), [])
  const off = { ...route, enabled: false }
  assert.equal(open(stepsToAir({ ...carrier, hasEntries: true, customers: 1, routes: [off] })).length, 1)
})

test('a customer needs an address or a SIP user, and a route that takes its calls', () => {
  const customer = { ...carrier, kind: 'customer', name: 'PBX', hasSipUsers: true } as const
  assert.deepEqual(open(stepsToAir(customer)), ['A route for its calls'])
  const other = { from: { customer: 'Other' }, targets: [target], enabled: true }
  assert.deepEqual(open(stepsToAir({ ...customer, routes: [other] })), ['A route for its calls'])
  assert.deepEqual(stepsToAir({ ...customer, routes: [{ ...other, from: { customer: 'PBX' } }] }), [])
})
