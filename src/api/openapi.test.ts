// The OpenAPI document: every operation of the table, every reference resolves, bodies with examples, no secret.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiDocument } from './openapi.ts'
import { operations } from './operations.ts'

interface Description {
  readonly operationId: string
  readonly security?: unknown[]
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> }
  readonly responses: Readonly<Record<string, unknown>>
}
interface Document {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Description>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

const whole = await openApiDocument('1.2.3')
const document = JSON.parse(whole) as Document
const described = operations.filter(({ tag }) => tag !== 'Console')
const find = ({ method, path }: { method: string; path: string }): Description | undefined =>
  document.paths[path.replaceAll(/:([a-z]+)/g, '{$1}')]?.[method.toLowerCase()]

test('is OpenAPI 3.1 of this version and the same each time', async () => {
  assert.equal(document.openapi, '3.1.0')
  assert.equal(document.info.version, '1.2.3')
  assert.equal(await openApiDocument('1.2.3'), whole)
})

test('has every operation and no other', () => {
  assert.deepEqual(
    described.filter((operation) => find(operation) === undefined),
    [],
  )
  const count = Object.values(document.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0)
  assert.equal(count, described.length)
  const ids = described.map((operation) => find(operation)?.operationId)
  assert.equal(new Set(ids).size, described.length)
})

test('says who must sign in, and describes problems', () => {
  for (const operation of described) {
    const description = find(operation)
    const guarded = typeof operation.access !== 'string'
    assert.equal(description?.security?.length ?? 0, guarded ? 2 : 0, operation.path)
    assert.equal('401' in (description?.responses ?? {}), guarded || operation.access === 'metrics', operation.path)
  }
})

test('every body has an example, and files may be YAML', () => {
  for (const operation of described) {
    const content = Object.values(find(operation)?.requestBody?.content ?? {})
    for (const body of content) {
      const text = JSON.stringify(body)
      const component = /^\{"schema":\{"\$ref":"#\/components\/schemas\/([^"]+)"/.exec(text)?.[1]
      const description = component === undefined ? text : JSON.stringify(document.components.schemas[component])
      assert.match(description, /"examples?":/, operation.path)
    }
  }
  const apply = find({ method: 'POST', path: '/api/v1/config/apply' })
  assert.deepEqual(Object.keys(apply?.requestBody?.content ?? {}), ['application/json', 'application/yaml'])
})

test('every reference resolves', () => {
  const references = [...whole.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '')
  assert.ok(references.length > 200)
  assert.deepEqual(
    [...new Set(references)].filter((name) => !(name in document.components.schemas)),
    [],
  )
})

test('what comes back has no password', () => {
  for (const name of ['Endpoint', 'User', 'ApiKey', 'Carrier'])
    assert.ok(!/"(?:password|passwordHash|key|hash)":/.test(JSON.stringify(document.components.schemas[name])), name)
})
