import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import type { Page, Problem } from '../contract/api-common.ts'
import type { CallRecordItem } from '../contract/api-live.ts'
import { balanceView, paymentView } from '../contract/api-money.ts'
import type { BalanceItem, PaymentItem } from '../contract/api-money.ts'
import type { Records } from '../control/record-service.ts'

let rig: ApiRig
const payments = '/api/v1/carriers/Acme/payments'

before(async () => {
  rig = await openApiRig()
  const rates = [{ prefix: '00', pricePerMinute: '0.015' }]
  for (const [path, body] of [
    ['carriers', { name: 'Acme', currency: 'EUR', rates }],
    ['customers', { name: 'PBX' }],
  ] as const)
    assert.equal((await rig.fetch('POST', `/api/v1/${path}`, { body })).status, 201)
})
after(() => rig.close())

const balance = async (path = 'carriers/Acme'): Promise<BalanceItem> => {
  const { status, json } = await rig.fetch('GET', `/api/v1/${path}/balance`)
  assert.equal(status, 200)
  return balanceView.parse(json)
}

const pay = async (body: object, key?: string) =>
  rig.fetch('POST', payments, { body: { description: 'transfer', ...body }, ...(key === undefined ? {} : { key }) })

test('an account without payments: an empty list, a balance of nothing', async () => {
  assert.deepEqual((await rig.fetch('GET', payments)).json, { items: [], nextCursor: null, total: 0 })
  assert.deepEqual(await balance('customers/PBX'), {
    currency: 'USD',
    payments: '0.00',
    cost: '0.00',
    balance: '0.00',
    stopped: false,
    chargedAt: null,
  })
})

test('a payment is entered, read, cancelled with its version, and never removed', async () => {
  const created = await pay({ amount: '10.5' })
  assert.equal(created.status, 201)
  const payment = paymentView.parse(created.json)
  const url = created.headers.get('location') ?? ''
  assert.equal(url, `/api/v1/payments/${payment.id}`)
  assert.deepEqual([payment.amount, payment.currency, payment.status], ['10.50', 'EUR', 'completed'])
  assert.equal((await balance()).balance, '10.50')
  const read = await rig.fetch('GET', url)
  assert.deepEqual(read.json, created.json)
  const etag = read.headers.get('etag') ?? ''
  const cancel = { body: { status: 'cancelled' }, headers: { 'if-match': etag, 'x-reason': 'entered twice' } }
  const cancelled = await rig.fetch('PATCH', url, cancel)
  assert.equal((cancelled.json as PaymentItem).status, 'cancelled')
  assert.notEqual(cancelled.headers.get('etag'), etag)
  assert.equal((await rig.fetch('PATCH', url, cancel)).status, 412)
  assert.equal((await balance()).balance, '0.00')
  const gone = await rig.fetch('DELETE', url)
  assert.equal(gone.status, 405)
  assert.equal(((await rig.fetch('GET', payments)).json as Page<PaymentItem>).total, 1)
})

test('what is wrong with a payment has its path', async () => {
  const pathsOf = async (body: object): Promise<string[]> => {
    const { status, json } = await pay(body)
    assert.equal(status, 400)
    return (json as Problem).errors.map(({ path }) => path)
  }
  assert.deepEqual(await pathsOf({ amount: 10.5 }), ['amount'])
  assert.deepEqual(await pathsOf({ amount: '1.1234567' }), ['amount'])
  assert.deepEqual(await pathsOf({ amount: '99999999999999999999' }), ['amount'])
  assert.deepEqual(await pathsOf({ amount: '1', status: 'paid', total: '1' }), ['status', 'total'])
  assert.equal((await rig.fetch('GET', '/api/v1/payments/pay_none')).status, 404)
  assert.equal((await rig.fetch('GET', '/api/v1/carriers/none/payments')).status, 404)
  assert.equal((await rig.fetch('GET', `${payments}?cursor=x`)).status, 400)
})

test('a description with markup or SQL is text', async () => {
  const description = `<b>'); drop table payments; --`
  const { json } = await pay({ description, amount: '-0.000001' })
  const payment = json as PaymentItem
  assert.deepEqual([payment.description, payment.amount], [description, '-0.000001'])
  await rig.fetch('PATCH', `/api/v1/payments/${payment.id}`, { body: { status: 'cancelled' } })
})

test('support reads money and changes none', async () => {
  const { support } = rig.keys
  assert.equal((await pay({ amount: '1' }, support)).status, 403)
  assert.equal((await rig.fetch('GET', payments, { key: support })).status, 200)
  assert.equal((await rig.fetch('GET', '/api/v1/carriers/Acme/balance', { key: support })).status, 200)
  const { id } = ((await rig.fetch('GET', payments)).json as Page<PaymentItem>).items[0] as PaymentItem
  const patched = await rig.fetch('PATCH', `/api/v1/payments/${id}`, { body: { status: 'completed' }, key: support })
  assert.equal(patched.status, 403)
})

test('a call record shows what the call cost, exactly; the list of carriers shows the balance without the rates', async () => {
  const { id } = await rig.control.config.getAccount('carrier', 'Acme')
  const call = callRecord(1, { talkMs: 61_000, attempts: [attemptRecord({ accountId: id })] })
  rig.control.records.add([call, callRecord(2, { outcome: 'failed', answeredAt: null, talkMs: 0 })], 0)
  await (rig.control.records as Records).flush()
  const { items } = (await rig.fetch('GET', '/api/v1/call-records')).json as Page<CallRecordItem>
  assert.deepEqual(
    items.map(({ cost, costCurrency, ratePrefix }) => [cost, costCurrency, ratePrefix]),
    [
      [null, null, null],
      ['0.01525', 'EUR', '00'],
    ],
  )
  assert.equal(items[1]?.attempts[0]?.destination, '00441782000000')
  const csv = (await rig.fetch('GET', '/api/v1/call-records.csv')).text.split('\r\n')
  assert.match(csv[0] ?? '', /,cost,costCurrency,ratePrefix$/)
  assert.match(csv[2] ?? '', /,0\.01525,EUR,00$/)
  assert.deepEqual([(await balance()).cost, (await balance()).balance], ['0.01525', '-0.01525'])
  const carriers = (await rig.fetch('GET', '/api/v1/carriers')).json as Page<Record<string, unknown>>
  assert.equal('rates' in (carriers.items[0] ?? {}), false)
  assert.deepEqual(carriers.items[0]?.['summary'], {
    asr: null,
    acdSeconds: null,
    pddMs: null,
    balance: '-0.01525',
    channels: 0,
    callsPerSecond: 0,
    lights: { green: 0, red: 0 },
    lastCallAt: '2026-01-01T00:00:00.005Z',
  })
})

test('rate lines and contacts go through file, plan, export and rollback; each fault has its path', async () => {
  const apply = async (carrier: object, path = '/api/v1/config/apply') =>
    rig.fetch('POST', path, { body: { carriers: [{ name: 'Rated', ...carrier }] } })
  const contacts = [{ name: 'NOC', email: 'noc@carrier.example', phone: '+44 1782 000000' }]
  const rates = [
    { prefix: '+44', pricePerMinute: '0.0120' },
    { prefix: '', pricePerMinute: '1', connectFee: '0.05', firstIncrementSeconds: 60, incrementSeconds: 60 },
  ]
  assert.equal((await apply({ rates, contacts })).status, 200)
  const carrierOf = async () => (await rig.fetch('GET', '/api/v1/carriers/Rated')).json as Record<string, unknown>
  const { rates: stored, contacts: people } = await carrierOf()
  assert.deepEqual(
    (stored as { prefix: string; pricePerMinute: string }[]).map((line) => [line.prefix, line.pricePerMinute]),
    [
      ['44', '0.012'],
      ['', '1.00'],
    ],
  )
  assert.deepEqual(people, [{ ...contacts[0], role: '' }])
  const exported = (await rig.fetch('GET', '/api/v1/config/export')).json as object
  const again = (await rig.fetch('POST', '/api/v1/config/diff', { body: exported })).json as { plan: unknown[] }
  assert.deepEqual(again.plan, [])
  const pathsOf = async (lines: unknown): Promise<string[]> =>
    ((await apply({ rates: lines })).json as Problem).errors.map(({ path }) => path)
  const wrong = [{ prefix: '44', pricePerMinute: 0.012 }, { prefix: 'x', pricePerMinute: '1' }, { prefix: '45' }]
  assert.deepEqual(await pathsOf(wrong), [
    'carriers[0].rates[0].pricePerMinute',
    'carriers[0].rates[1].prefix',
    'carriers[0].rates[2].pricePerMinute',
  ])
  const many = Array.from({ length: 5_001 }, (_, i) => ({ prefix: String(i), pricePerMinute: '1' }))
  assert.deepEqual(await pathsOf(many), ['carriers[0].rates'])
  assert.equal((await apply({ rates: many.slice(1) })).status, 200)
  assert.ok(
    rig.control.directory.accounts.every((account) => !('rates' in account)),
    'not for the signalling thread',
  )
  assert.equal((await rig.fetch('POST', '/api/v1/config/rollback', { body: {} })).status, 200)
  assert.deepEqual((await carrierOf())['rates'], stored)
})

test('creditStop: the account says that it is stopped, and a payment lets it go on', async () => {
  const url = '/api/v1/carriers/Acme'
  await rig.fetch('PATCH', url, { body: { creditStop: true } })
  await rig.control.ledger.settled()
  const suspension = async () => ((await rig.fetch('GET', url)).json as { suspension: unknown }).suspension
  assert.equal((await balance()).stopped, true)
  assert.deepEqual(await suspension(), { kind: 'credit', reason: 'the balance is 0 or less', until: null })
  await pay({ amount: '1' })
  assert.equal((await balance()).stopped, false)
  assert.equal(await suspension(), null)
})
