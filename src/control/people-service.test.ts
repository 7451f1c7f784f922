import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault.ts'
import { tester, withControl } from '../../test/kit/control-rig.ts'
import type { ControlRig } from '../../test/kit/control-rig.ts'
import type { PeopleService } from './services.ts'

const fault = (code: FaultCode) => (error: unknown) => error instanceof Fault && error.code === code
const password = 'correct horse'
const address = '192.0.2.99'
const { actor } = tester
const minute = 60_000

const setUp = (people: PeopleService) =>
  people.setup({ token: people.setupToken ?? '', username: 'alice', password }, address)

/** The same work for each, one after the other. */
async function inTurn(times: number, work: (i: number) => Promise<unknown>, i = 0): Promise<void> {
  if (i === times) return
  await work(i)
  await inTurn(times, work, i + 1)
}

test('set-up needs the token of a file that only its owner reads, once', () =>
  withControl(async ({ control: { people } }) => {
    assert.equal(people.setupRequired(), true)
    assert.equal(statSync(people.setupTokenFile).mode & 0o777, 0o600)
    assert.equal(readFileSync(people.setupTokenFile, 'utf8').trim(), people.setupToken)
    assert.match(people.setupToken ?? '', /^[0-9a-f]{64}$/)
    const token = people.setupToken ?? ''
    const identity = await setUp(people)
    assert.deepEqual([identity.role, identity.actor.name, identity.actor.address], ['administrator', 'alice', address])
    assert.equal(people.setupRequired(), false)
    assert.equal(people.setupToken, undefined)
    assert.equal(existsSync(people.setupTokenFile), false)
    await assert.rejects(people.setup({ token, username: 'bob', password }, address), fault('forbidden'))
  }))

test('of 50 who set up at once exactly one succeeds', () =>
  withControl(async ({ control: { people } }) => {
    const token = people.setupToken ?? ''
    const done = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => people.setup({ token, username: `user${i}`, password }, address)),
    )
    assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.equal((await people.listUsers()).length, 1)
  }))

test('five wrong tokens make a new one; a weak password does not use it up', () =>
  withControl(async ({ control: { people } }) => {
    const token = people.setupToken ?? ''
    const weak = people.setup({ token, username: 'alice', password: 'short' }, address)
    await assert.rejects(weak, fault('invalid'))
    const wrong = { token: 'x'.repeat(64), username: 'alice', password }
    await inTurn(5, () => assert.rejects(people.setup(wrong, address), fault('forbidden')))
    assert.notEqual(people.setupToken, token)
    assert.equal(readFileSync(people.setupTokenFile, 'utf8').trim(), people.setupToken)
    await assert.rejects(people.setup({ token, username: 'alice', password }, address), fault('forbidden'))
    await setUp(people)
  }))

test('set-up does not open again: not by a restart, not by an empty table of users', () =>
  withControl(async (rig) => {
    await setUp(rig.control.people)
    const { people } = await rig.reopen()
    assert.equal(people.setupRequired(), false)
    assert.equal(people.setupToken, undefined)
    const [alice] = await people.listUsers()
    await assert.rejects(people.removeUser(alice?.id ?? '', actor), fault('conflict'))
  }))

test('unattended set-up makes an administrator and a key, once, and leaves later changes alone', () =>
  withControl(async (rig) => {
    const options = { adminPassword: `${password}\n`, apiKey: 'tg_unattended\n' }
    const control = await rig.reopen(options)
    assert.equal(control.people.setupRequired(), false)
    assert.equal((await control.people.signIn('admin', password, address)).identity.role, 'administrator')
    assert.equal((await control.people.findApiKey('tg_unattended', address))?.role, 'administrator')
    const again = await rig.reopen({ adminPassword: 'another horse', apiKey: 'tg_another-key' })
    await assert.rejects(again.people.signIn('admin', 'another horse', address), fault('unauthenticated'))
    assert.equal(await again.people.findApiKey('tg_another-key', address), undefined)
    assert.equal((await again.people.listUsers()).length, 1)
  }))

test('sign-in: name without regard to case, password exactly; wrong ones look alike', () =>
  withControl(async ({ control: { people } }) => {
    await setUp(people)
    const { session, identity } = await people.signIn('ALICE', password, address)
    assert.equal(identity.actor.name, 'alice')
    assert.equal((await people.findSession(session, address))?.actor.id, identity.actor.id)
    const messageOf = (work: Promise<unknown>) => work.then(String, (error: unknown) => String(error))
    const wrong = await messageOf(people.signIn('alice', `${password} `, address))
    assert.equal(await messageOf(people.signIn('nobody', password, address)), wrong)
    assert.match(wrong, /name or password is wrong/)
    await people.signOut(session)
    assert.equal(await people.findSession(session, address), undefined)
    assert.equal(await people.findSession('', address), undefined)
  }))

test('a session ends after 30 idle minutes and after 12 hours', () =>
  withControl(async ({ control: { people }, clock }) => {
    await setUp(people)
    const idle = await people.signIn('alice', password, address)
    clock.advance(29 * minute)
    assert.ok(await people.findSession(idle.session, address))
    clock.advance(29 * minute)
    assert.ok(await people.findSession(idle.session, address))
    clock.advance(31 * minute)
    assert.equal(await people.findSession(idle.session, address), undefined)
    const long = await people.signIn('alice', password, address)
    await inTurn(36, async () => {
      assert.ok(await people.findSession(long.session, address))
      clock.advance(20 * minute)
    })
    clock.advance(1)
    assert.equal(await people.findSession(long.session, address), undefined)
  }))

test('guessing is slowed down per name and address, also when all tries come at once; the right password waits too', () =>
  withControl(async ({ control: { people }, clock }) => {
    await setUp(people)
    const tries = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => people.signIn('alice', `wrong ${i}`, address)),
    )
    const codes = tries.map((one) => (one.status === 'rejected' ? (one.reason as Fault).code : 'in'))
    assert.equal(codes.filter((code) => code === 'unauthenticated').length, 5)
    assert.equal(codes.filter((code) => code === 'too_many_requests').length, 25)
    await assert.rejects(people.signIn('alice', password, address), fault('too_many_requests'))
    assert.ok(await people.signIn('alice', password, '192.0.2.1'), 'the owner signs in from elsewhere')
    clock.advance(61_000)
    assert.ok(await people.signIn('alice', password, address), 'no lock for ever')
  }))

test('one address cannot try many names', () =>
  withControl(async ({ control: { people } }) => {
    await setUp(people)
    let refused = 0
    await inTurn(30, (i) =>
      people.signIn(`name${i}`, 'wrong', address).catch((error: unknown) => {
        if (fault('too_many_requests')(error)) refused += 1
      }),
    )
    assert.equal(refused, 10)
  }))

test('users: roles, unique names, the last administrator stays, a removed user is out at once', () =>
  withControl(async ({ control: { people } }) => {
    await setUp(people)
    const bob = await people.createUser({ username: 'bob', password: 'another horse', role: 'support' }, actor)
    await assert.rejects(people.createUser({ username: 'BOB', password, role: 'support' }, actor), fault('conflict'))
    for (const username of ['', ' x', 'a\nb', '<b>', 'x'.repeat(65)])
      await assert.rejects(people.createUser({ username, password, role: 'support' }, actor), fault('invalid'))
    const { session, identity } = await people.signIn('bob', 'another horse', address)
    assert.equal(identity.role, 'support')
    await people.removeUser(bob.id, actor)
    assert.equal(await people.findSession(session, address), undefined)
    assert.deepEqual(
      (await people.listUsers()).map(({ username }) => username),
      ['alice'],
    )
    await assert.rejects(people.removeUser(bob.id, actor), fault('not_found'))
  }))

test('API keys: shown once, stored as a hash, with role and expiry, revoked at once', () =>
  withControl(async ({ control: { people }, clock, ...rig }) => {
    await setUp(people)
    const expiresAt = clock.wallMs() + 3_600_000
    const made = await people.createApiKey({ name: 'ci', role: 'engineer', expiresAt }, actor)
    assert.match(made.key, /^tg_[A-Za-z0-9_-]{43}$/)
    assert.ok(made.key.startsWith(made.prefix))
    assert.ok(!(rig as ControlRig).bytes().includes(made.key))
    const identity = await people.findApiKey(made.key, address)
    assert.deepEqual(identity, { actor: { kind: 'apiKey', id: made.id, name: 'ci', address }, role: 'engineer' })
    assert.equal((await people.listApiKeys())[0]?.lastUsedAt, clock.wallMs())
    assert.ok(!('hash' in ((await people.listApiKeys())[0] ?? {})))
    assert.equal(await people.findApiKey(`${made.key}x`, address), undefined)
    clock.advance(3_600_001)
    assert.equal(await people.findApiKey(made.key, address), undefined)
    const other = await people.createApiKey({ name: 'x', role: 'support', expiresAt: null }, actor)
    await people.removeApiKey(other.id, actor)
    assert.equal(await people.findApiKey(other.key, address), undefined)
  }))

test('set-up, sign-in, refusals and changes of people are in the audit', () =>
  withControl(async ({ control: { people, audit } }) => {
    await setUp(people)
    await people.signIn('alice', password, address)
    await people.signIn('alice', 'wrong', address).catch(() => undefined)
    const key = await people.createApiKey({ name: 'ci', role: 'support', expiresAt: null }, actor)
    await people.removeApiKey(key.id, actor)
    const { items } = await audit.list({ limit: 20 })
    assert.deepEqual(
      items.map(({ action, kind, name }) => `${action} ${kind} ${name}`),
      ['delete apiKey ci', 'create apiKey ci', 'sign-in refused user alice', 'sign-in user alice', 'setup user alice'],
    )
    assert.ok(items.every((entry) => entry.address === address))
    assert.ok(!JSON.stringify(items).includes(password))
  }))

test('a disk that takes nothing locks nobody out who is signed in, by session or by key', () =>
  withControl(async ({ control: { people }, dataDir, clock }) => {
    await setUp(people)
    const { session } = await people.signIn('alice', password, address)
    const { key } = await people.createApiKey({ name: 'ci', role: 'support', expiresAt: null }, actor)
    const other = new DatabaseSync(join(dataDir, 'tollgate.db'))
    other.exec('begin immediate')
    clock.advance(20 * minute)
    assert.equal((await people.findSession(session, address))?.actor.name, 'alice')
    assert.equal((await people.findApiKey(key, address))?.actor.name, 'ci')
    // Used all the time: the idle limit counts although nothing could be stored.
    clock.advance(20 * minute)
    assert.equal((await people.findSession(session, address))?.actor.name, 'alice')
    await assert.rejects(people.signIn('alice', password, address), fault('store_unavailable'))
    clock.advance(31 * minute)
    assert.equal(await people.findSession(session, address), undefined)
    other.exec('rollback')
    other.close()
    assert.equal((await people.signIn('alice', password, address)).identity.actor.name, 'alice')
  }))
