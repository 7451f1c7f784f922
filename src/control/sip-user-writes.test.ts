import assert from 'node:assert/strict'
import { test } from 'node:test'
import { md5Hex } from '../base/hash.ts'
import { Fault } from '../base/fault.ts'
import { applied, tester, withControl } from '../../test/kit/control-rig.ts'
import type { Control } from './open-control.ts'

const first = 'S3cret!pw'
const second = 'N3w!secret'
const file = {
  system: { realm: 'sip.example.net' },
  carriers: [{ name: 'Acme', channelsMax: 100 }],
  customers: [{ name: 'PBX' }],
}

const accountOf = async (control: Control, name: string): Promise<string> =>
  (await control.config.getAccount(name === 'Acme' ? 'carrier' : 'customer', name)).id

async function create(control: Control, name: string, input: object): Promise<string> {
  return (await control.config.createSipUser(await accountOf(control, name), input, tester)).id
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error: unknown = await work.then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Fault, String(error))
  return error
}

const hashOf = (username: string, password: string): string => md5Hex(`${username}:sip.example.net:${password}`)

/** MD5 hashes a user may sign in with, and until when. */
const secretsOf = (control: Control, username: string) =>
  control.directory.sipUsers
    .find((user) => user.username === username)
    ?.secrets.map(({ hashes, until }) => [hashes.MD5, until])

test('a SIP user is created, read by id and name, changed, removed; its password never comes out', () =>
  withControl(async (rig) => {
    const { control } = rig
    await applied(control, file)
    const id = await create(control, 'Acme', { username: '441', password: first, channelsMax: 10 })
    const stored = await control.config.getSipUser('441')
    assert.equal(stored.id, id)
    assert.equal(stored.hasPassword, true)
    assert.deepEqual(await control.config.getSipUser(id), stored)
    assert.ok(!JSON.stringify(stored).includes(first))
    await control.config.updateSipUser(id, { channelsMax: 20 }, tester)
    assert.equal((await control.config.getSipUser(id)).config.channelsMax, 20)
    assert.deepEqual(secretsOf(control, '441'), [[hashOf('441', first), null]], 'the password stays')
    await control.config.updateSipUser('441', { password: null }, tester)
    assert.deepEqual(secretsOf(control, '441'), [])
    await control.config.removeSipUser('441', tester)
    assert.equal((await faultOf(control.config.getSipUser('441'))).code, 'not_found')
    assert.equal(rig.bytes().includes(first), false)
    assert.equal(rig.bytes().includes(hashOf('441', first)), false, 'the hash is as good as the password')
  }))

test('Duplicate User Detected: a username is unique in the whole system', () =>
  withControl(async ({ control }) => {
    await applied(control, file)
    await create(control, 'Acme', { username: '441' })
    const id = await create(control, 'PBX', { username: '442' })
    const refused = [
      create(control, 'PBX', { username: '441' }),
      control.config.updateSipUser(id, { username: '441' }, tester),
    ]
    for (const work of refused) {
      const fault = await faultOf(work)
      assert.equal(fault.code, 'conflict')
      assert.match(fault.message, /^Duplicate User Detected: .*441 of carrier Acme$/)
      assert.deepEqual(
        fault.errors.map(({ path }) => path),
        ['username'],
      )
    }
  }))

test('No channel capacity available for your account: 50 and 50 of 100 are taken, one more is refused', () =>
  withControl(async ({ control }) => {
    await applied(control, file)
    await create(control, 'Acme', { username: '441', channelsMax: 50 })
    const id = await create(control, 'Acme', { username: '442', channelsMax: 49 })
    const fault = await faultOf(create(control, 'Acme', { username: '443', channelsMax: 2 }))
    assert.deepEqual(fault.errors, [
      {
        path: 'channelsMax',
        message: 'No channel capacity available for your account. Requested 2, remaining 1, limit 100.',
      },
    ])
    await control.config.updateSipUser(id, { channelsMax: 50 }, tester)
    const unlimited = await faultOf(create(control, 'Acme', { username: '443', channelsMax: 0 }))
    assert.match(unlimited.errors[0]?.message ?? '', /Requested 100, remaining 0, limit 100\.$/)
    await create(control, 'PBX', { username: '444', channelsMax: 500 })
  }))

test('a password has at least 8 characters with upper, lower, digit and symbol', () =>
  withControl(async ({ control }) => {
    await applied(control, file)
    for (const password of ['S3cr!pw', 's3cret!pw', 'S3CRET!PW', 'Secret!pw', 'S3cretpww']) {
      const fault = await faultOf(create(control, 'Acme', { username: '441', password }))
      assert.deepEqual(
        fault.errors.map(({ path }) => path),
        ['password'],
        password,
      )
    }
    const id = await create(control, 'Acme', { username: '441', password: first })
    assert.equal((await faultOf(control.config.resetSipPassword(id, { password: 'short' }, tester))).code, 'invalid')
  }))

test('a generated password is strong, told once, and another one each time', () =>
  withControl(async (rig) => {
    const { control, logLines } = rig
    await applied(control, file)
    const id = await create(control, 'Acme', { username: '441' })
    const generated = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const { password } = await control.config.resetSipPassword(id, { generate: true }, tester)
      assert.match(password ?? '', /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[-_.!+*])[-A-Za-z0-9_.!+*]{20}$/)
      assert.deepEqual(secretsOf(control, '441'), [[hashOf('441', password ?? ''), null]])
      generated.add(password ?? '')
    }
    assert.equal(generated.size, 20)
    const kept = `${rig.bytes().toString('latin1')}${logLines.join('\n')}${JSON.stringify(await control.audit.list({ limit: 100 }))}`
    for (const password of generated) assert.equal(kept.includes(password), false)
  }))

test('a reset with an overlap leaves the password before valid for so long, without one it is void at once', () =>
  withControl(async (rig) => {
    const { control, clock } = rig
    await applied(control, file)
    const id = await create(control, 'Acme', { username: '441', password: first })
    const until = clock.wallMs() + 600_000
    const reset = await control.config.resetSipPassword(id, { password: second, overlapSeconds: 600 }, tester)
    assert.deepEqual([reset.password, reset.previousValidUntil], [null, until])
    const both = [
      [hashOf('441', second), null],
      [hashOf('441', first), until],
    ]
    assert.deepEqual(secretsOf(control, '441'), both)
    assert.deepEqual(secretsOf(await rig.reopen(), '441'), both, 'it survives a restart')
  }))

test('a reset without an overlap voids the password before', () =>
  withControl(async ({ control }) => {
    await applied(control, file)
    const id = await create(control, 'Acme', { username: '441', password: first })
    await control.config.resetSipPassword(id, { password: second }, tester)
    assert.deepEqual(secretsOf(control, '441'), [[hashOf('441', second), null]])
    const fault = await faultOf(control.config.resetSipPassword(id, { generate: true, password: first }, tester))
    assert.equal(fault.errors[0]?.path, 'password')
  }))

test('the same file twice changes nothing, also after a reset with an overlap', () =>
  withControl(async ({ control }) => {
    const withUser = { ...file, customers: [{ name: 'PBX', sipUsers: [{ username: '441', password: first }] }] }
    await applied(control, withUser)
    await control.config.resetSipPassword('441', { password: second, overlapSeconds: 60 }, tester)
    const again = { ...file, customers: [{ name: 'PBX', sipUsers: [{ username: '441', password: second }] }] }
    assert.equal((await applied(control, again)).plan.length, 0)
    assert.equal(secretsOf(control, '441')?.length, 2)
  }))

test('a new username needs a new password, because the hash holds both', () =>
  withControl(async ({ control }) => {
    await applied(control, file)
    const id = await create(control, 'Acme', { username: '441', password: first })
    const fault = await faultOf(control.config.updateSipUser(id, { username: '442' }, tester))
    assert.equal(fault.errors[0]?.path, 'username')
    await control.config.updateSipUser(id, { username: '442', password: first }, tester)
    assert.deepEqual(secretsOf(control, '442'), [[hashOf('442', first), null]])
  }))

test('the realm is fixed as soon as a password is hashed with it', () =>
  withControl(async ({ control }) => {
    await applied(control, { carriers: [{ name: 'Acme', channelsMax: 100 }] })
    await create(control, 'Acme', { username: '441', password: first })
    const fault = await faultOf(control.config.updateSystem({ realm: 'other' }, tester))
    assert.equal(fault.errors[0]?.path, 'realm')
  }))

test('a SIP user that a route names is not removed', () =>
  withControl(async ({ control }) => {
    await applied(control, {
      ...file,
      customers: [{ name: 'PBX', sipUsers: [{ username: '441' }] }],
      routes: [{ prefix: '1', targets: [{ sipUser: '441' }] }],
    })
    const fault = await faultOf(control.config.removeSipUser('441', tester))
    assert.equal(fault.code, 'conflict')
    assert.match(fault.message, /prefix 1/)
  }))

test('the key of the nonces is made once and never lies in the database in clear', () =>
  withControl(async (rig) => {
    const { control } = rig
    await applied(control, file)
    const key = control.directory.nonceKey
    assert.ok(Buffer.from(key, 'base64').length >= 32)
    assert.equal((await rig.reopen()).directory.nonceKey, key)
    assert.equal(rig.bytes().includes(key), false)
  }))
