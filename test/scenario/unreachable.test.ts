// Listeners that cannot reach their gateways: the board, a test call and the attempts of a call say why in words, over UDP in
// both modes, TCP and TLS. And test calls over TLS: green to a gateway that proves itself, red with the reason to one that does not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { Authority } from '../kit/certificates.ts'
import { tlsFilesOf } from '../kit/tls-peer.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'
import { respondTo, TlsEnd } from '../peers/tls-end.ts'

const net = '127.0.159'
const authority = new Authority()
const own = authority.issue(`IP:${net}.1`)
/** TEST-NET: nobody is there, and a listener on loopback cannot send there anyway. */
const outside = '192.0.2.10'

interface BoardRow {
  readonly name: string
  readonly status: string
  readonly reason: string
}

interface TestCall {
  readonly id: string
  readonly result: string | null
  readonly text: string
  readonly ladder: readonly unknown[]
}

async function startTollgate(t: TestContext, endpoints: readonly object[], udp: string): Promise<Tollgate> {
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: {
      carriers: [{ name: 'Acme', gatewayFailoverMax: 3, endpoints: endpoints as never }],
      customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] }],
      routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
    },
    environment: {
      TOLLGATE_SIP_LISTEN: `udp:${net}.1:5060,tcp:${net}.1:5060,tls:${net}.1:5061`,
      TOLLGATE_TLS_CERT: own.certFile,
      TOLLGATE_TLS_KEY: own.keyFile,
      TOLLGATE_TLS_CA: authority.caFile,
      TOLLGATE_UDP: udp,
    },
  })
  t.after(() => tollgate.stop())
  return tollgate
}

async function testCall(tollgate: Tollgate, name: string, method: 'INVITE' | 'OPTIONS'): Promise<TestCall> {
  const { items } = await tollgate.get<{ items: { id: string; name: string }[] }>('/endpoints')
  const endpointId = items.find((one) => one.name === name)?.id
  const asked = await tollgate.request('POST', '/api/v1/test-calls', {
    endpointId,
    destination: '441782000000',
    method,
  })
  assert.ok(asked.status < 300, JSON.stringify(asked.body))
  const { id } = asked.body as TestCall
  return tollgate.eventually(
    `test call to ${name}`,
    () => tollgate.get<TestCall>(`/test-calls/${id}`),
    ({ result }) => result !== null,
  )
}

const transports = ['udp', 'tcp', 'tls'] as const
const why = new RegExp(
  `the listener 127\\.0\\.159\\.1:506[01] cannot send to ${outside.replaceAll('.', '\\.')}: it is bound to loopback, which reaches this machine only; let calls leave by`,
)

for (const udp of ['dgram', 'batched'])
  test(`a gateway that no listener reaches is red in words, with TOLLGATE_UDP=${udp}`, async (t) => {
    const endpoints = transports.map((transport) => ({
      name: `gw-${transport}`,
      direction: 'receives',
      addresses: [outside],
      transport,
      probe: { failuresDown: 1, intervalSeconds: 5, timeoutMs: 1_000 },
    }))
    const tollgate = await startTollgate(t, endpoints, udp)
    const rows = await tollgate.eventually(
      'three red gateways',
      () => tollgate.get<BoardRow[]>('/gateways'),
      (board) => board.length === 3 && board.every(({ status }) => status === 'red'),
    )
    for (const { name, reason } of rows) assert.match(reason, why, name)
    for (const transport of transports)
      for (const method of ['OPTIONS', 'INVITE'] as const) {
        const { result, text } = await testCall(tollgate, `gw-${transport}`, method)
        assert.equal(result, 'red')
        assert.match(text, why, `${method} over ${transport}`)
      }
  })

test('the attempts of a call say the same', async (t) => {
  const endpoints = transports.map((transport) => ({
    name: `gw-${transport}`,
    direction: 'receives',
    addresses: [outside],
    transport,
    probe: { enabled: false },
  }))
  const tollgate = await startTollgate(t, endpoints, 'auto')
  const caller = await WireCaller.open(`${net}.2`, { address: `${net}.1`, port: 5060 })
  t.after(() => caller.close())
  assert.equal((await caller.request()).status, 503)
  const [record] = await tollgate.eventually(
    'the record',
    () => tollgate.records(),
    (records) => records.length === 1,
  )
  assert.equal(record?.attempts.length, 3)
  for (const { gateway, reason } of record?.attempts ?? []) assert.match(reason, why, gateway)
})

test('a test call over TLS: green with its ladder where the name is proved, red with the reason where it is not', async (t) => {
  const files = { ...tlsFilesOf(authority.issue(`IP:${net}.11`)), ca: readFileSync(authority.caFile) }
  const wrong = { ...tlsFilesOf(authority.issue('DNS:other.example')), ca: readFileSync(authority.caFile) }
  const gateway = await TlsEnd.open({ address: `${net}.11`, port: 5061, files })
  const other = await TlsEnd.open({ address: `${net}.12`, port: 5061, files: wrong })
  t.after(() => Promise.all([gateway.close(), other.close()]))
  const contact = `sip:gw@${net}.11:5061;transport=tls`
  gateway.answer = (request) => (request.startsWith('ACK') ? [] : [respondTo(request, 200, { contact })])
  const endpoints = ['11', '12'].map((last) => ({
    name: `gw-${last}`,
    direction: 'receives',
    addresses: [`${net}.${last}`],
    transport: 'tls',
    probe: { enabled: false },
  }))
  const tollgate = await startTollgate(t, endpoints, 'auto')
  for (const method of ['OPTIONS', 'INVITE'] as const) {
    const good = await testCall(tollgate, 'gw-11', method)
    assert.equal(good.result, 'green', good.text)
    assert.ok(good.ladder.length >= 2)
    const bad = await testCall(tollgate, 'gw-12', method)
    assert.equal(bad.result, 'red')
    assert.match(bad.text, /TLS: .*other\.example|certificate/i)
  }
})
