// Kamailio as the carrier: it challenges every request, keeps our registration, and stands between us and the carrier.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { kamailioVersion, startKamailio } from '../kit/kamailio.ts'
import type { Kamailio, KamailioOptions } from '../kit/kamailio.ts'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const login = { username: 'acct-7', password: 'Kamailio-Secret-1' }
const values = { USERNAME: login.username, PASSWORD: login.password, REALM: 'carrier.example' }

const fileOf = (net: string, endpoint: object) => ({
  carriers: [
    {
      name: 'Acme',
      endpoints: [
        {
          name: 'acme-1',
          direction: 'receives' as const,
          addresses: [`${net}.11`],
          probe: { enabled: false },
          ...endpoint,
        },
      ],
    },
  ],
  customers: [
    {
      name: 'PBX',
      endpoints: [
        { name: 'pbx', direction: 'both' as const, addresses: [`${net}.2`], port: 5080, probe: { enabled: false } },
      ],
    },
  ],
  routes: [
    { prefix: '', from: 'customers' as const, targets: [{ carrier: 'Acme' }] },
    { prefix: '', from: 'carriers' as const, targets: [{ customer: 'PBX' }] },
  ],
})

/** Peers and server end with their test, whatever becomes of it. */
async function kamailio(t: TestContext, options: KamailioOptions): Promise<Kamailio> {
  const peer = await startKamailio({ ...options, values: { ...values, ...options.values } })
  t.after(() => peer.stop())
  return peer
}

async function sippGateway(t: TestContext, address: string): Promise<void> {
  const gateway = startSipp({ scenario: 'uas', address, port: 5080 })
  t.after(() => gateway.kill())
  await gateway.ready
}

async function tollgateOf(t: TestContext, net: string, endpoint: object): Promise<Tollgate> {
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf(net, endpoint) })
  t.after(() => tollgate.stop())
  return tollgate
}

const count = (text: string, line: string): number => text.split(line).length - 1

interface RegistrationRow {
  readonly direction: string
  readonly state: string
  readonly reason: string
  readonly contact: string
  readonly expiresAt: string | null
}

const registrations = async (tollgate: Tollgate): Promise<readonly RegistrationRow[]> =>
  (await tollgate.get<{ items: readonly RegistrationRow[] }>('/registrations')).items

for (const [algorithm, net] of [
  ['SHA-256', '127.0.44'],
  ['MD5', '127.0.45'],
] as const)
  test(`Kamailio challenges every request with 407 (${algorithm}): the nonce is used again, no count twice`, async (t) => {
    console.log(kamailioVersion())
    const calls = 100
    const more = { ALGORITHM: algorithm, NEXT: `${net}.12`, NONCE: '300' }
    const carrier = await kamailio(t, { config: 'carrier', address: `${net}.11`, port: 5060, values: more })
    await sippGateway(t, `${net}.12`)
    const tollgate = await tollgateOf(t, net, login)
    const remote = `${net}.1:5060`
    const caller = await runSipp({
      scenario: 'uac',
      address: `${net}.2`,
      port: 5070,
      remote,
      calls,
      callsPerSecond: 50,
    })
    assert.equal(caller.failed, 0, caller.errors)
    assert.equal(caller.successful, calls)
    await tollgate.assertNothingHeld()
    const log = carrier.log()
    assert.equal(count(log, 'TEST accept INVITE'), calls)
    assert.equal(count(log, 'TEST accept BYE'), calls)
    const uses = [...log.matchAll(/TEST accept .*nonce="([^"]+)".*algorithm=([\w-]+).*nc=([0-9a-f]{8})/g)]
    assert.equal(uses.length, 2 * calls)
    assert.ok(uses.every((use) => use[2] === algorithm))
    assert.equal(new Set(uses.map((use) => `${use[1]} ${use[3]}`)).size, uses.length, 'nonce and count never repeat')
    const challenges = count(log, 'TEST challenge')
    assert.ok(challenges >= 1 && challenges < calls / 5, `${challenges} challenges: the nonce serves many requests`)
    console.log(`${challenges} challenges for ${2 * calls} requests`)
  })

test('Kamailio with nonces that live 2 s: stale is answered, calls and probes go on', async (t) => {
  const net = '127.0.46'
  // Kamailio counts whole seconds: a nonce of "1 s" may be stale as soon as it is made.
  const more = { ALGORITHM: 'SHA-256', NEXT: `${net}.12`, NONCE: '2' }
  const carrier = await kamailio(t, { config: 'carrier', address: `${net}.11`, port: 5060, values: more })
  await sippGateway(t, `${net}.12`)
  await tollgateOf(t, net, { ...login, probe: { enabled: true, intervalSeconds: 1 } })
  const remote = `${net}.1:5060`
  const caller = await runSipp({
    scenario: 'uac',
    address: `${net}.2`,
    port: 5070,
    remote,
    calls: 35,
    callsPerSecond: 5,
  })
  assert.equal(caller.successful, 35, caller.errors)
  // Calls and probes share a nonce; which of them meets a stale one first is a matter of phase.
  const challenges = count(carrier.log(), 'TEST challenge')
  assert.ok(challenges >= 3, `${challenges} challenges: nonces ran out in between`)
  assert.ok(challenges < 20, `${challenges} challenges: each nonce serves until it is stale`)
  assert.ok(count(carrier.log(), 'TEST accept OPTIONS') >= 1, 'probes show credentials')
})

test('Kamailio refuses a wrong password: 503 to the caller, one attempt with the reason', async (t) => {
  const net = '127.0.47'
  const more = { ALGORITHM: 'SHA-256', NEXT: `${net}.12`, NONCE: '300' }
  await kamailio(t, { config: 'carrier', address: `${net}.11`, port: 5060, values: more })
  const tollgate = await tollgateOf(t, net, { ...login, password: 'Another-Secret-1' })
  const caller = await runSipp({
    scenario: 'uac-refused',
    address: `${net}.2`,
    port: 5070,
    remote: `${net}.1:5060`,
    calls: 1,
    values: { STATUS: '503' },
  })
  assert.equal(caller.successful, 1, caller.errors)
  const [record] = await tollgate.eventually(
    'record',
    () => tollgate.records(),
    (rows) => rows.length === 1,
  )
  assert.deepEqual(
    record?.attempts.map(({ reason }) => reason),
    ['407 from the gateway: credentials refused'],
  )
})

test('Kamailio as registrar (SHA-256): registered, refreshed, called at our Contact, taken back at the end', async (t) => {
  const net = '127.0.48'
  const more = { MINEXPIRES: '0', MAXEXPIRES: '5' }
  const registrar = await kamailio(t, { config: 'registrar', address: `${net}.11`, port: 5060, values: more })
  await sippGateway(t, `${net}.2`)
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: fileOf(net, { ...login, direction: 'both', register: { enabled: true } }),
  })
  try {
    const [row] = await tollgate.eventually(
      'registered',
      () => registrations(tollgate),
      ([one]) => one?.state === 'registered',
    )
    assert.equal(row?.direction, 'out')
    assert.equal(row.reason, 'registered for 5 s', 'what the registrar granted, not what was asked for')
    const outside = await runSipp({
      scenario: 'uac',
      address: `${net}.99`,
      port: 5070,
      remote: `${net}.11:5060`,
      number: '441782000002',
      calls: 5,
      callsPerSecond: 5,
    })
    assert.equal(outside.successful, 5, outside.errors + registrar.log())
    const { items } = await tollgate.eventually(
      'records',
      () => tollgate.get<{ items: readonly { callerAccount: string; dialled: string }[] }>('/call-records?limit=10'),
      (page) => page.items.length === 5,
    )
    assert.ok(items.every((one) => one.callerAccount === 'Acme' && one.dialled === '441782000002'))
    await tollgate.eventually(
      'refreshed',
      () => Promise.resolve(count(registrar.log(), 'TEST accept REGISTER')),
      (accepted) => accepted >= 3,
    )
  } finally {
    await tollgate.stop()
  }
  assert.match(registrar.log(), /TEST accept REGISTER acct-7 expires=0 /, 'taken back')
})

test('Kamailio asks for longer than we do: 423 is honoured', async (t) => {
  const net = '127.0.50'
  const more = { MINEXPIRES: '900', MAXEXPIRES: '900' }
  await kamailio(t, { config: 'registrar', address: `${net}.11`, port: 5060, values: more })
  const tollgate = await tollgateOf(t, net, { ...login, register: { enabled: true, expiresSeconds: 60 } })
  const [row] = await tollgate.eventually(
    'registered',
    () => registrations(tollgate),
    ([one]) => one?.state === 'registered',
  )
  assert.equal(row?.reason, 'registered for 900 s')
})

test('Kamailio refuses the registration three times: red, with its words', async (t) => {
  const net = '127.0.49'
  const more = { MINEXPIRES: '0', MAXEXPIRES: '60' }
  await kamailio(t, { config: 'registrar', address: `${net}.11`, port: 5060, values: more })
  const wrong = { username: 'acct-7', password: 'Another-Secret-1', register: { enabled: true } }
  const tollgate = await tollgateOf(t, net, wrong)
  const [row] = await tollgate.eventually(
    'refused',
    () => registrations(tollgate),
    ([one]) => one?.state === 'refused',
    30_000,
  )
  assert.equal(row?.reason, 'registration refused: 401 Unauthorized, credentials refused')
  const [gateway] = await tollgate.get<readonly { status: string; reason: string }[]>('/gateways')
  assert.deepEqual([gateway?.status, gateway?.reason], ['red', row.reason])
})
