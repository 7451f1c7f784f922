// Gateways that are names: found by a DNS server of the test, called, moved, and red where DNS has no address.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'
import { DnsServer } from '../kit/dns-server.ts'

const net = '127.0.39'
const edge = { address: `${net}.1`, port: 5060 }

interface Row {
  readonly name: string
  readonly target: string
  readonly status: string
  readonly reason: string
  readonly share: number
}

type Endpoints = NonNullable<NonNullable<DeclarativeInput['carriers']>[number]['endpoints']>

const fileOf = (endpoints: Endpoints): DeclarativeInput => ({
  carriers: [{ name: 'Acme', endpoints }],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] }],
  routes: [{ prefix: '', from: 'any', targets: [{ carrier: 'Acme' }] }],
})

async function open(t: TestContext, endpoints: Endpoints): Promise<{ tollgate: Tollgate; dns: DnsServer }> {
  const dns = await DnsServer.open()
  t.after(() => dns.close())
  dns.zone.set('_sip._udp.sip.acme.example', [
    { type: 'SRV', priority: 1, weight: 3, port: 5070, target: 'a.acme.example' },
    { type: 'SRV', priority: 1, weight: 1, port: 5070, target: 'b.acme.example' },
    { type: 'SRV', priority: 2, weight: 0, port: 5070, target: 'c.acme.example' },
  ])
  for (const [host, last] of [
    ['a', 11],
    ['b', 12],
    ['c', 13],
  ] as const)
    dns.zone.set(`${host}.acme.example`, [{ type: 'A', address: `${net}.${last}` }])
  const tollgate = await Tollgate.start({
    sip: `${edge.address}:${edge.port}`,
    file: fileOf(endpoints),
    environment: { TOLLGATE_DNS_SERVERS: dns.address },
  })
  t.after(() => tollgate.stop())
  return { tollgate, dns }
}

async function rowsOf(tollgate: Tollgate): Promise<readonly Row[]> {
  const body = await tollgate.get<readonly Row[] | { items: readonly Row[] }>('/gateways')
  return 'items' in body ? body.items : body
}

const probe = { enabled: false }

test('RFC3263-4.3: a name with SRV is called by weight and priority, with the name in the Request-URI; failover follows', async (t) => {
  const { tollgate } = await open(t, [{ name: 'named', direction: 'receives', addresses: ['SIP.acme.example'], probe }])
  const rows = await tollgate.eventually(
    'the targets',
    () => rowsOf(tollgate),
    (found) => found.length === 3,
  )
  assert.deepEqual(
    rows.map(({ target, status, share }) => [target, status, share]),
    [
      [`udp:${net}.11:5070`, 'green', 0.75],
      [`udp:${net}.12:5070`, 'green', 0.25],
      [`udp:${net}.13:5070`, 'green', 0],
    ],
  )
  // Nobody listens there: each port refuses, and the call goes on to the next address and tier.
  const caller = await WireCaller.open(`${net}.2`, edge)
  t.after(() => caller.close())
  const { status } = await caller.request()
  assert.equal(status, 503)
  const [record] = await tollgate.eventually(
    'the record',
    () => tollgate.records(),
    (records) => records.length === 1,
  )
  assert.equal(record?.attempts.length, 2)
  for (const { reason } of record?.attempts ?? []) assert.match(reason, /refused/)
})

test('RFC3263-4: a call reaches the gateway behind a name, whose addresses get an answer to OPTIONS', async (t) => {
  const gateway = await WireCaller.open(`${net}.14`, edge, 5060)
  t.after(() => gateway.close())
  const { tollgate, dns } = await open(t, [
    { name: 'plain', direction: 'receives', addresses: ['gw.acme.example'], probe },
  ])
  await tollgate.eventually(
    'it is red',
    () => rowsOf(tollgate),
    ([row]) => row?.reason === 'DNS: name not found',
  )
  const caller = await WireCaller.open(`${net}.2`, edge)
  t.after(() => caller.close())
  assert.equal((await caller.request()).status, 503)
  assert.equal((await gateway.request({ method: 'OPTIONS' })).status, 403)
  dns.zone.set('gw.acme.example', [{ type: 'A', address: `${net}.14` }])
  // Another port is another question, which does not wait for the pause after "not found".
  await tollgate.apply(
    fileOf([{ name: 'plain', direction: 'receives', addresses: ['gw.acme.example'], port: 5060, probe }]),
  )
  await tollgate.eventually(
    'it is green',
    () => rowsOf(tollgate),
    ([row]) => row?.target === `udp:${net}.14:5060` && row.status === 'green',
  )
  assert.equal((await gateway.request({ method: 'OPTIONS' })).status, 200)
  caller.send(caller.compose({}, 'z9hG4bKnamed', 'named-call'))
  await tollgate.eventually(
    'the INVITE',
    () => Promise.resolve(gateway.received),
    (received) => received.some((text) => text.startsWith('INVITE sip:441782000000@gw.acme.example SIP/2.0')),
  )
})

test('a name without an address is a row of its own: red with the reason, in simulate and metrics too, beside what works', async (t) => {
  const { tollgate, dns } = await open(t, [
    { name: 'mixed', direction: 'receives', addresses: [`${net}.15`, 'absent.acme.example'], probe },
  ])
  const rows = await tollgate.eventually(
    'both rows',
    () => rowsOf(tollgate),
    (found) => found.some(({ reason }) => reason === 'DNS: name not found'),
  )
  assert.deepEqual(
    rows.map(({ target, status, share }) => [target, status, share]),
    [
      ['dns:absent.acme.example', 'red', 0],
      [`udp:${net}.15:5060`, 'green', 1],
    ],
  )
  const simulated = await tollgate.request('POST', '/api/v1/simulate', {
    sourceIp: `${net}.2`,
    destination: '441782000000',
    cli: '441000',
  })
  assert.match(
    JSON.stringify(simulated.body),
    /dns:absent\.acme\.example of carrier Acme: left out: DNS: name not found/,
  )
  assert.match(await tollgate.metrics(), /tollgate_gateway_up\{[^}]*dns:absent\.acme\.example[^}]*\} 0/)
  assert.ok(dns.asked.includes('A absent.acme.example'))
  assert.equal(
    dns.asked.some((question) => question.startsWith('AAAA')),
    false,
    'no listener could send to IPv6',
  )
})

test('a DNS server that says nothing delays no call to an address', async (t) => {
  const dns = await DnsServer.open()
  t.after(() => dns.close())
  dns.mode = 'silent'
  const tollgate = await Tollgate.start({
    sip: `${edge.address}:${edge.port}`,
    file: fileOf([
      { name: 'named', direction: 'receives', addresses: ['gw.acme.example'], probe },
      { name: 'address', direction: 'receives', addresses: [`${net}.16`], probe },
    ]),
    environment: { TOLLGATE_DNS_SERVERS: dns.address },
  })
  t.after(() => tollgate.stop())
  const caller = await WireCaller.open(`${net}.2`, edge)
  t.after(() => caller.close())
  const answers = [await caller.request(), await caller.request(), await caller.request()]
  for (const { status, afterMs } of answers) {
    assert.equal(status, 503)
    assert.ok(afterMs < 1_000, `${afterMs} ms`)
  }
  await tollgate.eventually(
    'the reason',
    () => rowsOf(tollgate),
    (rows) => rows.some(({ reason }) => reason === 'DNS: no answer'),
  )
})

test('an outbound proxy by its name: the request goes to the address, the name stands in Route', async (t) => {
  const proxy = await WireCaller.open(`${net}.16`, edge, 5075)
  t.after(() => proxy.close())
  const behind = (uri: string): Endpoints => [
    { name: 'behind', direction: 'receives', addresses: [`${net}.17`], outboundProxy: [{ uri }], probe },
  ]
  const { tollgate, dns } = await open(t, behind('sip:proxy.acme.example'))
  const caller = await WireCaller.open(`${net}.2`, edge)
  t.after(() => caller.close())
  assert.equal((await caller.request()).status, 503)
  const [record] = await tollgate.eventually(
    'the record',
    () => tollgate.get<{ items: { explanation: { text: string }[] }[] }>('/call-records').then(({ items }) => items),
    (records) => records.length === 1,
  )
  assert.ok(record?.explanation.some(({ text }) => /outbound proxy sip:proxy\.acme\.example: DNS: /.test(text)))
  dns.zone.set('proxy.acme.example', [{ type: 'A', address: `${net}.16` }])
  // Another port is another question, which does not wait for the pause after "not found".
  await tollgate.apply(fileOf(behind('sip:proxy.acme.example:5075')))
  const sendUntilSeen = (): Promise<readonly string[]> => {
    caller.send(caller.compose({}, `z9hG4bKproxied${Date.now()}`, `proxied-${Date.now()}`))
    return Promise.resolve(proxy.received)
  }
  const received = await tollgate.eventually('the INVITE', sendUntilSeen, (texts) => texts.length > 0)
  assert.match(received[0] ?? '', new RegExp(`^INVITE sip:441782000000@${net}\\.17 SIP/2\\.0\r\n`))
  assert.match(received[0] ?? '', /^Route: <sip:proxy\.acme\.example:5075;lr>\r$/m)
})
