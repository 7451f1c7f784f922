// Who may do what: every operation with every role, against the running server.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { Fault } from '../base/fault.ts'
import type { ApiApp } from './app.ts'
import { basePath, findOperation, methodsOf, operations, type Operation } from './operations.ts'
import { buildApi } from './server.ts'
import { rolesFor } from '../contract/access.ts'

const roles = ['administrator', 'engineer', 'support'] as const
const called = operations.filter((operation) => operation.tag !== 'Console')

/** Status alone; the event stream never ends by itself. */
async function statusOf(rig: ApiRig, { method, path }: Operation, key: string | null): Promise<number> {
  const response = await fetch(rig.server.address + path.replace(':id', 'nobody'), {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(method === 'GET' || method === 'DELETE' ? {} : { 'content-type': 'application/json' }),
    },
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }),
  })
  await response.body?.cancel()
  return response.status
}

let rig: ApiRig
before(async () => {
  rig = await openApiRig()
  Object.assign(rig.answers, {
    simulate: () => ({ verdict: 'refuse', code: 403, reason: 'x', steps: [], candidates: [] }),
    gateways: () => [],
    calls: () => [],
    call: () => null,
    endCall: () => false,
    limits: () => [],
    rejections: () => [],
    registrations: () => [],
    testCalls: () => [],
    testCall: () => null,
    metrics: () => [],
  })
})
after(() => rig.close())

test('each operation answers each role as the table says, and nobody without a key', async () => {
  const wrong: string[] = []
  for (const operation of called) {
    const { method, path, access } = operation
    const open = access === 'always' || access === 'afterSetup' || access === 'metrics'
    for (const role of [...roles, null]) {
      // One after the other: some of them write.
      const status = await statusOf(rig, operation, role === null ? null : rig.keys[role])
      const allowed = open || (role !== null && access.includes(role))
      const expected = allowed ? 'neither 401 nor 403' : role === null ? '401' : '403'
      const got = status === 401 || status === 403 ? String(status) : 'neither 401 nor 403'
      if (got !== expected) wrong.push(`${method} ${path} as ${role}: ${status}, expected ${expected}`)
    }
  }
  assert.deepEqual(wrong, [])
  assert.ok(called.length >= 60, `only ${called.length} operations`)
})

test('a wrong, an empty and a revoked key are no key', async () => {
  const { keys, control } = rig
  const revoked = await control.people.createApiKey(
    { name: 'short-lived', role: 'administrator', expiresAt: null },
    { kind: 'system', id: null, name: 'test', address: null },
  )
  assert.equal((await rig.fetch('GET', '/api/v1/me', { key: revoked.key })).status, 200)
  assert.equal((await rig.fetch('DELETE', `/api/v1/api-keys/${revoked.id}`)).status, 204)
  for (const key of [revoked.key, `${keys.support}x`, keys.support.slice(0, -1), ' ', 'a b'])
    assert.equal((await rig.fetch('GET', '/api/v1/me', { key, headers: {} })).status, 401, key)
})

test('Authorization with another scheme is 401, also beside a good cookie', async () => {
  const answer = await rig.fetch('GET', '/api/v1/me', { key: null, headers: { authorization: 'Basic YTpi' } })
  assert.equal(answer.status, 401)
  assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
})

test('support changes nothing: it may sign out, change its own password, probe and test', () => {
  const changes = operations.filter(({ access, change }) => change && access.includes('support'))
  assert.deepEqual(
    changes.map(({ method, path }) => `${method} ${path}`),
    [
      `DELETE ${basePath}/session`,
      `POST ${basePath}/me/password`,
      `DELETE ${basePath}/me/sessions`,
      `POST ${basePath}/gateways/:id/probe`,
      `POST ${basePath}/test-calls`,
    ],
  )
})

test('engineers do everything but people and backups', () => {
  const withheld = operations.filter(({ access }) => Array.isArray(access) && !access.includes('engineer'))
  const other = withheld.filter(({ tag }) => tag !== 'People').map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(other, [`POST ${basePath}/backup`, `POST ${basePath}/restore`])
  assert.equal(withheld.length, 10)
})

test('a route without a row of the table does not start', async () => {
  const context = { version: 'x', log: { warn: () => undefined } } as never
  const app: ApiApp = await buildApi({ host: '127.0.0.1', port: 0, context, staticDir: null })
  assert.throws(
    () => app.get('/api/v1/back-door', async () => 'open'),
    (error) => error instanceof Fault && error.message.includes('GET /api/v1/back-door'),
  )
  await app.close()
})

test('methods of a path', () => {
  assert.deepEqual(methodsOf('/api/v1/carriers/abc'), ['GET', 'PUT', 'PATCH', 'DELETE'])
  assert.deepEqual(methodsOf('/api/v1/carriers/abc/d'), [])
  assert.deepEqual(methodsOf('/api/v1/call-recordsXcsv'), [])
  assert.equal(findOperation('GET', '/api/v1/carriers/:id')?.tag, 'Carriers')
})

test('the rules that the console knows say the same as the table of the operations', () => {
  const wrong = called
    .filter(({ access }) => typeof access !== 'string')
    .map(({ method, path, access }) => ({ name: `${method} ${path.replace(basePath, '')}`, access }))
    .filter(({ name, access }) => JSON.stringify(rolesFor(name)) !== JSON.stringify(access))
  assert.deepEqual(wrong, [])
})
