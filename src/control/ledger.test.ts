import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import { formatMoney } from '../contract/money.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import { applied, tester, withControl } from '../../test/kit/control-rig.ts'
import type { Ledger } from './ledger.ts'
import type { Control } from './open-control.ts'
import type { Records } from './record-service.ts'

const fileOf = (change: object = {}) => ({
  carriers: [
    {
      name: 'Acme',
      rates: [{ prefix: '', pricePerMinute: '0.60' }],
      endpoints: [{ name: 'acme-1', direction: 'receives' as const, addresses: ['192.0.2.10'] }],
      ...change,
    },
  ],
})

const idOf = async (control: Control): Promise<string> => (await control.config.getAccount('carrier', 'Acme')).id

async function balanceOf(control: Control): Promise<string> {
  const id = await idOf(control)
  const { paid, cost } = (await control.ledger.totals([id])).get(id) ?? { paid: 0n, cost: 0n }
  return formatMoney(paid - cost)
}

const pay = async (control: Control, amount: string, status = 'completed') =>
  control.ledger.create(await idOf(control), { description: 'transfer', amount, status }, tester)

/** Calls of one minute each, which cost 0.60. */
async function callsOf(control: Control, numbers: readonly number[]): Promise<void> {
  const attempts = [attemptRecord({ accountId: await idOf(control) })]
  control.records.add(
    numbers.map((number) => callRecord(number, { attempts })),
    0,
  )
  await (control.records as Records).flush()
  await control.ledger.settled()
}

const faultOf = async (work: Promise<unknown>): Promise<Fault> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Fault, String(error))
  return error
}

test('only completed payments count, in both directions and after every change of status', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf())
    const id = await idOf(control)
    assert.equal(await balanceOf(control), '0.00')
    const first = await pay(control, '10.5')
    await pay(control, '-0.000001')
    const pending = await pay(control, '100', 'pending')
    assert.equal(await balanceOf(control), '10.499999')
    await control.ledger.change(pending.id, { status: 'completed' }, tester)
    assert.equal(await balanceOf(control), '110.499999')
    await control.ledger.change(pending.id, { status: 'completed', description: 'bank' }, tester)
    assert.equal(await balanceOf(control), '110.499999')
    await control.ledger.change(first.id, { status: 'cancelled' }, tester)
    assert.equal(await balanceOf(control), '99.999999')
    const { items, total } = await control.ledger.list(id, { limit: 10 })
    assert.equal(total, 3)
    assert.deepEqual(
      items.map(({ description, amount, status, currency }) => [description, amount, status, currency]),
      [
        ['bank', 100_000_000n, 'completed', 'USD'],
        ['transfer', -1n, 'completed', 'USD'],
        ['transfer', 10_500_000n, 'cancelled', 'USD'],
      ],
    )
  }))

test('payments come in pages, newest first, by status and by description', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf())
    const id = await idOf(control)
    for (const amount of ['1', '2', '3', '4']) await pay(control, amount, amount === '2' ? 'cancelled' : 'completed')
    const first = await control.ledger.list(id, { limit: 3 })
    assert.deepEqual([first.items.length, first.total], [3, 4])
    const second = await control.ledger.list(id, { limit: 3, cursor: first.nextCursor ?? '' })
    assert.deepEqual([second.items.map(({ amount }) => amount), second.nextCursor], [[1_000_000n], null])
    assert.equal((await control.ledger.list(id, { limit: 3, filter: { status: 'cancelled' } })).total, 1)
    assert.equal((await control.ledger.list(id, { limit: 3, search: 'rans' })).total, 4)
    assert.equal((await control.ledger.list(id, { limit: 3, search: 'r_ns' })).total, 0)
    for (const query of [{ cursor: 'x' }, { sort: 'amount' }, { filter: { amount: '1' } }])
      assert.equal((await faultOf(control.ledger.list(id, { limit: 3, ...query }))).code, 'invalid')
  }))

test('each fault of a payment has its path', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf())
    const id = await idOf(control)
    const pathsOf = async (input: unknown): Promise<string[]> =>
      (await faultOf(control.ledger.create(id, input, tester))).errors.map(({ path }) => path)
    assert.deepEqual(await pathsOf({ amount: '1e3', status: 'paid' }), ['description', 'amount', 'status'])
    assert.deepEqual(await pathsOf({ description: 'x', amount: 12 }), ['amount'])
    assert.deepEqual(await pathsOf({ description: ' ', amount: '1', fee: '2' }), ['description', 'fee'])
    assert.deepEqual(await pathsOf({ description: 'x', amount: '1000000001' }), ['amount'])
    assert.equal((await faultOf(control.ledger.get('pay_x'))).code, 'not_found')
    const { id: payment } = await pay(control, '1')
    assert.deepEqual(
      (await faultOf(control.ledger.change(payment, { amount: '2' }, tester))).errors.map(({ path }) => path),
      ['amount'],
    )
  }))

test('the second of two who change a payment is told, and its version stays', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf())
    const { id, etag } = await pay(control, '1')
    const changed = await control.ledger.change(id, { status: 'pending' }, { ...tester, ifMatch: etag })
    assert.notEqual(changed.etag, etag)
    const fault = await faultOf(control.ledger.change(id, { status: 'cancelled' }, { ...tester, ifMatch: etag }))
    assert.equal(fault.code, 'precondition_failed')
    assert.equal((await control.ledger.get(id)).status, 'pending')
  }))

test('every payment and change of one is in the audit, with before and after', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf())
    const { id } = await pay(control, '12.5')
    await control.ledger.change(id, { status: 'cancelled' }, { ...tester, reason: 'entered twice' })
    const { items } = await control.audit.list({ limit: 2, filter: { kind: 'payment' } })
    const after = { description: 'transfer', amount: '12.50', currency: 'USD', status: 'completed' }
    assert.deepEqual(
      items.map(({ action, name, reason, before, after: now }) => [action, name, reason, before, now]),
      [
        ['update', `Acme/${id}`, 'entered twice', after, { ...after, status: 'cancelled' }],
        ['create', `Acme/${id}`, null, null, after],
      ],
    )
  }))

test('calls are charged once: also when a batch is written again, pruned or read after a restart', () =>
  withControl(async (rig) => {
    const { control, clock } = rig
    await applied(control, fileOf())
    await pay(control, '10')
    await callsOf(control, [1, 2, 3])
    await callsOf(control, [3, 4])
    assert.equal(await balanceOf(control), '7.60')
    const [record] = (await control.records.list({ limit: 1 })).items
    assert.deepEqual(record?.charge, { cost: 600_000n, currency: 'USD', prefix: '' })
    await control.config.updateSystem({ recordsDays: 1 }, tester)
    const again = await rig.reopen()
    clock.advance(2 * 86_400_000)
    await (again.records as Records).cleanUp()
    assert.equal((await again.records.list({ limit: 1 })).total, 0)
    assert.equal(await balanceOf(again), '7.60')
  }))

test('a price that changes later changes no call that is written', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf())
    await callsOf(control, [1])
    await applied(control, fileOf({ rates: [{ prefix: '', pricePerMinute: '6' }] }))
    await callsOf(control, [2])
    assert.equal(await balanceOf(control), '-6.60')
    await applied(control, fileOf({ rates: [] }))
    await callsOf(control, [3])
    assert.equal(await balanceOf(control), '-6.60')
  }))

test('creditStop: no calls at 0 or less, again when the balance is positive, also over a restart', () =>
  withControl(async (rig) => {
    const { control } = rig
    const kindOf = async (from: Control): Promise<string | undefined> =>
      from.suspensions.findAny(await idOf(from))?.kind
    await applied(control, fileOf())
    await callsOf(control, [1])
    assert.equal(await kindOf(control), undefined, 'informational by default')
    await applied(control, fileOf({ creditStop: true }))
    await control.ledger.settled()
    assert.equal(await kindOf(control), 'credit')
    await pay(control, '0.60')
    assert.equal(await kindOf(control), 'credit', 'a balance of 0 is used up')
    const { id } = await pay(control, '0.60')
    assert.equal(await kindOf(control), undefined)
    await callsOf(control, [2])
    assert.equal(await kindOf(control), 'credit', 'the call took the rest')
    assert.equal((control.ledger as Ledger).knownBalance(await idOf(control)), 0n, 'what alerts of balances look at')
    const again = await rig.reopen()
    assert.equal(await kindOf(again), 'credit')
    await pay(again, '5')
    assert.equal(await kindOf(again), undefined)
    await again.ledger.change(id, { status: 'cancelled' }, tester)
    await pay(again, '-10')
    assert.equal(await kindOf(again), 'credit')
    await applied(again, fileOf({ creditStop: false }))
    await again.ledger.settled()
    assert.equal(await kindOf(again), undefined)
  }))

test('payments are bounded for each account, and their sum stays where it can be held', () =>
  withControl(async ({ control, dataDir }) => {
    await applied(control, fileOf())
    const id = await idOf(control)
    const database = new DatabaseSync(join(dataDir, 'tollgate.db'))
    const insert = database.prepare(
      `insert into payments (id, account_id, description, amount, status, version, created_at, updated_at, created_by)
        values (?, ?, 'x', 1, 'pending', 1, 0, 0, 'x')`,
    )
    database.exec('begin')
    for (let i = 1; i < bound('paymentsPerAccountMax'); i += 1) insert.run(`p${i}`, id)
    database.prepare('insert into account_balances (account_id, paid, cost) values (?, 8999999999999999999, 0)').run(id)
    database.exec('commit')
    database.close()
    const tooMuch = await faultOf(pay(control, '0.000002'))
    assert.deepEqual(
      tooMuch.errors.map(({ path }) => path),
      ['amount'],
    )
    await pay(control, '0.000001')
    assert.equal(await balanceOf(control), '9000000000000.00')
    assert.equal((await faultOf(pay(control, '1', 'pending'))).code, 'conflict')
  }))
