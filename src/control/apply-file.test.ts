import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { InputError } from '../base/fault.ts'
import { applied, changedFile, exampleFile, exportText, tester, withControl } from '../../test/kit/control-rig.ts'
import type { Control } from './open-control.ts'

async function errorsOf(work: Promise<unknown>): Promise<readonly InputError[]> {
  try {
    await work
  } catch (error) {
    if (error instanceof Fault && error.code === 'invalid') return error.errors
    throw error
  }
  return assert.fail('it was accepted')
}

const pathsOf = async (work: Promise<unknown>): Promise<string[]> => (await errorsOf(work)).map(({ path }) => path)
const planOf = async (work: ReturnType<Control['config']['apply']>): Promise<string[]> =>
  (await work).plan.map(({ action, kind, name }) => `${action} ${kind} ${name}`)

const carrier = (endpoint: object) => ({
  carriers: [
    { name: 'Acme', endpoints: [{ name: 'a', direction: 'receives', addresses: ['192.0.2.1'], ...endpoint }] },
  ],
})

test('a file creates what it names, and the plan says so', () =>
  withControl(async ({ control }) => {
    const result = await applied(control, exampleFile)
    assert.equal(result.applied, true)
    assert.equal(result.revision, 1)
    assert.deepEqual(
      result.plan.map(({ action, kind, name }) => `${action} ${kind} ${name}`),
      [
        'update system system',
        'create carrier Acme',
        'create customer PBX',
        'create endpoint Acme/acme-1',
        'create endpoint Acme/acme-2',
        'create endpoint Acme/acme-in',
        'create endpoint PBX/pbx',
        'create sipUser 441',
        'create route prefix 44 from customers',
        'create route default from carriers',
        'create block 203.0.113.66',
      ],
    )
    assert.equal(control.directory.revision, 1)
    assert.equal(control.directory.endpoints.length, 4)
  }))

test('applying twice changes nothing: no plan, no revision, no audit entry', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const audit = (await control.audit.list({ limit: 1 })).total
    const before = await exportText(control)
    const again = await applied(control, exampleFile, true)
    assert.deepEqual(again.plan, [])
    assert.equal(again.applied, false)
    assert.equal(again.revision, 1)
    assert.equal(control.config.revision, 1)
    assert.equal((await control.audit.list({ limit: 1 })).total, audit)
    assert.equal(await exportText(control), before)
  }))

test('an export applied again changes nothing, and keeps the secrets that it does not hold', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const exported = await control.config.export()
    assert.deepEqual((await applied(control, exported, true)).plan, [])
    const [gateway] = (await control.config.listEndpoints({ limit: 10, search: 'acme-1' })).items
    assert.equal(gateway?.hasPassword, true)
    assert.equal(control.directory.endpoints.find((one) => one.name === 'acme-1')?.password, 'planted-Gateway-1')
  }))

test('an export applied to an empty system makes the same system', () =>
  withControl(async (first) => {
    await applied(first.control, exampleFile)
    const exported = await first.control.config.export()
    await withControl(async ({ control }) => {
      await applied(control, exported)
      assert.equal(await exportText(control), JSON.stringify(exported))
    })
  }))

test('a failing file changes nothing, not even what is right in it', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const before = await exportText(control)
    const wrong = changedFile((file) => {
      const [acme] = file.carriers
      if (acme === undefined) return
      acme.channelsMax = 7
      acme.endpoints[1] = { name: 'acme-2', direction: 'receives', addresses: ['192.0.2.300'] }
    })
    assert.deepEqual(await pathsOf(applied(control, wrong)), ['carriers[0].endpoints[1].addresses[0]'])
    const twin = { name: 'A twin', endpoints: [{ name: 't', direction: 'both', addresses: ['198.51.100.20'] }] }
    const tied = changedFile((file) => void file.customers.push(twin))
    assert.deepEqual(await pathsOf(applied(control, tied)), ['customers[1].endpoints[0].addresses[0]'])
    assert.deepEqual(await pathsOf(applied(control, { customers: [twin] })), ['customers[0].endpoints[0].addresses[0]'])
    assert.equal(await exportText(control), before)
    assert.equal(control.config.revision, 1)
    assert.equal(control.directory.revision, 1)
  }))

test('every error of the schema is named with its path at once', () =>
  withControl(async ({ control }) => {
    const file = {
      foo: 1,
      system: { recordsDays: 0 },
      carriers: [
        { name: '', currency: 'Euro', endpoints: [{ name: 'a', direction: 'up', addresses: [], tls: { bar: 1 } }] },
      ],
      routes: [{ prefix: 'x', from: 'nobody', targets: [{}] }],
      blocks: [{ address: '10.0.0.1/8' }],
    }
    assert.deepEqual((await pathsOf(applied(control, file))).toSorted(), [
      'blocks[0].address',
      'carriers[0].currency',
      'carriers[0].endpoints[0].addresses',
      'carriers[0].endpoints[0].direction',
      'carriers[0].endpoints[0].tls.bar',
      'carriers[0].name',
      'foo',
      'routes[0].from',
      'routes[0].prefix',
      'routes[0].targets[0]',
      'system.recordsDays',
    ])
    for (const nothing of [null, 5, 'text', []]) assert.equal((await errorsOf(applied(control, nothing))).length, 1)
  }))

test('what the file names must exist in the file or in the store', () =>
  withControl(async ({ control }) => {
    const route = (targets: object[], from: unknown = 'any') => ({ routes: [{ prefix: '1', from, targets }] })
    assert.deepEqual(await pathsOf(applied(control, route([{ carrier: 'Acme' }, { sipUser: '441' }]))), [
      'routes[0].targets[0].carrier',
      'routes[0].targets[1].sipUser',
    ])
    await applied(control, exampleFile)
    assert.deepEqual(await planOf(applied(control, route([{ carrier: 'Acme' }]))), ['create route prefix 1 from any'])
    assert.deepEqual(await pathsOf(applied(control, route([{ carrier: 'Acme' }], { customer: 'No' }))), [
      'routes[0].from.customer',
    ])
    assert.deepEqual(await pathsOf(applied(control, route([{ sipUser: '441' }]))), ['routes[0].targets[0].sipUser'])
    assert.deepEqual(await pathsOf(applied(control, route([{ carrier: 'Acme' }]), true)), [
      'routes[0].targets[0].carrier',
    ])
  }))

test('absent objects stay without prune and go with it; absent fields take their defaults', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const file = {
      carriers: [{ name: 'Acme', endpoints: [{ name: 'acme-2', direction: 'receives', addresses: ['192.0.2.11'] }] }],
    }
    const result = await applied(control, file)
    assert.deepEqual(
      result.plan.map(({ name }) => name),
      ['Acme'],
    )
    assert.deepEqual(
      result.plan[0]?.changes.map(({ field, before, after }) => [field, before, after]),
      [
        ['channelsMax', 100, 0],
        ['replyRules', [{ code: 404, action: 'failover' }], []],
      ],
    )
    assert.deepEqual((await planOf(applied(control, file, true))).toSorted(), [
      'delete block 203.0.113.66',
      'delete customer PBX',
      'delete endpoint Acme/acme-1',
      'delete endpoint Acme/acme-in',
      'delete endpoint PBX/pbx',
      'delete route default from carriers',
      'delete route prefix 44 from customers',
      'delete sipUser 441',
    ])
    assert.deepEqual((await control.config.getSystem()).config.realm, 'sip.example.net')
  }))

test('the same object twice in one file is an error at the second place', () =>
  withControl(async ({ control }) => {
    const endpoint = (name: string, address: string) => ({ name, direction: 'receives', addresses: [address] })
    const file = {
      carriers: [
        {
          name: 'A',
          endpoints: [endpoint('x', '192.0.2.1'), endpoint('x', '192.0.2.2')],
          sipUsers: [{ username: '1' }],
        },
        { name: 'A' },
      ],
      customers: [{ name: 'A', sipUsers: [{ username: '1' }] }],
      blocks: [{ address: '203.0.113.1' }, { address: '203.0.113.1' }],
      routes: [
        { prefix: '+44', targets: [{ carrier: 'A' }] },
        { prefix: '44', from: 'any', targets: [{ carrier: 'A' }] },
      ],
    }
    assert.deepEqual((await pathsOf(applied(control, file))).toSorted(), [
      'blocks[1]',
      'carriers[0].endpoints[1]',
      'carriers[1]',
      'customers[0].sipUsers[0].username',
      'routes[1]',
    ])
  }))

test('realm and currency are fixed once they were chosen; absent ones stay', () =>
  withControl(async ({ control }) => {
    await applied(control, { carriers: [{ name: 'Acme', currency: 'EUR' }] })
    await applied(control, { system: { channelsMax: 5 }, carriers: [{ name: 'Acme' }] })
    assert.equal((await control.config.getAccount('carrier', 'Acme')).config.currency, 'EUR')
    await applied(control, { system: { realm: 'one.example' } })
    await applied(control, { system: { channelsMax: 6 } })
    assert.equal((await control.config.getSystem()).config.realm, 'one.example')
    const file = { system: { realm: 'two.example' }, carriers: [{ name: 'Acme', currency: 'USD' }] }
    assert.deepEqual(await pathsOf(applied(control, file)), ['system.realm', 'carriers[0].currency'])
    await assert.rejects(control.config.updateSystem({ realm: 'two.example' }, tester), /realm is fixed/)
  }))

test('a password of a SIP user fixes the realm that it is hashed with', () =>
  withControl(async ({ control }) => {
    await applied(control, { customers: [{ name: 'PBX', sipUsers: [{ username: '1', password: 'Planted-1' }] }] })
    assert.deepEqual(await pathsOf(applied(control, { system: { realm: 'new.example' } })), ['system.realm'])
  }))

test('secrets come from the environment and from files of the server; missing ones are errors at their path', () =>
  withControl(async ({ control, dataDir }) => {
    const file = join(dataDir, 'secret')
    writeFileSync(file, 'from-a-File-1\n')
    process.env['TOLLGATE_TEST_SECRET'] = 'from-the-Environment-1'
    const passwordOf = (): string | null | undefined => control.directory.endpoints[0]?.password
    try {
      await applied(control, carrier({ password: { file } }))
      assert.equal(passwordOf(), 'from-a-File-1')
      await applied(control, carrier({ password: { env: 'TOLLGATE_TEST_SECRET' } }))
      assert.equal(passwordOf(), 'from-the-Environment-1')
      await applied(control, carrier({}))
      assert.equal(passwordOf(), 'from-the-Environment-1')
      await applied(control, carrier({ password: null }))
      assert.equal(passwordOf(), null)
    } finally {
      delete process.env['TOLLGATE_TEST_SECRET']
      rmSync(file)
    }
    for (const password of [{ env: 'TOLLGATE_TEST_SECRET' }, { file }, { file: dataDir }, { file: '/dev/zero' }])
      assert.deepEqual(await pathsOf(applied(control, carrier({ password }))), ['carriers[0].endpoints[0].password'])
  }))

test('a dry run says what would happen and does nothing', () =>
  withControl(async ({ control }) => {
    const { plan, applied: done, revision } = await control.config.diff(exampleFile, false)
    assert.equal(plan.length, 11)
    assert.equal(done, false)
    assert.equal(revision, 0)
    assert.equal(control.config.revision, 0)
    assert.equal((await control.audit.list({ limit: 1 })).total, 0)
  }))

test('what the server is not set up for is refused at its path; front proxies are addresses, and not everybody', () =>
  withControl(async (rig) => {
    const { control } = rig
    const secure = carrier({ mediaEncryption: 'srtp' })
    assert.deepEqual(await pathsOf(applied(control, secure)), ['carriers[0].endpoints[0].mediaEncryption'])
    const frontProxies = ['192.0.2.9', '192.0.2.7/24', 'proxy.example', '0.0.0.0/0', '::/0']
    const wrong = await pathsOf(applied(control, { ...carrier({}), system: { frontProxies } }))
    assert.deepEqual(
      wrong,
      [1, 2, 3, 4].map((i) => `system.frontProxies[${i}]`),
    )
    const withRelay = await rig.reopen({ mediaRelay: true })
    assert.equal((await applied(withRelay, secure)).applied, true)
  }))

test('patterns that the engine cannot run are refused with the reason', () =>
  withControl(async ({ control }) => {
    const rewrites = [{ parameter: 'destination', pattern: '(?=4)', replacement: '' }]
    const [error] = await errorsOf(applied(control, carrier({ rewrites })))
    assert.equal(error?.path, 'carriers[0].endpoints[0].rewrites[0].pattern')
    assert.match(error?.message ?? '', /look-ahead/)
  }))

test('10,000 endpoints are applied within seconds, and once more without a change', () =>
  withControl(async ({ control }) => {
    const endpoints = Array.from({ length: 10_000 }, (_, i) => ({
      name: `gateway-${i}`,
      direction: 'receives',
      addresses: [`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`],
      password: `Secret-${i}`,
    }))
    const start = performance.now()
    assert.equal((await applied(control, { carriers: [{ name: 'Big', endpoints }] })).plan.length, 10_001)
    assert.equal((await applied(control, { carriers: [{ name: 'Big', endpoints }] })).plan.length, 0)
    const seconds = (performance.now() - start) / 1_000
    assert.ok(seconds < 15, `${seconds} s for two applications`)
  }))
