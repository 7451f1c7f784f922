// A restore while calls run: they go on, count in the limits of what was restored and leave their records there. And a backup
// that passes every check, but cannot be put in force: the data before it are, and the server says so.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { placeCall } from '../browser/sip-caller.ts'
import { openSipResponder } from '../browser/sip-responder.ts'
import { ServerProcess } from '../kit/server-process.ts'

const net = '127.0.158'

const fileOf = (port: number): DeclarativeInput => ({
  carriers: [{ name: 'Acme', endpoints: [{ name: 'gw', direction: 'receives', addresses: [`${net}.11`], port }] }],
  customers: [
    { name: 'PBX', channelsMax: 1, endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] },
  ],
  routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
})

async function open(t: TestContext, last: number) {
  const gateway = await openSipResponder(`${net}.11`)
  const server = await ServerProcess.start({ sip: `${net}.${last}:5060`, file: fileOf(gateway.port) })
  t.after(async () => {
    await server.remove()
    await gateway.close()
  })
  const edge = { address: `${net}.${last}`, port: 5060 }
  const call = async () => {
    const caller = await placeCall({ address: `${net}.2`, edge, number: '441782000000' })
    t.after(() => caller.close())
    return caller
  }
  return { server, gateway, call }
}

interface LimitRow {
  readonly scope: string
  readonly name: string
  readonly kind: string
  readonly limit: number
  readonly used: number
}

const channelsOf = async (server: ServerProcess): Promise<LimitRow | undefined> =>
  (await server.get<{ items: LimitRow[] }>('/api/v1/limits?limit=1000')).items.find(
    ({ name, kind, limit }) => name === 'PBX' && kind === 'channels' && limit > 0,
  )

const carriersOf = async (server: ServerProcess): Promise<string> => {
  const { items } = await server.get<{ items: { name: string }[] }>('/api/v1/carriers')
  return items.map(({ name }) => name).join()
}

test('a running call survives a restore: limits, end and record are those of the restored configuration', async (t) => {
  const { server, gateway, call } = await open(t, 1)
  const backup = await server.backup()
  await server.request('PATCH', '/api/v1/customers/PBX', { channelsMax: 5 })
  await server.request('POST', '/api/v1/carriers', { name: 'Later' })
  const running = await call()
  assert.equal(await running.final, 200)
  assert.equal((await server.request('POST', '/api/v1/restore', backup)).status, 200)
  await server.eventually(
    'the restored configuration',
    () => carriersOf(server).catch(() => ''),
    (names) => names === 'Acme',
  )
  assert.equal((await server.get<{ items: unknown[] }>('/api/v1/calls')).items.length, 1)
  assert.partialDeepStrictEqual(await channelsOf(server), { limit: 1, used: 1 })
  const second = await call()
  assert.equal(await second.final, 503, 'the restored limit counts the call that was there before')
  await running.hangUp()
  await server.eventually(
    'the BYE at the gateway',
    async () => gateway.requests,
    (requests) => requests.some((line) => line.startsWith('BYE ')),
  )
  const { items } = await server.eventually(
    'both records in the restored database',
    () => server.get<{ items: { outcome: string }[] }>('/api/v1/call-records'),
    (records) => records.items.length === 2,
  )
  assert.deepEqual(items.map(({ outcome }) => outcome).toSorted(), ['answered', 'refused'])
  assert.partialDeepStrictEqual(await channelsOf(server), { limit: 1, used: 0 })
  const third = await call()
  assert.equal(await third.final, 200)
  await third.hangUp()
  assert.deepEqual((await server.get<{ troubles: string[] }>('/readyz')).troubles, [])
})

test('what cannot be put in force gives way to the data before it, and the server says so everywhere', async (t) => {
  const passwordFile = join(mkdtempSync(join(tmpdir(), 'tollgate-weak-')), 'password')
  t.after(() => rmSync(dirname(passwordFile), { recursive: true }))
  // Refused where it is needed: for a database without an administrator, which the backup is.
  writeFileSync(passwordFile, 'password')
  const { server, call } = await open(t, 3)
  const backup = await server.backup()
  const admin = { username: 'admin', role: 'administrator', password: 'a long enough pass-phrase' }
  assert.equal((await server.request('POST', '/api/v1/users', admin)).status, 201)
  assert.equal(await server.kill('SIGTERM'), 0)
  await server.start({ TOLLGATE_ADMIN_PASSWORD_FILE: passwordFile })
  const running = await call()
  assert.equal(await running.final, 200)
  assert.equal((await server.request('POST', '/api/v1/restore', backup)).status, 200)
  const told = await server.eventually(
    'what went wrong',
    () => server.get<{ ready: boolean; troubles: string[] }>('/readyz').catch(() => ({ ready: false, troubles: [] })),
    ({ troubles }) => troubles.length > 0,
  )
  assert.equal(told.ready, true)
  assert.match(
    told.troubles.join(),
    /^the last restore failed, and the data before it are in force: password: too common$/,
  )
  assert.ok(server.log.some((line) => line.includes('going back to the data before it')))
  const audit = await server.get<{ items: { action: string; reason: string }[] }>('/api/v1/audit')
  assert.equal(audit.items[0]?.action, 'restore failed')
  const users = await server.get<{ items: { username: string }[] }>('/api/v1/users')
  assert.deepEqual(
    users.items.map(({ username }) => username),
    ['admin'],
  )
  // Everything works on, and the record of the call that ran all the time is there.
  assert.equal((await server.request('POST', '/api/v1/carriers', { name: 'After' })).status, 201)
  await running.hangUp()
  await server.eventually(
    'the record',
    () => server.get<{ total: number }>('/api/v1/call-records'),
    ({ total }) => total === 1,
  )
  // And the next start finds the same.
  assert.equal(await server.kill('SIGKILL'), null)
  await server.start({})
  assert.equal(await carriersOf(server), 'Acme,After')
})
