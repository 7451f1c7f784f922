// Bulk entry over HTTP: who may, how large, what comes back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'

let rig: ApiRig
before(async () => {
  rig = await openApiRig()
  assert.equal((await rig.fetch('POST', '/api/v1/carriers', { body: { name: 'Acme' } })).status, 201)
  assert.equal((await rig.fetch('POST', '/api/v1/customers', { body: { name: 'PBX' } })).status, 201)
})
after(() => rig.close())

const text = 'one 192.0.2.1\n192.0.2.2 5070 3'
const defaults = { direction: 'receives' }

test('a preview is for engineers, not for support, and stores nothing', async () => {
  const body = { text, defaults, dryRun: true }
  const path = '/api/v1/carriers/Acme/endpoints/bulk'
  assert.equal((await rig.fetch('POST', path, { key: rig.keys.support, body })).status, 403)
  const answer = await rig.fetch('POST', path, { key: rig.keys.engineer, body })
  assert.equal(answer.status, 200)
  assert.partialDeepStrictEqual(answer.json, {
    applied: false,
    ok: 2,
    rows: [
      { line: 1, name: 'one', status: 'ok', errors: [], overlaps: [] },
      { line: 2, name: 'Acme-1', port: 5070 },
    ],
  })
  assert.equal((await rig.control.config.listEndpoints({ limit: 1 })).total, 0)
})

test('what is stored belongs to the account, a carrier or a customer, by id or by name', async () => {
  for (const [path, number] of [
    ['/api/v1/carriers/Acme', 1],
    ['/api/v1/customers/PBX', 2],
  ] as const) {
    const { json } = await rig.fetch('POST', `${path}/endpoints/bulk`, {
      body: { csv: `address;weight\n198.51.100.${number};7`, defaults },
    })
    assert.partialDeepStrictEqual(json, { applied: true, wrong: 0 })
    const list = (await rig.fetch('GET', `${path}/endpoints`)).json
    assert.partialDeepStrictEqual(list, { total: 1, items: [{ addresses: [`198.51.100.${number}`], weight: 7 }] })
  }
  assert.equal((await rig.fetch('POST', '/api/v1/carriers/PBX/endpoints/bulk', { body: { text } })).status, 404)
})

test('a body of more than a megabyte is welcome here; a wrong body names its paths', async () => {
  const lines = Array.from({ length: 9_000 }, (_, i) => `10.9.${i >> 8}.${i & 255} # ${'x'.repeat(150)}`).join('\n')
  const big = await rig.fetch('POST', '/api/v1/carriers/Acme/endpoints/bulk', {
    body: { text: lines, defaults, dryRun: true },
  })
  assert.partialDeepStrictEqual(big.json, { ok: 9_000, wrong: 0 })
  const wrong = await rig.fetch('POST', '/api/v1/carriers/Acme/endpoints/bulk', { body: { text, csv: text } })
  assert.equal(wrong.status, 400)
  assert.partialDeepStrictEqual(wrong.json, { errors: [{ path: 'text', message: 'exactly one of text and csv' }] })
})
