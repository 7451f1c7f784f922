// Behind a reverse proxy: who asks, and whether it came over TLS, is believed only from proxies that are configured.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { parseCidr, type Cidr } from '../contract/address.ts'

const ranges = (...texts: string[]): Cidr[] => texts.map((text) => parseCidr(text) as Cidr)

/** The address that the audit has for a change which came with these headers. */
async function auditedAddress(rig: ApiRig, headers: Record<string, string>): Promise<string> {
  const made = await rig.fetch('POST', '/api/v1/blocks', { headers, body: { address: '203.0.113.250' } })
  assert.equal(made.status, 201, made.text)
  const { items } = await rig.control.audit.list({ limit: 1 })
  await rig.fetch('DELETE', `/api/v1/blocks/${(made.json as { id: string }).id}`)
  return items[0]?.address ?? ''
}

test('without configured proxies nobody may say where a request is from', async () => {
  const rig = await openApiRig()
  try {
    assert.equal(await auditedAddress(rig, { 'x-forwarded-for': '192.0.2.7' }), '127.0.0.1')
    const answer = await rig.fetch('GET', '/healthz', { headers: { 'x-forwarded-proto': 'https' } })
    assert.equal(answer.headers.get('strict-transport-security'), null)
  } finally {
    await rig.close()
  }
})

test('a configured proxy says it; what a client wrote before that is not believed', async () => {
  const rig = await openApiRig({ proxies: ranges('127.0.0.0/8', '10.0.0.0/8') })
  try {
    const cases: [string, string][] = [
      ['192.0.2.7', '192.0.2.7'],
      ['2001:db8::7', '2001:db8::7'],
      ['198.51.100.1, 192.0.2.7', '192.0.2.7'],
      ['198.51.100.1, 192.0.2.7, 10.1.2.3', '192.0.2.7'],
      ['<script>', '127.0.0.1'],
      ['', '127.0.0.1'],
    ]
    for (const [written, address] of cases)
      assert.equal(await auditedAddress(rig, { 'x-forwarded-for': written }), address, written)
    assert.equal(await auditedAddress(rig, {}), '127.0.0.1')
    const answer = await rig.fetch('GET', '/healthz', { headers: { 'x-forwarded-proto': 'https' } })
    assert.equal(answer.headers.get('strict-transport-security'), 'max-age=31536000')
  } finally {
    await rig.close()
  }
})

test('a proxy that is not configured is a client like others', async () => {
  const rig = await openApiRig({ proxies: ranges('10.0.0.0/8') })
  try {
    assert.equal(await auditedAddress(rig, { 'x-forwarded-for': '192.0.2.7' }), '127.0.0.1')
  } finally {
    await rig.close()
  }
})

test('guessing passwords slows down the guesser, not everybody behind the proxy', async () => {
  const rig = await openApiRig({ proxies: ranges('127.0.0.1') })
  const signIn = (from: string, username: string, password: string) =>
    rig.fetch('POST', '/api/v1/session', {
      key: null,
      headers: { 'x-forwarded-for': from },
      body: { username, password },
    })
  try {
    const password = 'correct horse battery staple'
    await rig.fetch('POST', '/api/v1/users', { body: { username: 'eve', password, role: 'support' } })
    let status = 0
    for (let tries = 0; tries < 40 && status !== 429; tries++)
      status = (await signIn('192.0.2.66', `nobody${tries}`, 'wrong wrong wrong')).status
    assert.equal(status, 429, 'the guesser waits')
    assert.equal((await signIn('192.0.2.7', 'eve', password)).status, 200)
  } finally {
    await rig.close()
  }
})
