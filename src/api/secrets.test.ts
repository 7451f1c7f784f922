// Twenty planted secrets: none of them is in any answer, event, log line, export, database file or backup. What is made
// by the server is told once, in the answer that made it.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { operations } from './operations.ts'

let rig: ApiRig
const secrets = new Map<string, string>()
const ids = new Map<string, string>()

const plant = (name: string): string => {
  const secret = `Pl4nted-${name}-${'x'.repeat(4)}!`
  secrets.set(name, secret)
  return secret
}

async function post(path: string, body: object, method = 'POST'): Promise<Record<string, string>> {
  const { status, text } = await rig.fetch(method, `/api/v1${path}`, { body })
  assert.ok(status < 300, `${method} ${path}: ${status} ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>)
}

async function plantPeople(): Promise<void> {
  const user = { username: 'eve', role: 'engineer', password: plant('user-first') }
  const eve = await post('/users', user)
  ids.set('users', eve['id'] ?? '')
  await post(`/users/${eve['id']}`, { password: plant('user-second') }, 'PATCH')
  const signIn = { username: 'eve', password: secrets.get('user-second') }
  const signedIn = await rig.fetch('POST', '/api/v1/session', { key: null, body: signIn })
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  secrets.set('session', cookie.split('=')[1] ?? '')
  const own = { cookie, origin: rig.server.address, 'content-type': 'application/json' }
  const change = { current: secrets.get('user-second'), password: plant('user-third') }
  const changed = await rig.fetch('POST', '/api/v1/me/password', {
    key: null,
    headers: own,
    body: JSON.stringify(change),
  })
  assert.equal(changed.status, 204)
  const wrong = { username: 'eve', password: plant('mistyped') }
  await rig.fetch('POST', '/api/v1/session', { key: null, body: wrong })
  secrets.set('api-key', (await post('/api-keys', { name: 'ci', role: 'support' }))['key'] ?? '')
  for (const role of ['administrator', 'engineer', 'support'] as const) secrets.set(`key-${role}`, rig.keys[role])
  secrets.set('unknown-key', plant('unknown-key'))
  await rig.fetch('GET', '/api/v1/me', { key: secrets.get('unknown-key') ?? '' })
  const token = readFileSync(join(rig.dataDir, 'host-token'), 'utf8').trim()
  secrets.set('host-token', token)
  secrets.set('admin-reset', (await post('/admin-reset', { token }))['password'] ?? '')
}

async function plantConfiguration(): Promise<void> {
  const gateway = { direction: 'receives', addresses: ['192.0.2.1'], username: 'u' }
  const file = {
    carriers: [
      {
        name: 'Acme',
        endpoints: [{ ...gateway, name: 'gw-file', password: plant('endpoint-file') }],
        sipUsers: [{ username: '1', password: plant('sip-file') }],
      },
    ],
  }
  await post('/config/apply', file)
  const made = { ...gateway, name: 'gw-api', addresses: ['192.0.2.2'], password: plant('endpoint-first') }
  const endpoint = await post('/carriers/Acme/endpoints', made)
  ids.set('endpoints', endpoint['id'] ?? '')
  await post(`/endpoints/${endpoint['id']}`, { password: plant('endpoint-second') }, 'PATCH')
  const csv = `name,address,username,password\nbulk,192.0.2.3,u,${plant('bulk-csv')}`
  await post('/carriers/Acme/endpoints/bulk', { csv, defaults: { direction: 'receives' } })
  const defaults = { direction: 'receives', username: 'u', password: plant('bulk-default') }
  await post('/carriers/Acme/endpoints/bulk', { text: '192.0.2.4', defaults })
  await post('/carriers/Acme/sip-users', { username: '2', password: plant('sip-first') })
  await post('/sip-users/2/password', { password: plant('sip-second'), overlapSeconds: 600 })
  secrets.set('sip-generated', (await post('/sip-users/2/password', { generate: true }))['password'] ?? '')
  secrets.set('webhook', (await post('/webhook-secret', {}))['secret'] ?? '')
  // Refusals tell what is wrong, not what was sent.
  const refused = { ...gateway, name: 'gw-api', password: plant('refused') }
  await rig.fetch('POST', '/api/v1/carriers/Acme/endpoints', { body: refused })
  const unknown = { username: '3', password: plant('refused-field'), colour: 'red' }
  await rig.fetch('POST', '/api/v1/carriers/Acme/sip-users', { body: unknown })
}

before(async () => {
  rig = await openApiRig()
  const nothing = () => []
  Object.assign(rig.answers, {
    gateways: nothing,
    calls: nothing,
    limits: nothing,
    rejections: nothing,
    metrics: nothing,
  })
  Object.assign(rig.answers, { registrations: nothing, call: () => null })
  await plantPeople()
  await plantConfiguration()
})
after(() => rig.close())

function assertNone(where: string, bytes: string | Buffer): void {
  for (const [name, secret] of secrets) {
    assert.ok(secret.length >= 8, name)
    assert.ok(!bytes.includes(secret), `${name} is in ${where}`)
  }
}

const idOf = (path: string): string => {
  const kind = /\/api\/v1\/([a-z-]+)\/:id/.exec(path)?.[1] ?? ''
  return ids.get(kind) ?? { carriers: 'Acme', 'sip-users': '2' }[kind] ?? 'nobody'
}

test('at least 20 secrets are planted, all different', () => {
  assert.ok(secrets.size >= 20, `${secrets.size}`)
  assert.equal(new Set(secrets.values()).size, secrets.size)
})

test('no reading operation shows one, to any role', async () => {
  const reading = operations.filter(
    ({ method, path, tag }) => method === 'GET' && tag !== 'Console' && !/events/.test(path),
  )
  for (const { path } of reading)
    for (const key of Object.values(rig.keys)) {
      const url = path.replace(':id', idOf(path)).replace(':revision', '2')
      const { text } = await rig.fetch('GET', url, { key })
      assertNone(`GET ${url}`, text)
    }
  for (let revision = 1; revision <= rig.control.config.revision; revision += 1)
    assertNone(`revision ${revision}`, (await rig.fetch('GET', `/api/v1/config/revisions/${revision}`)).text)
  const yaml = await rig.fetch('GET', '/api/v1/config/export', { headers: { accept: 'application/yaml' } })
  assertNone('the export', yaml.text)
  const { text } = await rig.fetch('GET', '/api/v1/audit?limit=1000')
  assertNone('the audit', text)
  assert.ok(text.includes('(secret)'))
})

test('a conflict and a plan show none', async () => {
  const id = ids.get('endpoints') ?? ''
  const late = await rig.fetch('PATCH', `/api/v1/endpoints/${id}`, {
    body: { weight: 9, password: secrets.get('refused') },
    headers: { 'if-match': '"r1"' },
  })
  assert.equal(late.status, 412)
  assertNone('a conflict', late.text)
  const endpoints = [
    { name: 'gw-file', direction: 'receives', addresses: ['192.0.2.1'], password: secrets.get('refused') },
  ]
  const plan = await rig.fetch('POST', '/api/v1/config/diff', { body: { carriers: [{ name: 'Acme', endpoints }] } })
  assert.ok(plan.text.includes('(secret)'))
  assertNone('a plan', plan.text)
})

test('events show none to support', async () => {
  const abort = new AbortController()
  const headers = { authorization: `Bearer ${rig.keys.support}` }
  const stream = await fetch(`${rig.server.address}/api/v1/events`, { headers, signal: abort.signal })
  const reader = stream.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  abort.abort()
  assert.equal(stream.status, 200)
  assertNone('the events', Buffer.from(value ?? new Uint8Array()))
})

test('no log line, no file of the database and no backup holds one, but in its sealed form', async () => {
  assertNone('the log', rig.logLines.join('\n'))
  for (const name of readdirSync(rig.dataDir))
    if (!/^(?:host-token|setup-token)$/.test(name)) assertNone(name, readFileSync(join(rig.dataDir, name)))
  const response = await fetch(`${rig.server.address}/api/v1/backup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rig.keys.administrator}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const tar = Buffer.from(await response.arrayBuffer())
  assert.equal(response.status, 200)
  assert.ok(tar.includes('tollgate.db') && tar.length > 50_000)
  assertNone('the backup', tar)
  // And it can still be used: the sealed form is there.
  assert.equal(rig.control.directory.endpoints.find(({ name }) => name === 'bulk')?.password, secrets.get('bulk-csv'))
})
