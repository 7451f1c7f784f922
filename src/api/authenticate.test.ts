// Sessions, requests from other sites, metrics without a key.
import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { isLoopback, mayReadMetrics } from './metrics.ts'

const password = 'correct horse battery staple'
const json = { 'content-type': 'application/json' }

let rig: ApiRig
let cookie: string
let own: Record<string, string>
const signIn = async (headers: Record<string, string> = {}) =>
  rig.fetch('POST', '/api/v1/session', { key: null, headers, body: { username: 'eve', password } })
before(async () => {
  rig = await openApiRig()
  const created = await rig.fetch('POST', '/api/v1/users', {
    body: { username: 'eve', password, role: 'engineer' },
  })
  assert.equal(created.status, 201)
  cookie = ((await signIn()).headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  own = { cookie, origin: rig.server.address, ...json }
})
after(() => rig.close())

test('the cookie is HttpOnly, SameSite=Strict, Path=/, and Secure with __Host- over TLS', async () => {
  assert.match(
    (await signIn()).headers.get('set-cookie') ?? '',
    /^tollgate_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  )
  const host = new URL(rig.server.address).host
  assert.match(
    (await signIn({ origin: `https://${host}` })).headers.get('set-cookie') ?? '',
    /^__Host-tollgate_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  )
})

test('a wrong password and an unknown name get the same answer', async () => {
  const [wrong, unknown] = await Promise.all(
    ['eve', 'nobody'].map((username) =>
      rig.fetch('POST', '/api/v1/session', { key: null, body: { username, password: 'wrong wrong wrong' } }),
    ),
  )
  assert.equal(wrong?.status, 401)
  assert.equal(wrong?.text, unknown?.text)
  assert.equal(wrong?.headers.get('set-cookie'), null)
})

test('reading needs the cookie alone', async () => {
  const answer = await rig.fetch('GET', '/api/v1/me', { key: null, headers: { cookie } })
  assert.partialDeepStrictEqual(answer.json, { kind: 'user', name: 'eve', role: 'engineer' })
})

test('a change needs our own Origin or Sec-Fetch-Site, and a JSON content type', async () => {
  const block = (headers: Record<string, string>) =>
    rig.fetch('POST', '/api/v1/blocks', { key: null, headers, body: JSON.stringify({ address: '203.0.113.9' }) })
  const { origin: _, ...withoutOrigin } = own
  const cases: [string, Record<string, string>, number][] = [
    ['neither Origin nor Sec-Fetch-Site', withoutOrigin, 403],
    ['another Origin', { ...own, origin: 'http://evil.example' }, 403],
    ['the same host on another port', { ...own, origin: 'http://127.0.0.1:1' }, 403],
    ['Origin null', { ...own, origin: 'null' }, 403],
    ['Sec-Fetch-Site cross-site', { ...own, 'sec-fetch-site': 'cross-site' }, 403],
    ['Sec-Fetch-Site same-site', { ...own, 'sec-fetch-site': 'same-site' }, 403],
    ['text/plain', { ...own, 'content-type': 'text/plain' }, 415],
    ['a form', { ...own, 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['no content type', { cookie, origin: rig.server.address, 'content-type': '' }, 415],
    ['Sec-Fetch-Site same-origin without Origin', { ...withoutOrigin, 'sec-fetch-site': 'same-origin' }, 201],
  ]
  for (const [name, headers, status] of cases) assert.equal((await block(headers)).status, status, name)
  const { total } = (await rig.control.config.listBlocks({ limit: 10 })) as { total: number }
  assert.equal(total, 1)
})

test('a change without a body needs the JSON content type, too', async () => {
  const { 'content-type': _, ...bare } = own
  const probe = (headers: Record<string, string>) =>
    rig.fetch('POST', '/api/v1/gateways/nobody/probe', { key: null, headers })
  rig.answers.gateways = () => []
  assert.equal((await probe(bare)).status, 415)
  assert.equal((await probe(own)).status, 404)
  assert.equal((await rig.fetch('POST', '/api/v1/gateways/nobody/probe')).status, 404)
})

test('signing in from a page of another site is refused', async () => {
  assert.equal((await signIn({ origin: 'http://evil.example' })).status, 403)
  assert.equal((await signIn({ 'sec-fetch-site': 'cross-site' })).status, 403)
})

test('the role of the session counts', async () => {
  const answer = await rig.fetch('GET', '/api/v1/users', { key: null, headers: { cookie } })
  assert.partialDeepStrictEqual(answer.json, { status: 403, code: 'forbidden' })
})

test('signing out ends the session on the server and clears both cookies', async () => {
  const other = ((await signIn()).headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const headers = { cookie: other, origin: rig.server.address }
  const out = await rig.fetch('DELETE', '/api/v1/session', { key: null, headers })
  assert.equal(out.status, 204)
  assert.equal(out.headers.getSetCookie().length, 2)
  assert.equal((await rig.fetch('GET', '/api/v1/me', { key: null, headers: { cookie: other } })).status, 401)
  assert.equal((await rig.fetch('GET', '/api/v1/me', { key: null, headers: { cookie } })).status, 200)
})

test('a new key is shown once and expires', async () => {
  const created = await rig.fetch('POST', '/api/v1/api-keys', { body: { name: 'ci', role: 'support' } })
  assert.equal(created.status, 201)
  const { key, id } = created.json as { key: string; id: string }
  const list = await rig.fetch('GET', '/api/v1/api-keys')
  assert.ok(list.text.includes(id))
  assert.ok(!list.text.includes(key))
  const past = await rig.fetch('POST', '/api/v1/api-keys', {
    body: { name: 'old', role: 'support', expiresAt: '2020-01-01T00:00:00Z' },
  })
  assert.equal(past.status, 400)
})

test('passwords and keys are in no answer and in no log line', async () => {
  const audit = await rig.fetch('GET', '/api/v1/audit')
  assert.ok((audit.json as { total: number }).total > 0)
  for (const secret of [password, cookie.split('=')[1] ?? '', rig.keys.administrator])
    assert.ok(!audit.text.includes(secret) && !rig.logLines.join('\n').includes(secret))
})

test('metrics need no key on loopback, asked by its own name and directly', () => {
  const request = (headers: IncomingHttpHeaders) => ({ headers })
  assert.equal(mayReadMetrics(request({ host: '127.0.0.1:8080' }), '127.0.0.1'), true)
  assert.equal(mayReadMetrics(request({ host: 'localhost:8080' }), '::1'), true)
  assert.equal(mayReadMetrics(request({ host: '[::1]:8080' }), 'localhost'), true)
  assert.equal(mayReadMetrics(request({ host: '127.0.0.1:8080' }), '0.0.0.0'), false)
  assert.equal(mayReadMetrics(request({ host: 'rebound.example:8080' }), '127.0.0.1'), false)
  assert.equal(mayReadMetrics(request({ host: '127.0.0.1', 'x-forwarded-for': '203.0.113.9' }), '127.0.0.1'), false)
  assert.equal(mayReadMetrics(request({ host: '127.0.0.1', forwarded: 'for=203.0.113.9' }), '127.0.0.1'), false)
  assert.equal(isLoopback('127.9.9.9'), true)
  assert.equal(isLoopback('::2'), false)
  assert.equal(isLoopback('example.net'), false)
})

test('metrics on a server that listens on every address need a key of any role', async () => {
  const open = await openApiRig({ host: '0.0.0.0' })
  open.answers.metrics = () => [{ metric: 'directoryRevision', labels: [], values: [7] }]
  try {
    assert.equal((await open.fetch('GET', '/metrics', { key: null })).status, 401)
    const answer = await open.fetch('GET', '/metrics', { key: open.keys.support })
    assert.match(answer.text, /^tollgate_directory_revision 7$/m)
    assert.match(answer.text, /^tollgate_event_loop_delay_seconds\{thread="control"\} [\d.e-]+$/m)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  } finally {
    await open.close()
  }
})
