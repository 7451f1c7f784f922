// Consecutive failures over HTTP: shown at accounts, reset by hand, by whom it is allowed, and audited.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'

let rig: ApiRig
let carrierId = ''
const asked: unknown[] = []

before(async () => {
  rig = await openApiRig()
  const created = await rig.fetch('POST', '/api/v1/carriers', { body: { name: 'Acme' } })
  carrierId = (created.json as { id: string }).id
  rig.answers.accountFailures = () => new Map([[carrierId, 51]])
  rig.answers.resetFailures = (ask) => {
    asked.push(ask)
    return true
  }
})
after(() => rig.close())

test('accounts show how many calls in a row failed at their gateways', async () => {
  const one = (await rig.fetch('GET', '/api/v1/carriers/Acme')).json as { consecutiveFailures: number }
  const list = (await rig.fetch('GET', '/api/v1/carriers')).json as { items: { consecutiveFailures: number }[] }
  assert.deepEqual([one.consecutiveFailures, list.items[0]?.consecutiveFailures], [51, 51])
  await rig.fetch('POST', '/api/v1/customers', { body: { name: 'PBX' } })
  const other = (await rig.fetch('GET', '/api/v1/customers/PBX')).json as { consecutiveFailures: number }
  assert.equal(other.consecutiveFailures, 0)
})

test('a reset is for engineers, says what was reset, and stands in the audit', async () => {
  const path = '/api/v1/carriers/Acme/reset-failures'
  assert.equal((await rig.fetch('POST', path, { key: rig.keys.support })).status, 403)
  assert.deepEqual(asked, [])
  const done = await rig.fetch('POST', path, { key: rig.keys.engineer, headers: { 'x-reason': 'repaired' } })
  assert.equal(done.status, 204)
  assert.deepEqual(asked, [{ scope: 'account', id: carrierId }])
  assert.equal((await rig.fetch('POST', '/api/v1/carriers/nobody/reset-failures')).status, 404)
  const audit = (await rig.fetch('GET', '/api/v1/audit')).json as { items: Record<string, unknown>[] }
  const entry = audit.items.find(({ action }) => action === 'reset failures')
  assert.deepEqual([entry?.['name'], entry?.['reason'], entry?.['before']], ['Acme', 'repaired', 51])
})
