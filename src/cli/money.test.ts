// Commands for money and figures as a process of its own against a real API.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import type { PaymentItem } from '../contract/api-money.ts'
import type { Records } from '../control/record-service.ts'

const program = fileURLToPath(new URL('tollgate.mjs', import.meta.url))
let rig: ApiRig

before(async () => {
  rig = await openApiRig()
  const input = { name: 'Acme', currency: 'EUR', rates: [{ prefix: '', pricePerMinute: '0.60' }] }
  assert.equal((await rig.fetch('POST', '/api/v1/carriers', { body: input })).status, 201)
})
after(() => rig.close())

async function tollgate(...argv: string[]): Promise<{ code: number | null; out: string; error: string }> {
  const environment = { TOLLGATE_URL: rig.server.address, TOLLGATE_API_KEY: rig.keys.engineer }
  const child = spawn(process.execPath, [program, ...argv], { env: { PATH: process.env['PATH'], ...environment } })
  let [out, error] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, error }
}

async function done(...argv: string[]): Promise<string> {
  const { code, out, error } = await tollgate(...argv)
  assert.deepEqual({ code, error }, { code: 0, error: '' }, out)
  return out
}

test('pay, payments, payment, balance', async () => {
  assert.equal(await done('payments', 'Acme'), 'No payments.\n')
  assert.match(
    await done('pay', 'Acme', '12.5', '--description', 'transfer'),
    /^Payment pay_\S+ of 12\.50 EUR is completed\.\n$/,
  )
  await done('pay', 'Acme', '--description', 'refund', '--pending', '--', '-2.50')
  const list = await done('payments', 'Acme')
  assert.match(list, /-2\.50 EUR +pending +engineer key +pay_\S+ +refund\n.* +12\.50 EUR +completed/)
  const { items } = JSON.parse(await done('payments', 'Acme', '--json')) as { items: readonly PaymentItem[] }
  assert.match(await done('payment', items[0]?.id ?? '', 'cancelled'), /is cancelled\.\n$/)
  assert.match(await done('balance', 'Acme'), /^balance +12\.50 EUR\npayments +12\.50\ncalls cost +0\.00\n$/)
  assert.match(await done('carriers'), /^Acme .* 12\.50 EUR /m)
})

test('what is refused is exit 1 with its path, what is not understood exit 2', async () => {
  const refused = await tollgate('pay', 'Acme', '1e3', '--description', 'x')
  assert.deepEqual([refused.code, /amount: "1e3" is no amount/.test(refused.error)], [1, true], refused.error)
  assert.equal((await tollgate('balance', 'nobody')).code, 1)
  assert.equal((await tollgate('pay', 'Acme', '1')).code, 2)
  assert.equal((await tollgate('balance', 'Acme', '--kind', 'route')).code, 2)
  assert.equal((await tollgate('stats', '--step', 'second')).code, 1)
})

test('stats, summary, failovers: sentences while nothing happened, tables afterwards', async () => {
  assert.equal(await done('stats'), 'Nothing happened in this time.\n')
  assert.equal(await done('stats', '--codes'), 'Nothing happened in this time.\n')
  assert.match(await done('failovers', 'Acme'), /^0 failed here, 0 of them were answered elsewhere\.\n$/)
  const { id } = await rig.control.config.getAccount('carrier', 'Acme')
  const startedAt = Date.now() - 1_000
  const attempt = attemptRecord({ accountId: id, startedAt, ringingAt: startedAt + 250 })
  const failed = { ...attempt, ringingAt: null, status: 503, reason: '503 from the gateway' }
  const elsewhere = { ...attempt, accountId: 'car_b', account: 'Beta', gateway: 'beta-1' }
  const call = { startedAt, answeredAt: startedAt + 500, talkMs: 30_000 }
  rig.control.records.add(
    [callRecord(1, { ...call, attempts: [attempt] }), callRecord(2, { ...call, attempts: [failed, elsewhere] })],
    0,
  )
  await (rig.control.records as Records).flush()
  const stats = await done('stats', '--account', 'Acme')
  assert.match(stats, /^FROM +ATTEMPTS +ANSWERED +FAILED +CANCELLED +ASR +ACDSECONDS +PDDMS\n/)
  assert.match(stats.split('\n').at(-2) ?? '', /Z +2 +1 +1 +0 +50\.0 % +30 +250$/)
  assert.match(await done('stats', '--account', 'Acme', '--codes'), /^STATUS +COUNT\n200 +1\n503 +1\n$/)
  assert.match(await done('summary', 'Acme'), /^24h +2 +1 +50\.0 % +30 +250 +30 +0\.30 +0$/m)
  const failovers = await done('failovers', 'Acme')
  assert.match(failovers, /^1 failed here, 1 of them were answered elsewhere\.\n/)
  assert.match(failovers, /acme-1 +503 from the gateway +1 +\S+ \S+ +Beta\/beta-1 +call_2$/m)
})
