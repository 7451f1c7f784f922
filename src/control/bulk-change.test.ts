// The same change to several objects: one revision for all, or none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tester, withControl } from '../../test/kit/control-rig.ts'

test('several accounts, endpoints and SIP users change in one revision each', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const ids: string[] = []
    for (const name of ['A', 'B', 'C']) ids.push((await config.createAccount('carrier', { name }, tester)).id)
    const before = config.revision
    const done = await config.updateAccounts('carrier', ['A', ids[1] ?? '', 'C'], { callsPerSecondMax: 7 }, tester)
    assert.partialDeepStrictEqual(done, { applied: true, revision: before + 1 })
    assert.ok(done.items.every(({ ok, errors }) => ok && errors.length === 0))
    const { items } = await config.listAccounts('carrier', { limit: 9, filter: { callsPerSecondMax: '7' } })
    assert.equal(items.length, 3)
    assert.equal((await config.revisions({ limit: 1 })).items[0]?.summary, 'change of 3 carriers: 3 updated')
    const gateway = { direction: 'receives', addresses: ['192.0.2.1'] }
    const one = await config.createEndpoint(ids[0] ?? '', { ...gateway, name: 'one' }, tester)
    const two = await config.createEndpoint(ids[1] ?? '', { ...gateway, name: 'two', port: 5070 }, tester)
    assert.equal((await config.updateEndpoints([one.id, two.id], { state: 'drain' }, tester)).applied, true)
    assert.equal((await config.getEndpoint(two.id)).config.state, 'drain')
    for (const username of ['1', '2']) await config.createSipUser(ids[2] ?? '', { username }, tester)
    assert.equal((await config.updateSipUsers(['1', '2'], { channelsMax: 3 }, tester)).applied, true)
    assert.equal((await config.getSipUser('2')).config.channelsMax, 3)
  }))

test('one that cannot change keeps all as they were, and each says what is wrong with it', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const { id } = await config.createAccount('carrier', { name: 'A', channelsMax: 10 }, tester)
    await config.createAccount('carrier', { name: 'B' }, tester)
    for (const username of ['1', '2', '3']) await config.createSipUser(id, { username, channelsMax: 1 }, tester)
    const before = config.revision
    const unknown = await config.updateAccounts('carrier', ['A', 'Nobody'], { notes: 'x' }, tester)
    assert.partialDeepStrictEqual(unknown, {
      applied: false,
      revision: before,
      items: [
        { id: 'A', ok: true },
        { id: 'Nobody', ok: false, code: 'not_found', errors: [{ path: '', message: 'there is no carrier Nobody' }] },
      ],
    })
    const unfit = await config.updateAccounts('carrier', ['A', 'B'], { gatewayFailoverMax: 9 }, tester)
    assert.deepEqual(
      unfit.items.map(({ ok, errors }) => [ok, errors[0]?.path]),
      [
        [false, 'gatewayFailoverMax'],
        [false, 'gatewayFailoverMax'],
      ],
    )
    const same = await config.updateAccounts('carrier', ['A', 'B'], { name: 'Z' }, tester)
    assert.deepEqual(
      same.items.map(({ code }) => code),
      [null, 'conflict'],
    )
    // Only all three together are too much: who comes too late is told of.
    const together = await config.updateSipUsers(['1', '2', '3'], { channelsMax: 4 }, tester)
    assert.equal(together.applied, false)
    assert.deepEqual(
      together.items.map(({ ok, errors }) => [ok, errors.map(({ path }) => path)]),
      [
        [true, []],
        [true, []],
        [false, ['channelsMax']],
      ],
    )
    assert.equal(config.revision, before)
    assert.equal((await config.getAccount('carrier', 'A')).config.notes, '')
  }))
