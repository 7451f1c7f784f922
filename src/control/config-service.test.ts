import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault.ts'
import { forwardLog } from '../base/log.ts'
import { secureRandom } from '../base/random.ts'
import type { Directory } from '../directory/directory.ts'
import { openControl } from './open-control.ts'
import { applied, exampleFile, exportText, tester, withControl } from '../../test/kit/control-rig.ts'

const fault =
  (code: FaultCode, detail = /./) =>
  (error: unknown) =>
    error instanceof Fault && error.code === code && detail.test(error.message)

const all = { limit: 100 }
const gateway = { name: 'g1', direction: 'receives', addresses: ['192.0.2.1'] }

test('an account is made, read by id and by name, changed in part, and removed with what is its own', () =>
  withControl(async ({ control: { config, directory } }) => {
    const made = await config.createAccount('carrier', { name: 'Acme', timeouts: { ringMs: 30_000 } }, tester)
    assert.match(made.id, /^car_[0-9a-v]{16}$/)
    assert.equal(made.config.trustIdentity, true)
    assert.deepEqual(await config.getAccount('carrier', 'Acme'), made)
    assert.deepEqual(await config.getAccount('carrier', made.id), made)
    await assert.rejects(config.getAccount('customer', 'Acme'), fault('not_found'))
    const changed = await config.updateAccount('carrier', 'Acme', { timeouts: { firstReplyMs: 1_000 } }, tester)
    assert.deepEqual(changed.config.timeouts, {
      firstReplyMs: 1_000,
      progressMs: 5_000,
      ringMs: 30_000,
      huntMs: 30_000,
    })
    assert.notEqual(changed.etag, made.etag)
    assert.equal(changed.createdAt, made.createdAt)
    const { id } = await config.createEndpoint(made.id, gateway, tester)
    await config.removeAccount('carrier', made.id, tester)
    await assert.rejects(config.getEndpoint(id), fault('not_found'))
    assert.equal(directory.revision, 0)
  }))

test('names are unique within kind and account', () =>
  withControl(async ({ control: { config } }) => {
    const { id } = await config.createAccount('carrier', { name: 'Acme' }, tester)
    await config.createAccount('customer', { name: 'Acme' }, tester)
    await assert.rejects(config.createAccount('carrier', { name: ' Acme ' }, tester), fault('conflict', /Acme/))
    await config.createEndpoint(id, gateway, tester)
    await assert.rejects(config.createEndpoint(id, { ...gateway, addresses: ['192.0.2.2'] }, tester), fault('conflict'))
    await config.createAccount('carrier', { name: 'Beta' }, tester)
    await assert.rejects(config.updateAccount('carrier', 'Beta', { name: 'Acme' }, tester), fault('conflict'))
  }))

test('an account that routes name is not removed, and the routes are named', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const { config } = control
    await assert.rejects(config.removeAccount('carrier', 'Acme', tester), fault('conflict', /prefix 44 from customers/))
    const [route] = (await config.listRoutes({ ...all, filter: { prefix: '44' } })).items
    await config.removeRoute(route?.id ?? '', tester)
    await config.removeAccount('carrier', 'Acme', tester)
    assert.equal((await config.listEndpoints(all)).total, 1)
  }))

test('renaming an account leaves its routes and their names right', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    await control.config.updateAccount('carrier', 'Acme', { name: 'Acme Two' }, tester)
    const [route] = (await control.config.listRoutes({ ...all, filter: { prefix: '44' } })).items
    assert.deepEqual(route?.config.targets, [{ carrier: 'Acme Two', priority: 0, weight: 1 }])
  }))

test('whoever writes with an old etag loses, and whoever gives none does not', () =>
  withControl(async ({ control: { config } }) => {
    const seen = await config.createAccount('carrier', { name: 'Acme' }, tester)
    const mine = { ...tester, ifMatch: `"${seen.etag}"` }
    await config.updateAccount('carrier', seen.id, { channelsMax: 1 }, mine)
    await assert.rejects(
      config.updateAccount('carrier', seen.id, { channelsMax: 2 }, mine),
      fault('precondition_failed'),
    )
    await assert.rejects(config.removeAccount('carrier', seen.id, mine), fault('precondition_failed'))
    await config.updateAccount('carrier', seen.id, { channelsMax: 3 }, tester)
  }))

test('many people who save at once follow one another: nothing is lost, every revision is there once', () =>
  withControl(async ({ control: { config } }) => {
    await config.createAccount('carrier', { name: 'Acme' }, tester)
    const fields = ['channelsMax', 'callsPerSecondMax', 'maxDurationSeconds', 'queueMs'] as const
    await Promise.all([
      ...fields.map((field, i) => config.updateAccount('carrier', 'Acme', { [field]: i + 1 }, tester)),
      ...Array.from({ length: 20 }, (_, i) => config.createAccount('customer', { name: `c${i}` }, tester)),
    ])
    const { config: acme } = await config.getAccount('carrier', 'Acme')
    assert.deepEqual(
      fields.map((field) => acme[field]),
      [1, 2, 3, 4],
    )
    assert.equal((await config.listAccounts('customer', all)).total, 20)
    assert.equal(config.revision, 25)
    assert.equal((await config.revisions(all)).total, 25)
  }))

test('of two who write with the same etag at once exactly one wins', () =>
  withControl(async ({ control: { config } }) => {
    const { etag } = await config.createAccount('carrier', { name: 'Acme' }, tester)
    const write = (channelsMax: number) =>
      config.updateAccount('carrier', 'Acme', { channelsMax }, { ...tester, ifMatch: etag })
    const done = await Promise.allSettled([write(1), write(2), write(3)])
    assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 1)
  }))

test('a second Tollgate on the same data directory is refused, until the first one is gone', () =>
  withControl(async ({ control, dataDir, clock, logLines }) => {
    const log = forwardLog((_level, event) => void logLines.push(event))
    const open = () => openControl({ dataDir, clock, random: secureRandom(), log })
    await assert.rejects(
      open(),
      fault('store_unavailable', /in use by another Tollgate; each needs its own TOLLGATE_DATA_DIR/),
    )
    await control.config.createAccount('carrier', { name: 'Acme' }, tester)
    await control.close()
    const other = await open()
    assert.equal((await other.config.listAccounts('carrier', all)).total, 1)
    await other.close()
  }))

test('an update that changes nothing is no revision', () =>
  withControl(async ({ control: { config } }) => {
    const made = await config.createAccount('carrier', { name: 'Acme', notes: 'x' }, tester)
    assert.deepEqual(await config.updateAccount('carrier', 'Acme', { notes: 'x' }, tester), made)
    assert.equal(config.revision, 1)
  }))

test('errors of one object are told at its fields, those of the whole too', () =>
  withControl(async ({ control: { config } }) => {
    const { id } = await config.createAccount('carrier', { name: 'Acme' }, tester)
    const pathOf = async (input: object): Promise<string[]> => {
      const error: unknown = await config.createEndpoint(id, input, tester).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      return error instanceof Fault ? error.errors.map(({ path }) => path) : []
    }
    assert.deepEqual(await pathOf({ ...gateway, addresses: ['192.0.2.1', 'x..y'] }), ['addresses[1]'])
    assert.deepEqual(await pathOf({ ...gateway, mediaEncryption: 'srtp' }), ['mediaEncryption'])
    assert.deepEqual(await pathOf({ ...gateway, tls: { verify: 'pin' } }), ['tls.ca'])
    assert.deepEqual(await pathOf({ ...gateway, tls: { verify: 'pin', ca: 'ab:cd' } }), ['tls.ca'])
    assert.deepEqual(await pathOf({ ...gateway, tls: { ca: '/etc/ca.pem' } }), ['tls.ca'])
    assert.deepEqual(await pathOf({ ...gateway, tls: { serverName: 'a b' } }), ['tls.serverName'])
    assert.deepEqual(await pathOf({ ...gateway, tls: { peerName: 'pbx.example' } }), ['tls.peerName'])
    const key = '-----BEGIN PRIVATE KEY-----'
    assert.deepEqual(await pathOf({ ...gateway, tls: { clientCert: key } }), ['tls.clientCert'])
    assert.deepEqual(await pathOf({ ...gateway, unknown: 1 }), ['unknown'])
    assert.deepEqual(await pathOf(JSON.parse('{"__proto__": {"x": 1}}') as object), [
      'name',
      'direction',
      'addresses',
      '__proto__',
    ])
    await config.createEndpoint(id, { name: 's', direction: 'sends', addresses: ['192.0.2.0/24'] }, tester)
    assert.deepEqual(await pathOf({ name: 't', direction: 'sends', addresses: ['192.0.2.0/24'] }), ['addresses[0]'])
  }))

test('a password is write-only: it is kept, replaced, removed, and never in an answer', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const account = await config.createAccount('carrier', { name: 'Acme' }, tester)
    const made = await config.createEndpoint(account.id, { ...gateway, password: 'Planted-1' }, tester)
    const clear = (): string | null | undefined => control.directory.endpoints[0]?.password
    assert.equal(made.hasPassword, true)
    assert.ok(!JSON.stringify(made).includes('Planted-1'))
    await config.updateEndpoint(made.id, { weight: 5 }, tester)
    assert.equal(clear(), 'Planted-1')
    await config.updateEndpoint(made.id, { password: 'Planted-2' }, tester)
    assert.equal(clear(), 'Planted-2')
    assert.equal((await config.updateEndpoint(made.id, { password: null }, tester)).hasPassword, false)
    assert.equal(clear(), null)
  }))

test('endpoints that list a range with an address in it', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const names = async (contains: string): Promise<string[]> =>
      (await control.config.listEndpoints({ ...all, contains })).items.map((row) => row.config.name)
    assert.deepEqual(await names('192.0.2.10'), ['acme-1', 'acme-in'])
    assert.deepEqual(await names('::ffff:192.0.2.10'), ['acme-1', 'acme-in'])
    assert.deepEqual(await names('2001:db8::77'), ['acme-in'])
    assert.deepEqual(await names('192.0.2.16'), [])
    await assert.rejects(names('x'), fault('invalid'))
  }))

test('lists sort, filter and page by fields from a table only', () =>
  withControl(async ({ control: { config } }) => {
    const names = ['d', 'a', 'c', 'b', 'e']
    await applied({ config }, { carriers: names.map((name, i) => ({ name, channelsMax: i % 2 })) })
    const first = await config.listAccounts('carrier', { limit: 2, sort: '-name' })
    assert.deepEqual([first.items.map((row) => row.config.name), first.total], [['e', 'd'], 5])
    const rest = await config.listAccounts('carrier', { limit: 9, sort: '-name', cursor: first.nextCursor ?? '' })
    assert.deepEqual([rest.items.map((row) => row.config.name), rest.nextCursor], [['c', 'b', 'a'], null])
    const odd = await config.listAccounts('carrier', { limit: 9, filter: { channelsMax: '1' } })
    assert.deepEqual(
      odd.items.map((row) => row.config.name),
      ['a', 'b'],
    )
    for (const query of [{ sort: 'id; drop table' }, { filter: { constructor: 'x' } }, { cursor: 'e30' }])
      await assert.rejects(config.listAccounts('carrier', { limit: 9, ...query }), fault('invalid'))
  }))

test('a write is answered after the edge has acknowledged; without that it stays stored and says so', () =>
  withControl(async ({ control }) => {
    const seen: Directory[] = []
    let acknowledges = true
    const edge = {
      publish: async (directory: Directory): Promise<void> => {
        seen.push(directory)
        if (!acknowledges) throw new Fault('edge_unavailable', 'late')
      },
    }
    await control.config.createAccount('carrier', { name: 'Before' }, tester)
    await control.attach(edge)
    assert.deepEqual(
      seen.map((directory) => directory.revision),
      [1],
    )
    await control.config.createAccount('carrier', { name: 'Acme' }, tester)
    assert.equal(seen.at(-1)?.revision, 2)
    acknowledges = false
    await assert.rejects(control.config.createAccount('carrier', { name: 'Late' }, tester), fault('edge_unavailable'))
    assert.equal((await control.config.getAccount('carrier', 'Late')).config.name, 'Late')
    acknowledges = true
    await control.config.removeAccount('carrier', 'Late', tester)
    assert.deepEqual(
      seen.map((directory) => directory.revision),
      [1, 2, 3, 4],
    )
  }))

test('blocks and the system settings', () =>
  withControl(async ({ control: { config } }) => {
    const block = await config.createBlock({ address: ' 203.0.113.0/24 ', expiresAt: '2030-01-01T00:00:00Z' }, tester)
    assert.equal(block.config.address, '203.0.113.0/24')
    await assert.rejects(config.createBlock({ address: '203.0.113.0/24' }, tester), fault('conflict'))
    await config.removeBlock(block.id, tester)
    assert.equal((await config.listBlocks(all)).total, 0)
    const before = await config.getSystem()
    const after = await config.updateSystem(
      { channelsMax: 9, realm: 'sip.example' },
      { ...tester, ifMatch: before.etag },
    )
    assert.deepEqual([after.config.channelsMax, after.config.realm], [9, 'sip.example'])
    assert.ok(!('realmFixed' in after.config))
    await assert.rejects(config.updateSystem({}, { ...tester, ifMatch: before.etag }), fault('precondition_failed'))
  }))

test('a restart keeps everything, ids and etags included', () =>
  withControl(async (rig) => {
    await applied(rig.control, exampleFile)
    const text = await exportText(rig.control)
    const endpoints = await rig.control.config.listEndpoints(all)
    const directory = rig.control.directory
    const control = await rig.reopen()
    assert.equal(await exportText(control), text)
    assert.deepEqual(await control.config.listEndpoints(all), endpoints)
    assert.deepEqual(control.directory, directory)
    assert.equal((await applied(control, exampleFile)).plan.length, 0)
  }))

test('every change is in the audit: who, from where, why, before and after', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const [whole] = (await control.audit.list({ limit: 1 })).items
    assert.deepEqual([whole?.action, whole?.kind, whole?.name], ['apply', 'configuration', 'revision 1'])
    assert.equal((await control.audit.list({ limit: 1 })).total, 12)
    await control.config.updateAccount('carrier', 'Acme', { channelsMax: 70 }, { ...tester, reason: 'asked for' })
    const page = await control.audit.list({ limit: 5, filter: { action: 'update', name: 'Acme' } })
    const [entry] = page.items
    assert.equal(page.total, 1)
    assert.deepEqual(
      [entry?.actor, entry?.actorKind, entry?.address, entry?.reason, entry?.kind],
      ['alice', 'user', '192.0.2.99', 'asked for', 'carrier'],
    )
    assert.deepEqual(entry?.before, { ...(entry?.after as object), channelsMax: 100 })
    assert.deepEqual(entry?.after, { ...(entry?.before as object), channelsMax: 70 })
    const older = await control.audit.list({ limit: 2, cursor: '3' })
    assert.deepEqual(
      older.items.map(({ id }) => id),
      ['2', '1'],
    )
  }))

test('planted secrets are nowhere in the clear: not in files, answers, plans, audit or log', () =>
  withControl(async (rig) => {
    const secrets = ['planted-Gateway-1', 'Planted-User-2', 'planted-Admin-3', 'tg_planted-Key-4']
    const result = await applied(rig.control, exampleFile)
    const control = await rig.reopen({ adminPassword: 'planted-Admin-3\n', apiKey: 'tg_planted-Key-4\n' })
    await control.people.signIn('admin', 'planted-Admin-3', '::1')
    await control.config.updateEndpoint(control.directory.endpoints[0]?.id ?? '', { weight: 3 }, tester)
    await control.config.rollback(1, tester)
    const texts = [
      JSON.stringify(result),
      await exportText(control),
      JSON.stringify(await control.config.listEndpoints(all)),
      JSON.stringify(await control.audit.list(all)),
      JSON.stringify(await control.people.listApiKeys()),
      rig.logLines.join('\n'),
    ]
    const bytes = rig.bytes()
    assert.ok(bytes.includes('acme-1'))
    for (const secret of secrets) {
      assert.equal(bytes.includes(secret), false, secret)
      for (const text of texts) assert.equal(text.includes(secret), false, secret)
    }
  }))

test('a start waits for a busy edge longer than a change does; what is no lateness ends it at once', () =>
  withControl(async ({ control }) => {
    let tries = 0
    const busy = {
      publish: async (): Promise<void> => {
        tries += 1
        if (tries < 5) throw new Fault('edge_unavailable', 'late')
      },
    }
    await control.attach(busy)
    assert.equal(tries, 5)
    let asked = 0
    const gone = {
      publish: async (): Promise<void> => {
        asked += 1
        throw new Fault('internal', 'the thread is gone')
      },
    }
    await assert.rejects(control.attach(gone), fault('internal'))
    assert.equal(asked, 1)
  }))
