// First set-up: what is closed before it, and that exactly one person gets through.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'

const password = 'correct horse battery staple'

let rig: ApiRig
before(async () => {
  rig = await openApiRig({ beforeSetup: true })
})
after(() => rig.close())

test('everything but health, metrics on loopback, set-up and the console answers 403 setup_required', async () => {
  for (const path of ['/api/v1/me', '/api/v1/carriers', '/api/v1/openapi.json', '/api/v1/nothing'])
    assert.partialDeepStrictEqual((await rig.fetch('GET', path)).json, { status: 403, code: 'setup_required' }, path)
  const session = await rig.fetch('POST', '/api/v1/session', { body: { username: 'admin', password } })
  assert.partialDeepStrictEqual(session.json, { code: 'setup_required' })
  assert.equal((await rig.fetch('GET', '/healthz')).status, 200)
  assert.equal((await rig.fetch('GET', '/readyz')).status, 200)
  rig.answers.metrics = () => []
  assert.equal((await rig.fetch('GET', '/metrics')).status, 200)
  assert.equal((await rig.fetch('GET', '/')).status, 200)
})

test('a wrong token is refused and creates nobody; of twenty at once exactly one succeeds', async () => {
  const token = rig.control.people.setupToken ?? ''
  assert.ok(token.length >= 22)
  const wrong = await rig.fetch('POST', '/api/v1/setup', { body: { token: 'x', username: 'admin', password } })
  assert.equal(wrong.status, 403)
  assert.equal(rig.control.people.setupRequired(), true)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      rig.fetch('POST', '/api/v1/setup', { body: { token, username: `admin${i}`, password } }),
    ),
  )
  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
  assert.deepEqual(statuses, [201, ...Array.from({ length: 19 }, () => 403)])
  assert.equal((await rig.control.people.listUsers()).length, 1)
  const winner = answers.find(({ status }) => status === 201)
  assert.match(winner?.headers.get('set-cookie') ?? '', /^tollgate_session=/)
  const again = await rig.fetch('POST', '/api/v1/setup', { body: { token, username: 'second', password } })
  assert.equal(again.status, 403)
})
