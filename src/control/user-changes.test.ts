// Users that exist: roles, disabling, passwords, sessions, and the way back in for whoever is on the host.
import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tester, withControl } from '../../test/kit/control-rig.ts'
import type { ControlRig } from '../../test/kit/control-rig.ts'
import type { Actor, PeopleService, UserView } from './services.ts'

const address = '192.0.2.99'
const password = 'correct horse'

async function people(work: (people: PeopleService, alice: UserView, rig: ControlRig) => Promise<void>): Promise<void> {
  await withControl(async (rig) => {
    const { people: service } = rig.control
    await service.setup({ token: service.setupToken ?? '', username: 'alice', password }, address)
    const [alice] = await service.listUsers()
    assert.ok(alice !== undefined)
    await work(service, alice, rig)
  })
}

const signIn = async (service: PeopleService, username: string, given = password): Promise<string> =>
  (await service.signIn(username, given, address)).session

const bob = { username: 'bob', password: 'battery staple', role: 'engineer' } as const

test('the last administrator who may sign in can neither be removed nor demoted nor disabled', () =>
  people(async (service, alice) => {
    const second = await service.createUser({ ...bob, role: 'administrator' }, tester)
    await service.updateUser(second.id, { disabled: true }, tester)
    for (const changes of [{ role: 'engineer' }, { disabled: true }] as const)
      await assert.rejects(service.updateUser(alice.id, changes, tester), { code: 'conflict' })
    await assert.rejects(service.removeUser(alice.id, tester), { code: 'conflict' })
    await service.updateUser(alice.id, { password: 'another sentence' }, tester)
    await service.updateUser(second.id, { disabled: false }, tester)
    assert.equal((await service.updateUser(alice.id, { role: 'support' }, tester)).role, 'support')
    await assert.rejects(service.removeUser(second.id, tester), { code: 'conflict' })
    await service.removeUser(alice.id, tester)
  }))

test('of two administrators who demote each other at once one stays', () =>
  people(async (service, alice) => {
    const second = await service.createUser({ ...bob, role: 'administrator' }, tester)
    const done = await Promise.allSettled(
      [alice, second].map(({ id }) => service.updateUser(id, { role: 'support' }, tester)),
    )
    assert.deepEqual(
      done.map(({ status }) => status).toSorted((a, b) => a.localeCompare(b)),
      ['fulfilled', 'rejected'],
    )
  }))

test('a disabled user is out at once and cannot come in, with the answer that a wrong password gets', () =>
  people(async (service) => {
    const { id } = await service.createUser(bob, tester)
    const session = await signIn(service, 'bob', bob.password)
    assert.equal((await service.listUsers()).find((user) => user.id === id)?.sessions, 1)
    assert.partialDeepStrictEqual(await service.updateUser(id, { disabled: true }, tester), {
      disabled: true,
      sessions: 0,
    })
    assert.equal(await service.findSession(session, address), undefined)
    await assert.rejects(signIn(service, 'bob', bob.password), {
      code: 'unauthenticated',
      message: 'name or password is wrong',
    })
    await service.updateUser(id, { disabled: false }, tester)
    await signIn(service, 'bob', bob.password)
  }))

test('a role changes for open sessions, too', () =>
  people(async (service) => {
    const { id } = await service.createUser(bob, tester)
    const session = await signIn(service, 'bob', bob.password)
    await service.updateUser(id, { role: 'support' }, tester)
    assert.equal((await service.findSession(session, address))?.role, 'support')
  }))

test('one changes the own password with the present one; all other sessions end', () =>
  people(async (service, alice, rig) => {
    const [here, there] = [await signIn(service, 'alice'), await signIn(service, 'alice')]
    const actor: Actor = { kind: 'user', id: alice.id, name: 'alice', address }
    const change = (current: string, next: string) =>
      service.changePassword(actor, { current, password: next, session: here })
    await assert.rejects(change('wrong', 'a new sentence'), {
      code: 'invalid',
      errors: [{ path: 'current', message: 'this is not the present password' }],
    })
    await assert.rejects(change(password, 'short'), { code: 'invalid' })
    await change(password, 'a new sentence')
    assert.equal(await service.findSession(there, address), undefined)
    assert.equal((await service.findSession(here, address))?.actor.name, 'alice')
    await assert.rejects(signIn(service, 'alice'), { code: 'unauthenticated' })
    await signIn(service, 'alice', 'a new sentence')
    const key: Actor = { kind: 'apiKey', id: 'key_1', name: 'ci', address }
    await assert.rejects(service.changePassword(key, { current: 'x', password: 'a new sentence', session: null }), {
      code: 'forbidden',
    })
    assert.ok(!rig.bytes().includes('a new sentence'))
  }))

test('guessing the present password through an open session is slowed down as signing in is', () =>
  people(async (service, alice) => {
    const actor: Actor = { kind: 'user', id: alice.id, name: 'alice', address: '192.0.2.77' }
    const guess = () => service.changePassword(actor, { current: 'x', password: 'a new sentence', session: null })
    for (let i = 0; i < 5; i += 1) await assert.rejects(guess(), { code: 'invalid' })
    await assert.rejects(guess(), { code: 'too_many_requests' })
  }))

test('sessions are listed without what signs in, and end all or all but one', () =>
  people(async (service, alice, rig) => {
    const first = await signIn(service, 'alice')
    rig.clock.advance(120_000)
    const second = await signIn(service, 'alice')
    const list = await service.listSessions(alice.id, second)
    assert.deepEqual(
      list.map(({ current }) => current),
      [true, false],
    )
    assert.equal(list[0]?.address, address)
    assert.ok(!JSON.stringify(list).includes(second))
    await service.endSessions(alice.id, tester, second)
    assert.equal(await service.findSession(first, address), undefined)
    assert.ok((await service.findSession(second, address)) !== undefined)
    await service.endSessions(alice.id, tester)
    assert.equal(await service.findSession(second, address), undefined)
    await assert.rejects(service.endSessions('usr_nobody', tester), { code: 'not_found' })
    await signIn(service, 'alice')
    rig.clock.advance(31 * 60_000)
    assert.deepEqual(await service.listSessions(alice.id, null), [])
  }))

test('who reads the token file on the host gets back in; it works once, and the audit tells it', () =>
  people(async (service, alice, rig) => {
    const file = join(rig.dataDir, 'host-token')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const token = readFileSync(file, 'utf8').trim()
    const session = await signIn(service, 'alice')
    await service.createUser({ ...bob, role: 'administrator' }, tester)
    await service.updateUser(alice.id, { disabled: true }, tester)
    await assert.rejects(service.resetAdministrator('x'.repeat(64), 'alice', address), { code: 'forbidden' })
    const fresh = await service.resetAdministrator(token, 'alice', address)
    assert.ok(fresh.length >= 20)
    assert.equal(await service.findSession(session, address), undefined)
    assert.equal((await service.signIn('alice', fresh, address)).identity.role, 'administrator')
    await assert.rejects(service.resetAdministrator(token, 'alice', address), { code: 'forbidden' })
    const again = readFileSync(file, 'utf8').trim()
    const made = await service.resetAdministrator(again, 'carol', address)
    assert.equal((await service.signIn('carol', made, address)).identity.role, 'administrator')
    const { items } = await rig.control.audit.list({ limit: 9, filter: { action: 'admin reset' } })
    assert.deepEqual(
      items.map(({ actor, name }) => `${actor} ${name}`),
      ['host carol', 'host alice'],
    )
    assert.ok(!JSON.stringify(items).includes(fresh) && !rig.bytes().includes(fresh))
  }))

test('every change of people stands in the audit, with before, after and the reason', () =>
  people(async (service, alice, rig) => {
    const author = { ...tester, reason: 'new colleague' }
    const { id } = await service.createUser(bob, author)
    await service.updateUser(id, { role: 'support', password: 'yet another one' }, author)
    await service.endSessions(id, author)
    const key = await service.createApiKey({ name: 'ci', role: 'support', expiresAt: null }, author)
    await service.removeApiKey(key.id, author)
    await service.removeUser(id, author)
    const { items } = await rig.control.audit.list({ limit: 6 })
    assert.deepEqual(
      items.map(({ action, kind, objectId, reason }) => [action, kind, objectId, reason]),
      [
        ['delete', 'user', id, 'new colleague'],
        ['delete', 'apiKey', key.id, 'new colleague'],
        ['create', 'apiKey', key.id, 'new colleague'],
        ['end sessions', 'user', id, 'new colleague'],
        ['update', 'user', id, 'new colleague'],
        ['create', 'user', id, 'new colleague'],
      ],
    )
    assert.deepEqual(items[4]?.after, { role: 'support', disabled: false, password: '(secret)' })
    assert.deepEqual(items[4]?.before, { role: 'engineer', disabled: false })
    assert.ok(!JSON.stringify(items).includes('yet another'))
    assert.equal(alice.username, 'alice')
  }))
