// Hostile texts in every filter, search, sort and cursor of every list: never a 500, never more than was asked for, and
// every table is still there. E3 and E9 of the reliability reference.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { operations } from './operations.ts'

let rig: ApiRig
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
  const endpoints = [{ name: 'gw', direction: 'receives', addresses: ['192.0.2.1'] }]
  const file = { carriers: [{ name: 'Acme', endpoints, sipUsers: [{ username: '1' }] }], customers: [{ name: 'PBX' }] }
  assert.equal((await rig.fetch('POST', '/api/v1/config/apply', { body: file })).status, 200)
})
after(() => rig.close())

const quotes = ["'", '"', '`', "')", '")', "'))", '\\', '%27', "''", '\u2019']
const tails = [
  ' OR 1=1--',
  ' OR 1=1#',
  ' OR 1=1/*',
  '; DROP TABLE audit_entries;--',
  '; DELETE FROM users WHERE 1=1;--',
  ' UNION SELECT password_hash,1,1 FROM users--',
  ' UNION ALL SELECT NULL,NULL,NULL--',
  ' AND (SELECT count(*) FROM sqlite_master)>0--',
  ' AND randomblob(100000000)--',
  '||(SELECT hash FROM api_keys)||',
  " AND name LIKE '%",
  ' LIMIT 1 OFFSET 1--',
  ' COLLATE NOCASE--',
  '; ATTACH DATABASE "/tmp/x" AS x;--',
  ' GROUP BY 1 HAVING 1=1--',
  ' AND 1=load_extension("x")--',
]
/** 160 of quotes and tails, 40 of every other kind. */
const others = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__proto__.polluted',
  '$ne',
  '{"$gt":""}',
  '\u0000',
  'a\u0000b',
  '\u202Eabc',
  '\uFEFF',
  '\uD83D',
  '\u2028',
  '\r\nSet-Cookie: x=1',
  '%0d%0aX: y',
  '\u001B[2J',
  'İ',
  '../../etc/passwd',
  '..%2f..%2fkey',
  '/dev/null',
  'file:///etc/passwd',
  '${7*7}',
  '{{7*7}}',
  '<script>x</script>',
  '-',
  '--',
  '- name',
  '-name;',
  'name,id',
  'name desc',
  '1e309',
  'NaN',
  '-1',
  '99999999999999999999',
  '[]',
  '(a+)+$',
  '%',
  '_',
  '%_%\\',
  'x'.repeat(499),
]
const texts = quotes.flatMap((quote) => tails.map((tail) => quote + tail)).concat(others)

const lists = operations.filter(
  ({ method, path }) => method === 'GET' && path.startsWith('/api/v1/') && !/openapi|events|:|test-calls/.test(path),
)

/** What a list can be filtered by, as it tells itself. */
async function filtersOf(path: string): Promise<string[]> {
  const { text } = await rig.fetch('GET', `${path}?noSuchField=x`)
  return /unknown field; accepted: ([\w, ]+)/.exec(text)?.[1]?.split(', ') ?? []
}

const itemsOf = (text: string): number => {
  const body = JSON.parse(text) as { items?: unknown[] }
  return body.items?.length ?? 0
}

test('200 hostile texts in every filter and search, sort and cursor of every list', async () => {
  assert.ok(texts.length >= 200)
  assert.ok(lists.length >= 15, `${lists.length} lists`)
  let filtered = 0
  for (const { path } of lists) {
    const filters = await filtersOf(path)
    filtered += filters.length
    const ask = async (text: string): Promise<void> => {
      const all = Object.fromEntries(filters.map((name) => [name, text]))
      for (const query of [all, { search: text }, { sort: text }, { cursor: text }]) {
        const answer = await rig.fetch('GET', `${path}?${new URLSearchParams(query).toString()}`)
        const what = `${path} ${JSON.stringify(query).slice(0, 200)}: ${answer.status}`
        assert.ok(answer.status === 200 || answer.status === 400, what)
        assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', what)
        if (answer.status === 200 && query === all && filters.length > 0) assert.equal(itemsOf(answer.text), 0, what)
      }
    }
    // Several at a time: each is a question of its own.
    for (let i = 0; i < texts.length; i += 20) await Promise.all(texts.slice(i, i + 20).map((text) => ask(text)))
  }
  assert.ok(filtered >= 60, `only ${filtered} filters`)
  const { total } = (await rig.fetch('GET', '/api/v1/carriers')).json as { total: number }
  assert.equal(total, 1)
  assert.ok(((await rig.fetch('GET', '/api/v1/audit')).json as { total: number }).total > 0)
  assert.equal((await rig.fetch('GET', '/api/v1/users')).status, 200)
})

test('names of the prototype, nesting and size are refused in every body that is stored', async () => {
  const writes = operations.filter(
    ({ method, path }) =>
      ['POST', 'PUT', 'PATCH'].includes(method) && path.startsWith('/api/v1/') && !/restore/.test(path),
  )
  const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`
  const huge = `{"notes":"${'x'.repeat(10 * 1_048_576)}"}`
  for (const { method, path } of writes) {
    const url = path.replaceAll(/:[a-z]+/g, 'nobody')
    const send = (body: string) => rig.fetch(method, url, { body, headers: { 'content-type': 'application/json' } })
    for (const body of ['{"__proto__":{"role":"administrator"}}', '{"constructor":{"prototype":{"x":1}}}', deep]) {
      const { status } = await send(body)
      assert.ok(status >= 400 && status < 500, `${method} ${path} ${body.slice(0, 30)}: ${status}`)
    }
    if (/apply|diff|bulk/.test(path)) continue
    const large = await send(huge).catch(() => ({ status: 413 }))
    assert.equal(large.status, 413, `${method} ${path}`)
  }
  assert.equal(Object.hasOwn(Object.prototype, 'role'), false)
})
