import assert from 'node:assert/strict'
import { test } from 'node:test'
import { carrierSection } from '../contract/account.ts'
import { routeTarget, systemInput } from '../contract/declarative.ts'
import { fileWarnings, unenforced } from './unenforced.ts'

const { endpoints, sipUsers } = carrierSection.shape
const fields: Record<string, object> = {
  system: systemInput.shape,
  account: carrierSection.shape,
  endpoint: endpoints.unwrap().element.shape,
  sipUser: sipUsers.unwrap().element.shape,
  routeTarget: routeTarget.shape,
}

test('every row names a field that the schema has', () => {
  for (const { part, field } of unenforced) assert.ok(Object.hasOwn(fields[part] ?? {}, field), `${part}.${field}`)
})

test('what is not asked for is no warning: a file with defaults only has none', () => {
  const endpoint = { name: 'a', direction: 'receives', addresses: ['192.0.2.1'], dialogPing: false, username: null }
  const file = {
    system: { digestAlgorithms: ['MD5'], unknownSource: 'refuse', frontProxies: [] },
    carriers: [{ name: 'A', queueMs: 0, overflowPeer: null, endpoints: [endpoint] }],
    routes: [{ targets: [{ carrier: 'A' }] }],
  }
  assert.deepEqual(fileWarnings(file), [])
})

test('what is asked for is warned of at its place', () => {
  const endpoint = { dialogPing: true }
  const file = {
    system: { digestAlgorithms: ['SHA-256'], frontProxies: ['192.0.2.1'] },
    carriers: [{ queueMs: 100, overflowPeer: 'sip:x', backoff: true, endpoints: [{}, endpoint] }],
    customers: [{ overflowPeer: 'sip:x', sipUsers: [{ username: '1', ping: 'keepalive' }] }],
    routes: [{ targets: [{}, { sipUser: '1' }] }],
  }
  assert.deepEqual(
    fileWarnings(file).map(({ path }) => path),
    ['system.frontProxies'],
  )
})

test('no shape of file makes it throw', () => {
  for (const file of [null, 1, [], { carriers: 5 }, { carriers: [null, { endpoints: [1] }] }, { routes: [{}] }])
    assert.deepEqual(fileWarnings(file), [])
})
