// Changes over HTTP: conflicts with the difference, several at once, reply rules, history, reasons.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'

let rig: ApiRig
before(async () => {
  rig = await openApiRig()
  for (const name of ['Acme', 'Beta']) await rig.fetch('POST', '/api/v1/carriers', { body: { name } })
})
after(() => rig.close())

const carrier = async (name: string): Promise<{ id: string; etag: string }> =>
  (await rig.fetch('GET', `/api/v1/carriers/${name}`)).json as { id: string; etag: string }

test('412 carries the object as it is now and what differs', async () => {
  const { etag } = await carrier('Acme')
  await rig.fetch('PATCH', '/api/v1/carriers/Acme', { body: { channelsMax: 5 } })
  const late = await rig.fetch('PATCH', '/api/v1/carriers/Acme', {
    body: { channelsMax: 9 },
    headers: { 'if-match': `"${etag}"` },
  })
  assert.equal(late.status, 412)
  assert.equal(late.headers.get('content-type'), 'application/problem+json')
  const now = await carrier('Acme')
  assert.partialDeepStrictEqual(late.json, {
    code: 'precondition_failed',
    current: { id: now.id, etag: now.etag, name: 'Acme', channelsMax: 5, kind: 'carrier' },
    changes: [{ field: 'channelsMax', before: 0, yours: 9, theirs: 5 }],
  })
  const { updatedAt } = (late.json as { current: { updatedAt: string } }).current
  assert.match(updatedAt, /^\d{4}-\d\d-\d\dT/)
})

test('several at once are one revision, or nothing is stored', async () => {
  const done = await rig.fetch('PATCH', '/api/v1/carriers', {
    body: { ids: ['Acme', 'Beta'], changes: { callsPerSecondMax: 3 } },
  })
  assert.partialDeepStrictEqual(done.json, { applied: true, items: [{ ok: true }, { ok: true }] })
  const wrong = await rig.fetch('PATCH', '/api/v1/carriers', {
    body: { ids: ['Acme', 'Nobody'], changes: { callsPerSecondMax: 4 } },
  })
  assert.partialDeepStrictEqual(wrong.json, { applied: false, items: [{ ok: true }, { ok: false, code: 'not_found' }] })
  assert.partialDeepStrictEqual(await carrier('Acme'), { callsPerSecondMax: 3 })
  for (const path of ['/api/v1/endpoints', '/api/v1/sip-users']) {
    const none = await rig.fetch('PATCH', path, { body: { ids: ['x'], changes: {} } })
    assert.partialDeepStrictEqual(none.json, { applied: false, items: [{ code: 'not_found' }] })
  }
})

test('reply rules are a part of their account, with its tag', async () => {
  const path = '/api/v1/carriers/Acme/reply-rules'
  const replyRules = [{ code: 404, action: 'failover' }]
  const stored = await rig.fetch('PUT', path, { body: { replyRules } })
  assert.deepEqual(stored.json, { replyRules })
  const read = await rig.fetch('GET', path, { key: rig.keys.support })
  assert.deepEqual(read.json, { replyRules })
  assert.equal(read.headers.get('etag'), `"${(await carrier('Acme')).etag}"`)
  const wrong = await rig.fetch('PUT', path, { body: { replyRules: [{ code: 302, action: 'failover' }] } })
  assert.partialDeepStrictEqual(wrong.json, { errors: [{ path: 'replyRules[0].code' }] })
  assert.equal((await rig.fetch('PUT', path, { body: { replyRules }, headers: { 'if-match': '"r1"' } })).status, 412)
})

test('one revision with its changes, and the history of one object', async () => {
  const { id } = await carrier('Acme')
  const { items } = (await rig.fetch('GET', `/api/v1/config/revisions?object=${id}`)).json as {
    items: { revision: number; changes: { name: string }[] }[]
  }
  assert.ok(items.length >= 3 && items.every(({ changes }) => changes.every(({ name }) => name === 'Acme')))
  const one = await rig.fetch('GET', `/api/v1/config/revisions/${items[0]?.revision}`)
  assert.partialDeepStrictEqual(one.json, {
    actor: 'administrator key',
    changes: [{ kind: 'carrier', action: 'update' }],
  })
  assert.equal((await rig.fetch('GET', '/api/v1/config/revisions/9999')).status, 404)
  assert.equal((await rig.fetch('GET', '/api/v1/config/revisions/none')).status, 400)
  const audit = await rig.fetch('GET', `/api/v1/audit?object=${id}&kind=carrier&from=2020-01-01T00:00:00Z`)
  assert.partialDeepStrictEqual(audit.json, { items: [{ objectId: id }] })
  assert.equal(((await rig.fetch('GET', '/api/v1/audit?to=2020-01-01T00:00:00Z')).json as { total: number }).total, 0)
  assert.equal((await rig.fetch('GET', '/api/v1/audit?from=yesterday')).status, 400)
})

test('the audit of an account holds what belongs to it, also when it is gone, and nothing of others', async () => {
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, string>> => {
    const { status, text } = await rig.fetch(method, `/api/v1${path}`, body === undefined ? {} : { body })
    assert.ok(status < 300, `${method} ${path}: ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Record<string, string>)
  }
  rig.answers.resetFailures = () => true
  const { id } = await call('POST', '/customers', { name: 'Owner' })
  await call('POST', '/customers', { name: 'Another' })
  const entry = { name: 'in-1', direction: 'sends', addresses: ['198.51.100.77'] }
  const endpoint = await call('POST', '/customers/Owner/endpoints', entry)
  await call('POST', '/customers/Owner/sip-users', { username: '7177', password: 'Secret-12345' })
  await call('POST', '/customers/Owner/payments', { description: 'x', amount: '1.00', status: 'completed' })
  await call('POST', '/customers/Owner/reset-failures')
  await rig.control.suspensions.set(id ?? '', 'penalty', 'alert', null)
  await call('PATCH', `/endpoints/${endpoint['id']}`, { notes: 'moved' })
  await call('DELETE', `/endpoints/${endpoint['id']}`)
  const { items } = (await rig.fetch('GET', `/api/v1/audit?account=${id}`)).json as {
    items: { action: string; kind: string }[]
  }
  assert.deepEqual(
    items.map(({ action, kind }) => `${action} ${kind}`),
    [
      'delete endpoint',
      'update endpoint',
      'suspend customer',
      'reset failures customer',
      'create payment',
      'create sipUser',
      'create endpoint',
      'create customer',
    ],
  )
})

test('where a reason is required every change gives one; previews, sign-out and reading need none', async () => {
  assert.equal((await rig.fetch('PATCH', '/api/v1/system', { body: { requireReason: true } })).status, 200)
  const refused = await rig.fetch('PATCH', '/api/v1/carriers/Acme', { body: { notes: 'x' } })
  assert.equal(refused.status, 400)
  assert.partialDeepStrictEqual(refused.json, { errors: [{ path: 'X-Reason' }] })
  assert.equal((await rig.fetch('POST', '/api/v1/blocks', { body: { address: '192.0.2.9' } })).status, 400)
  assert.equal((await rig.fetch('DELETE', '/api/v1/carriers/Beta')).status, 400)
  const user = { username: 'eve', password: 'a long sentence', role: 'support' }
  assert.equal((await rig.fetch('POST', '/api/v1/users', { body: user })).status, 400)
  assert.equal((await rig.fetch('POST', '/api/v1/config/apply?dryRun', { body: {} })).status, 200)
  const preview = { text: '192.0.2.1', defaults: { direction: 'receives' }, dryRun: true }
  assert.equal((await rig.fetch('POST', '/api/v1/carriers/Acme/endpoints/bulk', { body: preview })).status, 200)
  const headers = { 'x-reason': encodeURIComponent('Wunsch von Łukasz, 50 %') }
  assert.equal((await rig.fetch('PATCH', '/api/v1/carriers/Acme', { body: { notes: 'x' }, headers })).status, 200)
  const plain = { 'x-reason': '50% more' }
  assert.equal(
    (await rig.fetch('PATCH', '/api/v1/system', { body: { requireReason: false }, headers: plain })).status,
    200,
  )
  const { items } = (await rig.fetch('GET', '/api/v1/audit?limit=2')).json as { items: { reason: string }[] }
  assert.deepEqual(
    items.map(({ reason }) => reason),
    ['50% more', 'Wunsch von Łukasz, 50 %'],
  )
})
