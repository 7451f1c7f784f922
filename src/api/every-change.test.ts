// Every operation that changes something or takes a body, from the table of operations, so that none can be left out: nothing
// from another site's page, no body larger than its bound, however it is sent.
import assert from 'node:assert/strict'
import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { operations } from './operations.ts'
import type { Operation } from './operations.ts'

const writing = operations.filter(({ method }) => method !== 'GET')
/** A declarative file or a paste of many rows: up to 64 MiB of JSON. */
const takesMuch = (path: string): boolean => /\/config\/(?:apply|diff)$|\/endpoints\/bulk$/.test(path)
const isRestore = (path: string): boolean => path.endsWith('/restore')

let rig: ApiRig
let cookie = ''

before(async () => {
  rig = await openApiRig()
  const password = 'a long enough pass-phrase'
  await rig.fetch('POST', '/api/v1/users', { body: { username: 'admin', role: 'administrator', password } })
  const signedIn = await rig.fetch('POST', '/api/v1/session', { key: null, body: { username: 'admin', password } })
  cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  assert.notEqual(cookie, '')
})
after(() => rig.close())

const urlOf = ({ path }: Operation): string => `${rig.server.address}${path.replaceAll(/:\w+/g, 'nobody')}`

interface Sent {
  readonly headers: Readonly<Record<string, string>>
  /** Sent as it is; undefined = headers alone, and the body is never sent. */
  readonly body?: Buffer | string | undefined
}

/** The status. `fetch` would set Origin and Content-Length by itself. */
function statusOf(operation: Operation, { headers, body }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = requestHttp(urlOf(operation), { method: operation.method, headers, agent: false })
    request.on('response', (response: IncomingMessage) => {
      response.on('error', () => undefined).resume()
      request.destroy()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', reject)
    if (body === undefined) request.flushHeaders()
    else request.end(body)
  })
}

async function assertEach(
  what: string,
  wanted: readonly Operation[],
  look: (one: Operation) => Promise<string | undefined>,
) {
  const wrong: string[] = []
  for (const operation of wanted) {
    const found = await look(operation)
    if (found !== undefined) wrong.push(`${operation.method} ${operation.path}: ${found}`)
  }
  assert.deepEqual(wrong, [], what)
}

const auditTotal = async (): Promise<number> =>
  ((await rig.fetch('GET', '/api/v1/audit')).json as { total: number }).total

test('with a session, no operation is done for a page of another site, a form, or without saying where it comes from', async () => {
  const { host } = new URL(rig.server.address)
  const own = { cookie, host, origin: rig.server.address, 'content-type': 'application/json' }
  const { origin: _, ...nowhere } = own
  const foreign: [string, Record<string, string>][] = [
    ['another origin', { ...own, origin: 'http://evil.example' }],
    ['origin null', { ...own, origin: 'null' }],
    ['cross-site', { ...own, 'sec-fetch-site': 'cross-site' }],
    ['same-site', { ...own, 'sec-fetch-site': 'same-site' }],
  ]
  const earlier = [await auditTotal(), rig.control.config.revision]
  for (const [what, headers] of foreign)
    await assertEach(what, writing, async (operation) => {
      const status = await statusOf(operation, { headers, body: operation.method === 'DELETE' ? '' : '{}' })
      return status === 403 ? undefined : `${status} for ${what}`
    })
  const signedIn = writing.filter(({ access }) => typeof access !== 'string')
  await assertEach('neither Origin nor Sec-Fetch-Site', signedIn, async (operation) => {
    const status = await statusOf(operation, { headers: nowhere, body: operation.method === 'DELETE' ? '' : '{}' })
    return status === 403 ? undefined : String(status)
  })
  const bodied = signedIn.filter(({ method }) => method !== 'DELETE')
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])
    await assertEach(`content type ${type}`, bodied, async (operation) => {
      const status = await statusOf(operation, { headers: { ...own, 'content-type': type }, body: '{}' })
      return status === 415 ? undefined : `${status} for "${type}"`
    })
  assert.deepEqual([await auditTotal(), rig.control.config.revision], earlier, 'nothing was done')
  assert.ok(writing.length >= 60 && bodied.length >= 40, `${writing.length} operations, ${bodied.length} with a body`)
})

/** What is too large, and what may be large but is wrong. */
const refusalOf = ({ path }: Operation): readonly number[] =>
  isRestore(path) ? [415] : takesMuch(path) ? [400, 404] : [413]

test('10 MB are refused by every operation but those that take a file, also before they are sent', async () => {
  const headers = { authorization: `Bearer ${rig.keys.administrator}`, 'content-type': 'application/json' }
  const announced = { ...headers, 'content-length': '10485760' }
  const small = writing.filter(({ path }) => !takesMuch(path))
  await assertEach('announced', small, async (operation) => {
    const status = await statusOf(operation, { headers: announced })
    return refusalOf(operation).includes(status) ? undefined : String(status)
  })
  const text = JSON.stringify({ name: 'x', colour: 'x'.repeat(10_485_760) })
  await assertEach('in chunks, without a length', writing, async (operation) => {
    const chunked = { ...headers, 'transfer-encoding': 'chunked' }
    const status = await statusOf(operation, { headers: chunked, body: text }).catch((error: unknown) => String(error))
    return typeof status === 'number' && refusalOf(operation).includes(status) ? undefined : String(status)
  })
  const restore = operations.find(({ path }) => isRestore(path))
  assert.ok(restore !== undefined)
  const tar = { ...headers, 'content-type': 'application/x-tar' }
  assert.equal(await statusOf(restore, { headers: tar, body: Buffer.alloc(10_485_760, 'x') }), 400)
  assert.equal((await rig.fetch('GET', '/readyz')).status, 200)
})
