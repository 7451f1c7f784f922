// People over HTTP: changes of users, one's own password and sessions, the way back in.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'

const password = 'correct horse battery staple'
let rig: ApiRig
let eve: string
before(async () => {
  rig = await openApiRig()
  const created = await rig.fetch('POST', '/api/v1/users', { body: { username: 'eve', password, role: 'support' } })
  assert.partialDeepStrictEqual(created.json, { disabled: false, sessions: 0 })
  eve = (created.json as { id: string }).id
})
after(() => rig.close())

async function signIn(given = password): Promise<Record<string, string>> {
  const answer = await rig.fetch('POST', '/api/v1/session', { key: null, body: { username: 'eve', password: given } })
  assert.equal(answer.status, 200)
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { cookie, origin: rig.server.address, 'content-type': 'application/json' }
}

const as = (headers: Record<string, string>, method: string, path: string, body?: object) =>
  rig.fetch(method, `/api/v1${path}`, {
    key: null,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

test('an administrator changes role, password and whether a user may sign in; nobody else does', async () => {
  for (const key of [rig.keys.engineer, rig.keys.support])
    assert.equal((await rig.fetch('PATCH', `/api/v1/users/${eve}`, { key, body: { disabled: true } })).status, 403)
  const path = `/api/v1/users/${eve}`
  assert.partialDeepStrictEqual((await rig.fetch('PATCH', path, { body: { role: 'engineer' } })).json, {
    role: 'engineer',
  })
  assert.equal((await rig.fetch('PATCH', path, { body: {} })).status, 400)
  assert.equal((await rig.fetch('PATCH', '/api/v1/users/nobody', { body: { disabled: true } })).status, 404)
  const session = await signIn()
  assert.equal((await rig.fetch('DELETE', `${path}/sessions`)).status, 204)
  assert.equal((await as(session, 'GET', '/me')).status, 401)
})

test("one's own password and sessions, with the cookie alone", async () => {
  const [one, two] = [await signIn(), await signIn()]
  const { items } = (await as(one, 'GET', '/me/sessions')).json as { items: { current: boolean; seenAt: string }[] }
  assert.equal(items.length, 2)
  assert.equal(items.filter(({ current }) => current).length, 1)
  assert.match(items[0]?.seenAt ?? '', /^\d{4}-/)
  const next = 'a quite different sentence'
  assert.equal((await as(one, 'POST', '/me/password', { current: 'wrong', password: next })).status, 400)
  assert.equal((await as(one, 'POST', '/me/password', { current: password, password: next })).status, 204)
  assert.equal((await as(two, 'GET', '/me')).status, 401)
  const three = await signIn(next)
  assert.equal((await as(one, 'DELETE', '/me/sessions?keepThis')).status, 204)
  assert.equal((await as(three, 'GET', '/me')).status, 401)
  const out = await as(one, 'DELETE', '/me/sessions')
  assert.equal(out.headers.getSetCookie().length, 2)
  assert.equal((await as(one, 'GET', '/me')).status, 401)
  const key = { key: rig.keys.support }
  assert.partialDeepStrictEqual((await rig.fetch('GET', '/api/v1/me/sessions', key)).json, { items: [] })
  const own = { ...key, body: { current: 'x', password: next } }
  assert.equal((await rig.fetch('POST', '/api/v1/me/password', own)).status, 403)
})

test('the token of the host makes an administrator; a page of another site cannot use it', async () => {
  const token = readFileSync(`${rig.dataDir}/host-token`, 'utf8').trim()
  const ask = (body: object, headers: Record<string, string> = {}) =>
    rig.fetch('POST', '/api/v1/admin-reset', { key: null, body, headers })
  assert.equal((await ask({ token }, { origin: 'http://evil.example' })).status, 403)
  assert.equal((await ask({ token: 'wrong' })).status, 403)
  const answer = await ask({ token })
  assert.equal(answer.status, 200)
  const { username, password: fresh } = answer.json as { username: string; password: string }
  assert.equal(username, 'admin')
  const signedIn = await rig.fetch('POST', '/api/v1/session', { key: null, body: { username, password: fresh } })
  assert.partialDeepStrictEqual(signedIn.json, { role: 'administrator' })
})
