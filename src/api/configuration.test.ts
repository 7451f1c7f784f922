// Configured objects, entity tags, the declarative file.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import type { ApplyAnswer, CarrierItem, EndpointItem } from '../contract/api-config.ts'
import type { Page, Problem } from '../contract/api-common.ts'

const yaml = { 'content-type': 'application/yaml' }
const file = `
carriers:
  - name: Acme
    channelsMax: 100
    endpoints:
      - { name: acme-1, direction: receives, addresses: [192.0.2.10], weight: 10, username: tollgate, password: "s3cret!pw" }
      - { name: acme-2, direction: receives, addresses: [192.0.2.11], weight: 1 }
customers:
  - name: PBX
    endpoints: [{ name: pbx, direction: both, addresses: [198.51.100.20] }]
routes:
  - { prefix: "44", from: customers, targets: [{ carrier: Acme }] }
`

let rig: ApiRig
before(async () => {
  rig = await openApiRig()
})
after(() => rig.close())

const apply = (body: string, query = '', headers: Record<string, string> = yaml) =>
  rig.fetch('POST', `/api/v1/config/apply${query}`, { body, headers })

test('a dry run shows the plan and changes nothing; apply applies; applying again changes nothing', async () => {
  const dry = (await apply(file, '?dryRun=true')).json as ApplyAnswer
  assert.partialDeepStrictEqual(dry, { applied: false, dryRun: true })
  assert.ok(dry.plan.length >= 6)
  assert.deepEqual(((await rig.fetch('GET', '/api/v1/carriers')).json as Page<CarrierItem>).items, [])
  const first = (await apply(file)).json as ApplyAnswer
  assert.equal(first.applied, true)
  assert.deepEqual(
    first.plan.map(({ name }) => name),
    dry.plan.map(({ name }) => name),
  )
  assert.ok(rig.published.includes(first.revision))
  const second = (await apply(file)).json as ApplyAnswer
  assert.partialDeepStrictEqual(second, { applied: false, plan: [], revision: first.revision })
})

test('JSON and YAML mean the same', async () => {
  const exported = await rig.fetch('GET', '/api/v1/config/export')
  const asJson = (await apply(exported.text, '', { 'content-type': 'application/json' })).json as ApplyAnswer
  assert.deepEqual(asJson.plan, [])
  const asYaml = await rig.fetch('GET', '/api/v1/config/export', { headers: { accept: 'application/yaml' } })
  assert.match(asYaml.headers.get('content-type') ?? '', /^application\/yaml/)
  assert.match(asYaml.text, /^carriers:$/m)
  assert.deepEqual(((await apply(asYaml.text)).json as ApplyAnswer).plan, [])
})

test('no secret comes back: not in the export, the endpoint, the plan or the audit', async () => {
  const paths = ['/api/v1/config/export', '/api/v1/endpoints', '/api/v1/audit', '/api/v1/config/revisions']
  for (const path of paths) {
    const { text, status } = await rig.fetch('GET', path)
    assert.equal(status, 200)
    assert.ok(!text.includes('s3cret!pw'), path)
  }
  const { items } = (await rig.fetch('GET', '/api/v1/endpoints')).json as Page<EndpointItem>
  assert.equal(items.find(({ name }) => name === 'acme-1')?.hasPassword, true)
  assert.equal(items.find(({ name }) => name === 'acme-2')?.hasPassword, false)
  const changed = (await apply(file.replace('s3cret!pw', '0ther!pw'), '?dryRun')).text
  assert.ok(!changed.includes('s3cret!pw') && !changed.includes('0ther!pw'))
})

test('a file with errors changes nothing and names every path', async () => {
  const earlier = rig.control.config.revision
  const answer = await apply(file.replace('192.0.2.11', '192.0.2.333').replace('channelsMax: 100', 'channelsMax: -1'))
  assert.equal(answer.status, 400)
  const problem = answer.json as Problem
  assert.equal(problem.code, 'invalid')
  assert.deepEqual(problem.errors.map(({ path }) => path).toSorted(), [
    'carriers[0].channelsMax',
    'carriers[0].endpoints[1].addresses[0]',
  ])
  assert.equal(rig.control.config.revision, earlier)
})

test('unreadable YAML and JSON say where', async () => {
  assert.match(((await apply('carriers: [')).json as Problem).detail, /^not YAML: .* at line 1, column 12/)
  assert.match(((await apply('a: 1\na: 2')).json as Problem).detail, /Map keys must be unique/)
  const bad = await apply('{"carriers": }', '', { 'content-type': 'application/json' })
  assert.match((bad.json as Problem).detail, /^not JSON: /)
  assert.equal((await apply('<a/>', '', { 'content-type': 'application/xml' })).status, 415)
})

test('rollback restores the revision before', async () => {
  const earlier = rig.control.config.revision
  await apply(file.replace('channelsMax: 100', 'channelsMax: 7'))
  assert.equal(rig.control.config.revision, earlier + 1)
  const answer = await rig.fetch('POST', '/api/v1/config/rollback', { body: {} })
  assert.partialDeepStrictEqual(answer.json, { applied: true, revision: earlier + 2 })
  const acme = (await rig.fetch('GET', '/api/v1/carriers/Acme')).json as CarrierItem
  assert.equal(acme.channelsMax, 100)
  const revisions = (await rig.fetch('GET', '/api/v1/config/revisions?limit=2')).json as Page<{ revision: number }>
  assert.deepEqual(
    revisions.items.map(({ revision }) => revision),
    [earlier + 2, earlier + 1],
  )
})

test('carriers: create, read by id and name, change, replace, remove; each write is audited', async () => {
  const created = await rig.fetch('POST', '/api/v1/carriers', { body: { name: 'Beta', channelsMax: 5, notes: 'n' } })
  assert.equal(created.status, 201)
  const { id, etag } = created.json as CarrierItem
  assert.equal(created.headers.get('location'), `/api/v1/carriers/${id}`)
  assert.equal(created.headers.get('etag'), `"${etag}"`)
  const read = await rig.fetch('GET', '/api/v1/carriers/Beta')
  assert.deepEqual(read.json, created.json)
  const url = `/api/v1/carriers/${id}`
  const patched = (await rig.fetch('PATCH', url, { body: { channelsMax: 6 } })).json as CarrierItem
  assert.partialDeepStrictEqual(patched, { channelsMax: 6, notes: 'n' })
  const replaced = (await rig.fetch('PUT', url, { body: { name: 'Beta' } })).json as CarrierItem
  assert.partialDeepStrictEqual(replaced, { channelsMax: 0, notes: '' })
  assert.equal((await rig.fetch('DELETE', url)).status, 204)
  assert.partialDeepStrictEqual((await rig.fetch('GET', url)).json, { status: 404, code: 'not_found' })
  const audit = (await rig.fetch('GET', '/api/v1/audit?name=Beta')).json as Page<{ actor: string; action: string }>
  assert.deepEqual(
    audit.items.map(({ actor, action }) => `${actor}: ${action}`),
    ['delete', 'update', 'update', 'create'].map((action) => `administrator key: ${action}`),
  )
})

test('If-Match with an old tag is 412 and changes nothing; a weak tag is 400', async () => {
  const acme = await rig.fetch('GET', '/api/v1/carriers/Acme')
  const { id } = acme.json as CarrierItem
  const tag = acme.headers.get('etag') ?? ''
  const patch = (channelsMax: number, ifMatch: string) =>
    rig.fetch('PATCH', `/api/v1/carriers/${id}`, { body: { channelsMax }, headers: { 'if-match': ifMatch } })
  assert.equal((await patch(101, tag)).status, 200)
  assert.partialDeepStrictEqual((await patch(102, tag)).json, { status: 412, code: 'precondition_failed' })
  assert.equal((await patch(103, `W/${tag}`)).status, 400)
  assert.equal(((await rig.fetch('GET', '/api/v1/carriers/Acme')).json as CarrierItem).channelsMax, 101)
  assert.equal((await patch(100, '*')).status, 200)
})

test('endpoints of an account, of all accounts, and those that contain an address', async () => {
  const created = await rig.fetch('POST', '/api/v1/carriers/Acme/endpoints', {
    body: { name: 'acme-in', direction: 'sends', addresses: ['203.0.113.0/28'], notes: 'office' },
  })
  assert.equal(created.status, 201)
  const { id } = created.json as EndpointItem
  const own = (await rig.fetch('GET', '/api/v1/carriers/Acme/endpoints')).json as Page<EndpointItem>
  assert.deepEqual(
    own.items.map(({ name }) => name),
    ['acme-1', 'acme-2', 'acme-in'],
  )
  const found = (await rig.fetch('GET', '/api/v1/endpoints?contains=203.0.113.7')).json as Page<EndpointItem>
  assert.deepEqual(
    found.items.map(({ name }) => name),
    ['acme-in'],
  )
  assert.equal((await rig.fetch('GET', '/api/v1/endpoints?contains=nonsense')).status, 400)
  const replaced = await rig.fetch('PUT', `/api/v1/endpoints/${id}`, {
    body: { name: 'acme-in', direction: 'sends', addresses: ['203.0.113.1'] },
  })
  assert.partialDeepStrictEqual(replaced.json, { addresses: ['203.0.113.1'], notes: '' })
  const bad = await rig.fetch('PATCH', `/api/v1/endpoints/${id}`, { body: { addresses: ['203.0.113.1/24'] } })
  assert.deepEqual(
    (bad.json as Problem).errors.map(({ path }) => path),
    ['addresses[0]'],
  )
  assert.equal((await rig.fetch('DELETE', `/api/v1/endpoints/${id}`)).status, 204)
})

test('the same change for several carriers says of each whether it was made', async () => {
  const answer = await rig.fetch('PATCH', '/api/v1/carriers', {
    body: { ids: ['Acme', 'nobody'], changes: { status: 'inactive' } },
  })
  assert.partialDeepStrictEqual(answer.json, {
    items: [
      { id: 'Acme', ok: true },
      { id: 'nobody', ok: false, code: 'not_found' },
    ],
  })
  await rig.fetch('PATCH', '/api/v1/carriers/Acme', { body: { status: 'active' } })
})

test('routes, blocks and system', async () => {
  const route = await rig.fetch('POST', '/api/v1/routes', {
    body: { prefix: '+49', from: 'any', targets: [{ carrier: 'Acme' }] },
  })
  assert.partialDeepStrictEqual(route.json, { prefix: '49' })
  const url = `/api/v1/routes/${(route.json as { id: string }).id}`
  assert.partialDeepStrictEqual((await rig.fetch('PATCH', url, { body: { enabled: false } })).json, {
    enabled: false,
  })
  const lost = await rig.fetch('PUT', url, { body: { prefix: '49', targets: [{ carrier: 'Nobody' }] } })
  assert.match((lost.json as Problem).errors[0]?.path ?? '', /^targets\[0\]/)
  assert.equal((await rig.fetch('DELETE', url)).status, 204)
  const block = await rig.fetch('POST', '/api/v1/blocks', { body: { address: '203.0.113.66', reason: 'scanner' } })
  assert.equal(block.status, 201)
  assert.equal((await rig.fetch('DELETE', `/api/v1/blocks/${(block.json as { id: string }).id}`)).status, 204)
  const system = await rig.fetch('PATCH', '/api/v1/system', { body: { channelsMax: 11 } })
  assert.partialDeepStrictEqual(system.json, { channelsMax: 11 })
  assert.partialDeepStrictEqual((await rig.fetch('GET', '/api/v1/system')).json, { channelsMax: 11 })
})

test('lists: pages, order, search, filters; unknown fields are refused', async () => {
  for (const name of ['L1', 'L2', 'L3']) await rig.fetch('POST', '/api/v1/customers', { body: { name } })
  const list = async (query: string) =>
    (await rig.fetch('GET', `/api/v1/customers?${query}`)).json as Page<{ name: string }>
  const first = await list('limit=2&sort=-name')
  assert.deepEqual(
    first.items.map(({ name }) => name),
    ['PBX', 'L3'],
  )
  assert.equal(first.total, 4)
  const second = await list(`limit=2&sort=-name&cursor=${first.nextCursor}`)
  assert.deepEqual(
    second.items.map(({ name }) => name),
    ['L2', 'L1'],
  )
  assert.equal(second.nextCursor, null)
  assert.equal((await list('search=l2')).total, 1)
  assert.equal((await list('name=L3')).total, 1)
  for (const query of [
    'limit=0',
    'limit=1001',
    'sort=;drop',
    'sort=nothing',
    'colour=red',
    'cursor=x',
    'name=a&name=b',
  ])
    assert.equal((await rig.fetch('GET', `/api/v1/customers?${query}`)).status, 400, query)
})
