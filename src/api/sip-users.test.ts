import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'

let rig: ApiRig
before(async () => {
  rig = await openApiRig()
  rig.answers.accountFailures = () => new Map()
  await rig.fetch('POST', '/api/v1/carriers', { body: { name: 'Acme' } })
  await rig.fetch('POST', '/api/v1/customers', { body: { name: 'PBX' } })
})
after(() => rig.close())

type Json = Record<string, unknown>
const call = async (method: string, path: string, body?: unknown, key?: string) => {
  const answer = await rig.fetch(method, `/api/v1${path}`, { body, ...(key === undefined ? {} : { key }) })
  return { status: answer.status, json: (answer.text === '' ? {} : answer.json) as Json, headers: answer.headers }
}

test('SIP users of a carrier and of a customer: created, listed together and apart, read, replaced, removed', async () => {
  const made = await call('POST', '/carriers/Acme/sip-users', {
    username: '441',
    password: 'S3cret!pw',
    digestAlgorithms: ['SHA-256'],
  })
  assert.equal(made.status, 201)
  assert.equal(made.headers.get('location'), `/api/v1/sip-users/${String(made.json['id'])}`)
  assert.equal(made.json['hasPassword'], true)
  assert.equal('password' in made.json, false)
  assert.equal((await call('POST', '/customers/PBX/sip-users', { username: '442' })).status, 201)
  const names = async (path: string) =>
    ((await call('GET', path)).json['items'] as Json[]).map((item) => item['username'])
  assert.deepEqual(await names('/sip-users'), ['441', '442'])
  assert.deepEqual(await names('/carriers/Acme/sip-users'), ['441'])
  assert.deepEqual(await names('/customers/PBX/sip-users'), ['442'])
  assert.deepEqual(await names('/sip-users?account=PBX'), ['442'])
  assert.deepEqual((await call('GET', '/sip-users/441')).json['digestAlgorithms'], ['SHA-256'])
  const replaced = await call('PUT', '/sip-users/441', { username: '441', channelsMax: 7 })
  assert.deepEqual(
    [replaced.json['channelsMax'], replaced.json['digestAlgorithms'], replaced.json['hasPassword']],
    [7, undefined, true],
  )
  assert.equal((await call('PATCH', '/sip-users/441', { channelsMax: 8 })).json['channelsMax'], 8)
  assert.equal((await call('DELETE', '/sip-users/442')).status, 204)
  assert.equal((await call('GET', '/sip-users/442')).status, 404)
})

test('a generated password is in the answer once, is not kept by caches, and support may not ask for one', async () => {
  const answer = await call('POST', '/sip-users/441/password', { generate: true, overlapSeconds: 60 })
  assert.equal(answer.status, 200)
  assert.equal(String(answer.json['password']).length, 20)
  assert.ok(Date.parse(String(answer.json['previousValidUntil'])) > Date.now() + 30_000)
  assert.match(answer.headers.get('cache-control') ?? '', /no-store/)
  const given = await call('POST', '/sip-users/441/password', { password: 'An0ther!pw' })
  assert.deepEqual([given.json['password'], given.json['previousValidUntil']], [null, null])
  assert.equal((await call('POST', '/sip-users/441/password', {})).status, 400)
  assert.equal((await call('POST', '/sip-users/441/password', { generate: true }, rig.keys.support)).status, 403)
  const audit = JSON.stringify((await call('GET', '/audit?limit=100')).json)
  assert.equal(audit.includes(String(answer.json['password'])), false)
})

test('a username that exists is a conflict with the words people look for', async () => {
  const { status, json } = await call('POST', '/customers/PBX/sip-users', { username: '441' })
  assert.equal(status, 409)
  assert.match(String(json['detail']), /^Duplicate User Detected/)
})
