// Kamailio as a carrier that is reached, and calls, by TLS only: both sides show certificates and check them.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { Authority } from '../kit/certificates.ts'
import { kamailioVersion, startKamailio } from '../kit/kamailio.ts'
import type { Kamailio } from '../kit/kamailio.ts'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const ours = new Authority('Authority of Tollgate')
const theirs = new Authority('Authority of the carrier')
const calls = 50

interface Scene {
  readonly tollgate: Tollgate
  readonly carrier: Kamailio
}

/** `net`.1 Tollgate, .2 a customer, .11 Kamailio, .12 whoever stands behind it. */
async function openScene(t: TestContext, net: string, names: { carrier: string; us: string }): Promise<Scene> {
  const theirFiles = theirs.issue(`DNS:${names.carrier}`, { commonName: names.carrier })
  const ourFiles = ours.issue(`DNS:${names.us}`, { commonName: names.us })
  const carrier = await startKamailio({
    config: 'tls',
    address: `${net}.11`,
    port: 5060,
    values: {
      NEXT: `${net}.12`,
      EDGE: `${net}.1`,
      CERT: theirFiles.certFile,
      KEY: theirFiles.keyFile,
      CA: ours.caFile,
    },
  })
  t.after(() => carrier.stop())
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: {
      carriers: [
        {
          name: 'Acme',
          endpoints: [
            {
              name: 'acme-out',
              direction: 'receives',
              addresses: [`${net}.11`],
              transport: 'tls',
              tls: { serverName: 'sip.acme.example', ca: theirs.pem },
              probe: { intervalSeconds: 1, failuresDown: 1 },
            },
            { name: 'acme-in', direction: 'sends', addresses: ['127.0.0.0/8'], tls: { peerName: 'sip.acme.example' } },
          ],
        },
      ],
      customers: [
        {
          name: 'PBX',
          endpoints: [
            { name: 'pbx', direction: 'both', addresses: [`${net}.2`], port: 5080, probe: { enabled: false } },
          ],
        },
      ],
      routes: [
        { prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] },
        { prefix: '', from: 'carriers', targets: [{ customer: 'PBX' }] },
      ],
    },
    environment: {
      TOLLGATE_SIP_LISTEN: `udp:${net}.1:5060,tls:${net}.1:5061`,
      TOLLGATE_TLS_CERT: ourFiles.certFile,
      TOLLGATE_TLS_KEY: ourFiles.keyFile,
      TOLLGATE_TLS_CA: theirs.caFile,
    },
  })
  t.after(() => tollgate.stop())
  return { tollgate, carrier }
}

const names = { carrier: 'sip.acme.example', us: 'tollgate.example' }
const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length

async function gatewayAt(t: TestContext, address: string): Promise<void> {
  const gateway = startSipp({ scenario: 'uas', address, port: 5080 })
  t.after(() => gateway.kill())
  await gateway.ready
}

test('calls to Kamailio by TLS: it proves its name by its own authority, we prove ours; probes go the same way', async (t) => {
  console.log(kamailioVersion())
  const net = '127.0.51'
  const { tollgate, carrier } = await openScene(t, net, names)
  await gatewayAt(t, `${net}.12`)
  const caller = await runSipp({
    scenario: 'uac',
    address: `${net}.2`,
    port: 5070,
    remote: `${net}.1:5060`,
    calls,
    callsPerSecond: 25,
  })
  assert.equal(caller.successful, calls, caller.errors + carrier.log())
  await tollgate.assertNothingHeld()
  for (const method of ['INVITE', 'ACK', 'BYE'])
    assert.equal(
      count(carrier.log(), new RegExp(`TEST ${method} by TLSv1.[23] from tollgate.example`, 'g')),
      calls,
      method,
    )
  assert.ok(count(carrier.log(), /TEST OPTIONS by TLS/g) >= 1)
})

test('calls from Kamailio by TLS are known by its certificate alone', async (t) => {
  const net = '127.0.52'
  const { tollgate, carrier } = await openScene(t, net, names)
  await gatewayAt(t, `${net}.2`)
  const caller = await runSipp({
    scenario: 'uac',
    address: `${net}.99`,
    port: 5070,
    remote: `${net}.11:5060`,
    calls,
    callsPerSecond: 25,
  })
  assert.equal(caller.successful, calls, caller.errors + carrier.log())
  await tollgate.assertNothingHeld()
  const { total } = await tollgate.eventually(
    'records',
    () => tollgate.get<{ total: number }>('/call-records?limit=1&account=Acme'),
    (page) => page.total === calls,
  )
  assert.equal(total, calls)
})

test('Kamailio with a certificate for another name: red with the reason, no call arrives, none of its calls is taken', async (t) => {
  const net = '127.0.53'
  const { tollgate, carrier } = await openScene(t, net, { ...names, carrier: 'sip.other.example' })
  interface Row {
    readonly target: string
    readonly status: string
    readonly reason: string
  }
  const rows = await tollgate.eventually(
    'the reason',
    () => tollgate.get<readonly Row[]>('/gateways'),
    (found) => found.some(({ reason }) => reason.includes('not valid for sip.acme.example')),
  )
  assert.deepEqual(
    rows.filter(({ status }) => status === 'red').map(({ target }) => target),
    [`tls:${net}.11:5061`],
  )
  const outside = await runSipp({
    scenario: 'uac-refused',
    address: `${net}.99`,
    port: 5070,
    remote: `${net}.11:5060`,
    calls: 1,
    values: { STATUS: '403' },
  })
  assert.equal(outside.successful, 1, outside.errors)
  assert.equal(count(carrier.log(), /TEST/g), 0)
})
