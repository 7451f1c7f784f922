// Kamailio as outbound proxy between Tollgate and SIPp: both ways of a call go through it, from INVITE to BYE.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { kamailioVersion, startKamailio } from '../kit/kamailio.ts'
import { runSipp, startSipp } from '../kit/sipp.ts'
import type { SippScenario } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const calls = 20

const fileOf = (net: string, proxies: readonly string[]) => ({
  carriers: [
    {
      name: 'Acme',
      gatewayFailoverMax: 0,
      endpoints: [
        {
          name: 'acme-1',
          direction: 'receives' as const,
          addresses: [`${net}.11`],
          port: 5080,
          outboundProxy: proxies.map((address, i) => ({ uri: `sip:${address}:5060;lr`, weight: i === 0 ? 1 : 0 })),
          probe: { enabled: false },
        },
      ],
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [`${net}.2`] }] }],
  routes: [{ prefix: '', from: 'customers' as const, targets: [{ carrier: 'Acme' }] }],
})

interface Gateway {
  /** Requests it got, with the sent-by of their top Via. */
  received(): { readonly method: string; readonly topVia: string }[]
}

async function gatewayOf(t: TestContext, net: string, scenario: SippScenario): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-proxy-'))
  const file = join(folder, 'messages.log')
  const extra = ['-trace_msg', '-message_file', file]
  const gateway = startSipp({ scenario, address: `${net}.11`, port: 5080, extra })
  t.after(async () => {
    await gateway.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  await gateway.ready
  return {
    received: () =>
      [
        ...readFileSync(file, 'latin1').matchAll(
          /received [^\n]*\n\s*([A-Z]+) sip:[^\n]*\n(?:(?!\r?\n\r?\n)[^])*?Via: SIP\/2\.0\/UDP ([\d.]+)/g,
        ),
      ].map(([, method = '', topVia = '']) => ({ method, topVia })),
  }
}

async function call(net: string, scenario: SippScenario): Promise<void> {
  const remote = `${net}.1:5060`
  const caller = await runSipp({
    scenario,
    address: `${net}.2`,
    port: 5070,
    remote,
    calls,
    callsPerSecond: 20,
    pauseMs: 300,
  })
  assert.equal(caller.failed, 0, caller.errors)
  assert.equal(caller.successful, calls)
}

const count = (log: string, line: string): number => log.split(line).length - 1

for (const [what, gatewayScenario, callerScenario, net] of [
  ['the caller ends', 'uas', 'uac', '127.0.51'],
  ['the gateway ends', 'uas-ends', 'uac-callee-ends', '127.0.52'],
  ['the gateway re-INVITEs', 'uas-reinvite', 'uac-reinvite', '127.0.53'],
] as const)
  test(`Kamailio as outbound proxy, ${what}: every request takes the way through it`, async (t) => {
    console.log(kamailioVersion())
    const proxy = await startKamailio({ config: 'proxy', address: `${net}.21`, port: 5060 })
    t.after(() => proxy.stop())
    const gateway = await gatewayOf(t, net, gatewayScenario)
    const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf(net, [`${net}.21`]) })
    t.after(() => tollgate.stop())
    await call(net, callerScenario)
    await tollgate.assertNothingHeld()
    const log = proxy.log()
    for (const method of ['INVITE', 'ACK', 'BYE']) assert.ok(count(log, `TEST pass ${method} `) >= calls, method)
    const received = gateway.received()
    assert.ok(received.filter(({ method }) => method === 'INVITE').length >= calls)
    const direct = received.filter(({ topVia }) => topVia !== `${net}.21`)
    assert.deepEqual(direct, [], 'the carrier sees the proxy in the top Via of every request')
  })

test('the first of two proxies is gone: each call goes by Kamailio, the gateway stays green', async (t) => {
  const net = '127.0.54'
  const proxy = await startKamailio({ config: 'proxy', address: `${net}.21`, port: 5060 })
  t.after(() => proxy.stop())
  await gatewayOf(t, net, 'uas')
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf(net, [`${net}.20`, `${net}.21`]) })
  t.after(() => tollgate.stop())
  await call(net, 'uac')
  const records = await tollgate.eventually(
    'records',
    () => tollgate.records(),
    (rows) => rows.length === calls,
  )
  for (const { attempts } of records)
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [null, 200],
    )
  const [row] = await tollgate.get<readonly { status: string }[]>('/gateways')
  assert.equal(row?.status, 'green')
})
