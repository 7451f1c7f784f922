// Two people at one object: nothing is silently overwritten, and the second sees what the first changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tester, withControl } from '../../test/kit/control-rig.ts'
import { Fault } from '../base/fault.ts'
import type { Conflict } from '../base/fault.ts'

async function conflictOf(write: Promise<unknown>): Promise<Conflict> {
  try {
    await write
  } catch (error) {
    assert.ok(error instanceof Fault)
    assert.equal(error.code, 'precondition_failed')
    assert.ok(error.conflict !== undefined)
    return error.conflict
  }
  return assert.fail('the write was accepted')
}

test('the second saver gets the object as it is, and each field with what was read, what is there and what was sent', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const { id } = await config.createAccount('carrier', { name: 'Acme' }, tester)
    const gateway = { name: 'gw', direction: 'receives', addresses: ['192.0.2.1'], password: 'Planted-5ecret!' }
    const read = await config.createEndpoint(id, gateway, tester)
    const first = await config.updateEndpoint(
      read.id,
      { weight: 5, notes: 'from one' },
      { ...tester, ifMatch: read.etag },
    )
    const late = { ...tester, ifMatch: `"${read.etag}"` }
    const mine = { weight: 7, port: 5070, notes: 'from one', password: 'Other-5ecret!' }
    const { current, changes } = await conflictOf(config.updateEndpoint(read.id, mine, late))
    assert.partialDeepStrictEqual(current, { id: read.id, etag: first.etag, config: { weight: 5, notes: 'from one' } })
    assert.deepEqual(changes, [
      { field: 'weight', before: 1, yours: 7, theirs: 5 },
      { field: 'port', before: null, yours: 5070, theirs: null },
    ])
    assert.ok(!JSON.stringify({ current, changes }).includes('ecret!'))
    assert.equal((await config.getEndpoint(read.id)).config.weight, 5)
    const removal = await conflictOf(config.removeEndpoint(read.id, late))
    assert.deepEqual(removal.changes, [
      { field: 'weight', before: 1, yours: null, theirs: 5 },
      { field: 'notes', before: '', yours: null, theirs: 'from one' },
    ])
    // With the present tag the change goes through.
    await config.updateEndpoint(read.id, mine, { ...tester, ifMatch: first.etag })
    assert.equal((await config.getEndpoint(read.id)).config.weight, 7)
  }))

test('accounts, SIP users, routes and the settings alike; parts of an object are merged before they are compared', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const account = await config.createAccount('carrier', { name: 'Acme' }, tester)
    await config.createEndpoint(account.id, { name: 'g', direction: 'receives', addresses: ['192.0.2.1'] }, tester)
    await config.updateAccount('carrier', account.id, { timeouts: { ringMs: 30_000 } }, tester)
    const late = { ...tester, ifMatch: account.etag }
    const timeouts = (await config.getAccount('carrier', 'Acme')).config.timeouts
    const own = await conflictOf(config.updateAccount('carrier', account.id, { timeouts: { huntMs: 9_000 } }, late))
    assert.partialDeepStrictEqual(own.changes, [
      { field: 'timeouts', yours: { ...timeouts, huntMs: 9_000 }, theirs: timeouts },
    ])
    const route = await config.createRoute({ prefix: '44', targets: [{ carrier: 'Acme' }] }, tester)
    await config.updateRoute(route.id, { from: 'customers' }, tester)
    const other = await conflictOf(
      config.updateRoute(route.id, { from: 'carriers' }, { ...tester, ifMatch: route.etag }),
    )
    assert.deepEqual(other.changes, [{ field: 'from', before: 'any', yours: 'carriers', theirs: 'customers' }])
    const user = await config.createSipUser(account.id, { username: '1' }, tester)
    await config.updateSipUser('1', { channelsMax: 1 }, tester)
    await conflictOf(config.updateSipUser('1', { channelsMax: 2 }, { ...tester, ifMatch: user.etag }))
    const system = await config.getSystem()
    await config.updateSystem({ channelsMax: 5 }, tester)
    const settings = await conflictOf(config.updateSystem({ channelsMax: 6 }, { ...tester, ifMatch: system.etag }))
    assert.partialDeepStrictEqual(settings.changes, [{ field: 'channelsMax', yours: 6, theirs: 5 }])
    assert.ok(!JSON.stringify(settings).includes('realmFixed'))
  }))
