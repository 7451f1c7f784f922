// What each revision changed, in words, also of objects that are gone; and the audit of one object.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tester, withControl } from '../../test/kit/control-rig.ts'

test('a revision tells all that it changed, a list of one object tells what happened to it and to what is its', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const { id } = await config.createAccount('carrier', { name: 'Acme' }, tester)
    const gateway = { name: 'gw', direction: 'receives', addresses: ['192.0.2.1'], password: 'Planted-5ecret!' }
    const endpoint = await config.createEndpoint(id, gateway, tester)
    await config.createAccount('customer', { name: 'PBX' }, tester)
    await config.updateEndpoint(endpoint.id, { weight: 5 }, tester)
    await config.createRoute({ prefix: '44', targets: [{ carrier: 'Acme' }] }, tester)
    const detail = await config.getRevision(4)
    assert.deepEqual(detail.changes, [
      { action: 'update', kind: 'endpoint', name: 'Acme/gw', changes: [{ field: 'weight', before: 1, after: 5 }] },
    ])
    assert.partialDeepStrictEqual(detail, { revision: 4, actor: 'alice', summary: 'update endpoint Acme/gw' })
    const history = await config.revisions({ limit: 10, object: id })
    assert.deepEqual(
      history.items.map(({ revision, changes }) => [revision, changes?.map(({ name }) => name)]),
      [
        [4, ['Acme/gw']],
        [2, ['Acme/gw']],
        [1, ['Acme']],
      ],
    )
    assert.equal((await config.revisions({ limit: 10, object: endpoint.id })).total, 2)
    assert.ok(!JSON.stringify(history).includes('Planted'))
    assert.equal((await config.revisions({ limit: 10 })).items[0]?.changes, undefined)
    await assert.rejects(config.getRevision(99), { code: 'not_found' })
  }))

test('names of accounts that are gone are still told', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const { id } = await config.createAccount('carrier', { name: 'Gone' }, tester)
    await config.createEndpoint(id, { name: 'gw', direction: 'receives', addresses: ['192.0.2.1'] }, tester)
    const route = await config.createRoute({ prefix: '44', targets: [{ carrier: 'Gone' }] }, tester)
    await config.removeRoute(route.id, tester)
    await config.removeAccount('carrier', id, tester)
    const [created, removed] = [await config.getRevision(2), await config.getRevision(5)]
    assert.equal(created.changes[0]?.name, 'Gone/gw')
    assert.deepEqual(
      removed.changes.map(({ action, name }) => `${action} ${name}`).toSorted((a, b) => a.localeCompare(b)),
      ['delete Gone', 'delete Gone/gw'],
    )
    const target = (await config.getRevision(3)).changes[0]?.changes.find(({ field }) => field === 'targets')
    assert.deepEqual(target?.after, [{ carrier: 'Gone', priority: 0, weight: 1 }])
  }))

test('the audit is found by object, kind, actor and time', () =>
  withControl(async ({ control, clock }) => {
    const { config, audit } = control
    const { id } = await config.createAccount('carrier', { name: 'Acme' }, tester)
    clock.advance(60_000)
    const between = clock.wallMs()
    await config.updateAccount('carrier', id, { notes: 'x' }, { ...tester, reason: 'asked by Acme' })
    await config.createAccount('customer', { name: 'PBX' }, tester)
    const count = async (query: object): Promise<number> => (await audit.list({ limit: 9, ...query })).total
    assert.equal(await count({ filter: { object: id } }), 2)
    assert.equal(await count({ filter: { kind: 'customer' } }), 1)
    assert.equal(await count({ filter: { actor: 'nobody' } }), 0)
    assert.equal(await count({ from: between }), 2)
    assert.equal(await count({ to: between }), 1)
    const [newest] = (await audit.list({ limit: 1, filter: { object: id } })).items
    assert.partialDeepStrictEqual(newest, { objectId: id, action: 'update', reason: 'asked by Acme' })
  }))
