import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { parseCidr } from '../contract/address.ts'
import type { Cidr } from '../contract/address.ts'
import { alertRow } from '../../test/kit/alert-row.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { webhookChannel } from './webhook-sender.ts'
import type { WebhookOptions } from './webhook-sender.ts'

const host = '127.0.74.2'
const secret = 'whsec_of_the_test'
const message = { event: 'raised', alert: alertRow(), text: alertRow().text, at: Date.UTC(2026, 0, 1) } as const

interface Got {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver on loopback; `answer` says what it does, 204 if it says nothing. */
async function withReceiver(
  work: (port: number, got: Got[]) => Promise<void>,
  answer: RequestListener = (_, response) => response.writeHead(204).end(),
): Promise<void> {
  const got: Got[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      got.push({ method, url, headers, body: Buffer.concat(parts).toString() })
      answer(request, response)
    })
  }).listen(0, host)
  await once(server, 'listening')
  try {
    await work((server.address() as AddressInfo).port, got)
  } finally {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
}

const channelOf = (more: Partial<WebhookOptions> = {}) =>
  webhookChannel({
    clock: new FakeClock(),
    allowed: [parseCidr('127.0.74.0/24') as Cidr],
    secret: async () => secret,
    ...more,
  })

test('a webhook is one POST of JSON whose signature can be checked from its headers and body', () =>
  withReceiver(async (port, got) => {
    assert.equal(await channelOf()(`http://${host}:${port}/hook?x=1`, message), 'HTTP 204')
    const [{ method, url, headers, body } = assert.fail('nothing came')] = got
    assert.deepEqual([got.length, method, url, headers['content-type']], [1, 'POST', '/hook?x=1', 'application/json'])
    const timestamp = headers['tollgate-timestamp']
    assert.equal(timestamp, String(Date.UTC(2026, 0, 1) / 1_000))
    const expected = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
    assert.equal(headers['tollgate-signature'], `v1=${expected}`)
    assert.equal(headers['tollgate-event'], 'al_1.raised')
    assert.deepEqual(JSON.parse(body), {
      id: 'al_1',
      event: 'raised',
      at: '2026-01-01T00:00:00.000Z',
      account: { id: 'car_acme', name: 'Acme', kind: 'carrier' },
      alert: {
        name: 'Low ASR',
        kind: 'asr',
        subject: null,
        value: 0.1,
        threshold: 0.4,
        openedAt: '2026-01-01T00:00:00.000Z',
      },
      text: 'carrier Acme: ASR 10 % in 15 minutes (alert at 40 %)',
    })
  }))

test('gateways that turned together are one webhook that lists the others', () =>
  withReceiver(async (port, got) => {
    const other = { ...message, alert: { ...message.alert, id: 'al_2', account: 'Beta' }, text: 'carrier Beta: red' }
    await channelOf()(`http://${host}:${port}/hook`, { ...message, others: [other] })
    const body = JSON.parse(got[0]?.body ?? '') as { id: string; others: unknown[] }
    assert.equal(got.length, 1)
    assert.partialDeepStrictEqual(body, { id: 'al_1', others: [{ id: 'al_2', text: 'carrier Beta: red' }] })
    assert.equal(got[0]?.headers['tollgate-event'], 'al_1.raised')
  }))

test('a redirect is not followed, not even to an allowed place', () =>
  withReceiver(
    async (port, got) => {
      await assert.rejects(channelOf()(`http://${host}:${port}/hook`, message), {
        message: 'HTTP 302: redirects are not followed',
        permanent: true,
      })
      assert.equal(got.length, 1)
    },
    (_, response) => response.writeHead(302, { location: `http://${host}/other` }).end(),
  ))

for (const { status, permanent } of [
  { status: 500, permanent: false },
  { status: 429, permanent: false },
  { status: 404, permanent: true },
])
  test(`HTTP ${status} is ${permanent ? 'the last word' : 'tried again'}`, () =>
    withReceiver(
      async (port) => {
        await assert.rejects(channelOf()(`http://${host}:${port}/`, message), { message: `HTTP ${status}`, permanent })
      },
      (_, response) => response.writeHead(status).end(),
    ))

test('a receiver that does not answer is given up in time and tried again later', () =>
  withReceiver(
    async (port) => {
      const channel = channelOf({ timeoutMs: 100 })
      await assert.rejects(channel(`http://${host}:${port}/`, message), {
        message: 'no answer within 100 ms',
        permanent: false,
      })
    },
    () => undefined,
  ))

test('an answer without an end is no burden: its status counts, and the connection is closed', () =>
  withReceiver(
    async (port) => {
      assert.equal(await channelOf()(`http://${host}:${port}/`, message), 'HTTP 200')
    },
    (_, response) => void response.writeHead(200).write('x'.repeat(10_000)),
  ))

test('E7: a literal private address gets no packet, also after the configuration was written', () =>
  withReceiver(async (port, got) => {
    const channel = channelOf({ allowed: [] })
    await assert.rejects(channel(`http://${host}:${port}/`, message), { permanent: true, message: /is loopback/ })
    assert.deepEqual(got, [])
  }))

test('E7: a name is judged by the address that is connected to, asked for once: nothing can change in between', () =>
  withReceiver(async (port, got) => {
    const asked: string[] = []
    const resolve: WebhookOptions['resolve'] = (name, callback) => {
      asked.push(name)
      callback(null, [{ address: host, family: 4 }])
    }
    const channel = channelOf({ allowed: [], resolve })
    await assert.rejects(channel(`http://rebind.example:${port}/`, message), {
      message: /^rebind\.example: 127\.0\.74\.2 is loopback/,
      permanent: true,
    })
    assert.deepEqual(got, [])
    const both: WebhookOptions['resolve'] = (_name, callback) =>
      callback(null, [
        { address: '203.0.113.1', family: 4 },
        { address: '::1', family: 6 },
      ])
    await assert.rejects(channelOf({ allowed: [], resolve: both })('http://mixed.example/', message), {
      message: /^mixed\.example: ::1 is/,
    })
    await channelOf({ resolve })(`http://rebind.example:${port}/`, message)
    assert.equal(got.length, 1, 'an allowed range may be reached by a name, too')
    assert.deepEqual(asked, ['rebind.example', 'rebind.example'], 'each connection asks anew')
  }))
