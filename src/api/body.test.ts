// What a body may be: small, flat enough, without doubled or poisonous keys; everything else is a problem, not a crash.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { Fault } from '../base/fault.ts'
import { parseJson } from './body.ts'
import { jsonFault } from '../base/json-guard.ts'
import { parseYaml } from './yaml.ts'

let rig: ApiRig
before(async () => {
  rig = await openApiRig()
})
after(() => rig.close())

test('JSON: depth, doubled keys and keys of the prototype', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
  assert.equal(jsonFault(deep(64)), undefined)
  assert.match(jsonFault(deep(65)) ?? '', /deeper than 64/)
  assert.match(jsonFault(deep(100_000)) ?? '', /deeper than 64/)
  assert.match(jsonFault('{"a":1,"a":2}') ?? '', /"a" stands twice/)
  assert.match(jsonFault('{"a":1,"\\u0061":2}') ?? '', /"a" stands twice/)
  assert.match(jsonFault('{"a":{"__proto__" : 1}}') ?? '', /__proto__/)
  assert.match(jsonFault('{"__pro\\u0074o__":1}') ?? '', /__proto__/)
  assert.match(jsonFault('[{"constructor":{"prototype":1}}]') ?? '', /constructor/)
  for (const good of [
    '{"a":{"b":1},"c":{"b":"a"}}',
    '[{"a":1},{"a":1}]',
    '"__proto__"',
    '{"a":"x\\":{","b":"}"}',
    '',
    '{',
  ])
    assert.equal(jsonFault(good), undefined, good)
})

test('parsers refuse with a Fault and nothing else', async () => {
  for (const text of ['{', '{"a":1}}', 'nul', '{"a":1,"a":1}', '\u0000'])
    assert.throws(() => parseJson(text), Fault, text)
  assert.equal(parseJson('  '), undefined)
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
    .split('')
    .map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[i]}`).join(',')}]`)
    .join('\n')}`
  for (const text of [
    'a: [',
    'a: 1\na: 2',
    '!!js/function x',
    bomb,
    '['.repeat(20_000),
    '__proto__: {a: 1}',
    '? [a]\n: b',
  ])
    await assert.rejects(parseYaml(text), Fault, text.slice(0, 40))
  assert.deepEqual(await parseYaml('prefix: "044"\non: no\nnumber: 010\nbase: &b {a: 1}\ncopy: *b'), {
    prefix: '044',
    on: 'no',
    number: 10,
    base: { a: 1 },
    copy: { a: 1 },
  })
})

test('a long YAML file is read on a thread of its own, with the same answers', async () => {
  const names = Array.from({ length: 3_000 }, (_, i) => `  - { name: "carrier ${i}", notes: "${'n'.repeat(10)}" }`)
  const text = `carriers:\n${names.join('\n')}\n`
  assert.ok(text.length > 65_536)
  let turns = 0
  const turn = setInterval(() => (turns += 1), 5)
  const value = (await parseYaml(text)) as { carriers: unknown[] }
  clearInterval(turn)
  assert.equal(value.carriers.length, 3_000)
  assert.ok(turns > 3, `this thread stood still (${turns} turns)`)
  await assert.rejects(parseYaml(`${text}carriers: []\n`), /not YAML: Map keys must be unique at line 3002/)
  await assert.rejects(parseYaml(`- ${'['.repeat(70_000)}`), Fault)
  await assert.rejects(parseYaml(' '.repeat(16_777_217)), /send longer files as JSON/)
})

test('sizes: 1 MiB everywhere, more for a declarative file', async () => {
  const large = JSON.stringify({ name: 'x', notes: 'n'.repeat(1_100_000) })
  const carrier = await rig.fetch('POST', '/api/v1/carriers', {
    body: large,
    headers: { 'content-type': 'application/json' },
  })
  assert.partialDeepStrictEqual(carrier.json, { status: 413, code: 'too_large' })
  const file = await rig.fetch('POST', '/api/v1/config/diff', {
    body: `{"carriers":[${large}]}`,
    headers: { 'content-type': 'application/json' },
  })
  assert.partialDeepStrictEqual(file.json, { status: 400, errors: [{ path: 'carriers[0].notes' }] })
})

test('YAML is read for declarative files only', async () => {
  const answer = await rig.fetch('POST', '/api/v1/carriers', {
    body: 'name: x',
    headers: { 'content-type': 'application/yaml' },
  })
  assert.partialDeepStrictEqual(answer.json, { status: 415, code: 'unsupported_media_type' })
})

test('hostile texts in every place are 4xx problems, and nothing is inserted', async () => {
  const texts = [
    "' OR 1=1--",
    "'; DROP TABLE audit; --",
    '%00',
    '../../etc/passwd',
    '<script>alert(1)</script>',
    '%ff',
    '{{7*7}}',
  ]
  const places = [
    (text: string) => `/api/v1/carriers?sort=${text}`,
    (text: string) => `/api/v1/carriers?cursor=${text}`,
    (text: string) => `/api/v1/carriers?${text}=1`,
    (text: string) => `/api/v1/call-records?cursor=${text}`,
    (text: string) => `/api/v1/audit?sort=${text}`,
    (text: string) => `/api/v1/carriers/${text}`,
    (text: string) => `/api/v1/${text}`,
  ]
  for (const text of texts)
    for (const place of places) {
      const path = place(text.startsWith('%') ? text : encodeURIComponent(text))
      const { status, headers, text: body } = await rig.fetch('GET', path)
      assert.ok(status >= 400 && status < 500, `${path}: ${status} ${body}`)
      assert.equal(headers.get('content-type'), 'application/problem+json', path)
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
    }
  assert.equal((await rig.fetch('GET', '/api/v1/audit')).status, 200)
})

test('problems have one shape: 400, 401, 404, 405, 413 and 415 alike', async () => {
  const fields = ['type', 'title', 'status', 'detail', 'code', 'errors']
  const answers = await Promise.all([
    rig.fetch('POST', '/api/v1/simulate', { body: {} }),
    rig.fetch('GET', '/api/v1/me', { key: null }),
    rig.fetch('GET', '/api/v1/nothing'),
    rig.fetch('PUT', '/api/v1/me', { body: {} }),
    rig.fetch('POST', '/api/v1/simulate', { body: '{', headers: { 'content-type': 'application/json' } }),
    rig.fetch('POST', '/api/v1/simulate', { body: 'a=1', headers: { 'content-type': 'text/plain' } }),
    rig.fetch('GET', '/api/v1/carriers/%'),
  ])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400, 401, 404, 405, 400, 415, 400],
  )
  for (const { json, headers, status } of answers) {
    assert.deepEqual(Object.keys(json as object), fields)
    assert.partialDeepStrictEqual(json, { status })
    assert.equal(headers.get('content-type'), 'application/problem+json')
    assert.equal(headers.get('cache-control'), 'no-store')
  }
  assert.equal(answers[3]?.headers.get('allow'), 'GET')
})
