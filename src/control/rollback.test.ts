import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import { randomBelow, seededRandom } from '../base/random.ts'
import { applied, changedFile, exampleFile, exportText, tester, withControl } from '../../test/kit/control-rig.ts'

const all = { limit: 100 }

test('rollback restores the revision before, with ids and secrets, as a new revision', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const text = await exportText(control)
    const { items } = await control.config.listEndpoints(all)
    await applied(control, { blocks: [{ address: '203.0.113.99' }] }, true)
    assert.equal((await control.config.listEndpoints(all)).total, 0)
    const result = await control.config.rollback(undefined, tester)
    assert.equal(result.applied, true)
    assert.equal(result.revision, 3)
    assert.equal(result.plan.length, 11)
    assert.equal(await exportText(control), text)
    const restored = (await control.config.listEndpoints(all)).items
    assert.deepEqual(
      restored.map(({ id }) => id),
      items.map(({ id }) => id),
    )
    assert.notDeepEqual(
      restored.map(({ etag }) => etag),
      items.map(({ etag }) => etag),
    )
    assert.equal(control.directory.endpoints.find((one) => one.name === 'acme-1')?.password, 'planted-Gateway-1')
    assert.equal(control.directory.revision, 3)
    const [entry] = (await control.audit.list({ limit: 1 })).items
    assert.deepEqual([entry?.action, entry?.after], ['rollback', { summary: 'rollback to 1: 10 created, 1 deleted' }])
    await control.config.rollback(undefined, tester)
    assert.equal((await control.config.listBlocks(all)).items[0]?.config.address, '203.0.113.99')
  }))

test('a dry rollback tells the same plan and changes nothing', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    await applied(control, { blocks: [{ address: '203.0.113.99' }] }, true)
    const before = await exportText(control)
    const dry = await control.config.rollback(1, { ...tester, dryRun: true })
    assert.deepEqual([dry.applied, dry.dryRun, dry.revision], [false, true, 2])
    assert.equal(await exportText(control), before)
    const real = await control.config.rollback(1, tester)
    assert.deepEqual(dry.plan, real.plan)
  }))

test('rollback brings back the first state, and what cannot be reached is refused', () =>
  withControl(async ({ control }) => {
    const empty = await exportText(control)
    const isMissing = (error: unknown): boolean => error instanceof Fault && error.code === 'not_found'
    await assert.rejects(control.config.rollback(undefined, tester), isMissing)
    await applied(control, exampleFile)
    for (const revision of [1, 2, -1, 0.5]) await assert.rejects(control.config.rollback(revision, tester), isMissing)
    await control.config.rollback(0, tester)
    assert.equal(await exportText(control), empty)
  }))

test('names that were exchanged come back, and so do passwords that were changed', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const text = await exportText(control)
    const { config } = control
    await config.createAccount('carrier', { name: 'Beta' }, tester)
    await config.updateAccount('carrier', 'Acme', { name: 'old' }, tester)
    await config.updateAccount('carrier', 'Beta', { name: 'Acme' }, tester)
    await config.updateAccount('carrier', 'old', { name: 'Beta' }, tester)
    const gateway = control.directory.endpoints.find((one) => one.name === 'acme-1')
    await config.updateEndpoint(gateway?.id ?? '', { password: 'another-1' }, tester)
    await config.rollback(2, tester)
    assert.equal((await config.getAccount('carrier', 'Beta')).config.channelsMax, 0)
    await config.rollback(1, tester)
    assert.equal(await exportText(control), text)
    assert.equal(control.directory.endpoints.find((one) => one.name === 'acme-1')?.password, 'planted-Gateway-1')
  }))

test('any of 40 random revisions can be restored exactly, also after a restart', () =>
  withControl(async (rig) => {
    const random = seededRandom(7)
    const texts = [await exportText(rig.control)]
    const step = async (left: number): Promise<void> => {
      if (left === 0) return
      const file = changedFile((one) => {
        one.blocks = Array.from({ length: randomBelow(random, 4) }, (_, i) => ({
          address: `203.0.113.${i}`,
          reason: `${left}`,
        }))
        const endpoints = one.carriers[0]?.endpoints ?? []
        endpoints.splice(randomBelow(random, 4), 1)
        if (randomBelow(random, 3) === 0) one.routes = []
      })
      await applied(rig.control, file, true)
      if (rig.control.config.revision === texts.length) texts.push(await exportText(rig.control))
      await step(left - 1)
    }
    await step(40)
    const control = await rig.reopen()
    const last = texts.length - 1
    const check = async (left: number): Promise<void> => {
      if (left === 0) return
      const revision = randomBelow(random, last)
      await control.config.rollback(revision, tester)
      assert.equal(await exportText(control), texts[revision], `revision ${revision}`)
      await check(left - 1)
    }
    await check(15)
  }))

test('revisions are listed newest first, and only the newest are kept', () =>
  withControl(async ({ control }) => {
    const write = async (left: number): Promise<void> => {
      if (left === 0) return
      await control.config.updateSystem({ channelsMax: left }, tester)
      await write(left - 1)
    }
    await write(bound('revisionsMax') + 3)
    const page = await control.config.revisions({ limit: 2 })
    assert.equal(page.total, bound('revisionsMax'))
    assert.deepEqual(
      page.items.map(({ revision }) => revision),
      [203, 202],
    )
    assert.deepEqual([page.items[0]?.actor, page.items[0]?.summary], ['alice', 'update system system'])
    await assert.rejects(control.config.rollback(2, tester), /accepted: 3 to 202/)
    await control.config.rollback(3, tester)
    assert.equal((await control.config.getSystem()).config.channelsMax, 201)
  }))
