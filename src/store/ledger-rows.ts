// Payments and balances as rows. The balance is kept as two running totals, each changed in the transaction that writes
// what it comes from: so it survives the removal of old records. Totals are whole millionths as int64, read as text.
import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Millionths } from '../contract/money.ts'
import { inChunks } from './in-order.ts'
import type { RatedRecord } from './record-rows.ts'
import type { Tables } from './schema.ts'

type PaymentStatus = 'completed' | 'pending' | 'cancelled'

/** Times are milliseconds since 1970. */
export interface Payment {
  readonly id: string
  readonly accountId: string
  readonly description: string
  readonly amount: Millionths
  readonly status: PaymentStatus
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly createdBy: string
}

/** Completed payments and the cost of calls. */
export interface Totals {
  readonly paid: Millionths
  readonly cost: Millionths
  /** When a call was charged last. */
  readonly chargedAt: number | null
}

export const noTotals: Totals = { paid: 0n, cost: 0n, chargedAt: null }

/** Totals stay within int64, with room for one more batch. */
export const totalMax: Millionths = 9_000_000_000_000_000_000n

const clamped = (value: Millionths): Millionths => (value > totalMax ? totalMax : value < -totalMax ? -totalMax : value)

/** Inside `Store.batch`: adds what calls cost to the totals of the accounts that took them. Gives these accounts. */
export function addCosts(connection: DatabaseSync, records: readonly RatedRecord[]): string[] {
  const sums = new Map<string, { cost: Millionths; at: number }>()
  for (const { record, charge } of records) {
    const accountId = record.attempts.at(-1)?.accountId
    if (charge === undefined || accountId === undefined) continue
    const before = sums.get(accountId) ?? { cost: 0n, at: 0 }
    sums.set(accountId, { cost: before.cost + charge.cost, at: Math.max(before.at, Math.round(record.endedAt)) })
  }
  if (sums.size === 0) return []
  const find = connection.prepare(
    'select cast(cost as text) as cost, charged_at from account_balances where account_id = ?',
  )
  const write = connection.prepare(
    `insert into account_balances (account_id, paid, cost, charged_at) values (?, 0, ?, ?)
      on conflict (account_id) do update set cost = excluded.cost, charged_at = excluded.charged_at`,
  )
  for (const [accountId, { cost, at }] of sums) {
    const present = find.get(accountId)
    const before = BigInt(String(present?.['cost'] ?? '0'))
    write.run(accountId, clamped(before + cost), Math.max(at, Number(present?.['charged_at'] ?? 0)))
  }
  return [...sums.keys()]
}

const totalColumns = [
  sql<string>`cast(paid as text)`.as('paid'),
  sql<string>`cast(cost as text)`.as('cost'),
  'charged_at as chargedAt',
] as const

/** By account; accounts without payments and calls are left out. */
export async function readTotals(
  database: Kysely<Tables>,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, Totals>> {
  const totals = new Map<string, Totals>()
  await inChunks(accountIds, async (part) => {
    const rows = await database
      .selectFrom('account_balances')
      .select(['account_id', ...totalColumns])
      .where('account_id', 'in', part)
      .execute()
    for (const { account_id: id, paid, cost, chargedAt } of rows)
      totals.set(id, { paid: BigInt(paid), cost: BigInt(cost), chargedAt })
  })
  return totals
}

/** Sets the total of completed payments; only with the payment that changes it. */
export async function writePaid(transaction: Transaction<Tables>, accountId: string, paid: Millionths): Promise<void> {
  await transaction
    .insertInto('account_balances')
    .values({ account_id: accountId, paid, cost: 0n, charged_at: null })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ paid }))
    .execute()
}

const paymentOf = (row: Selectable<Tables['payments']>): Payment => ({
  id: row.id,
  accountId: row.account_id,
  description: row.description,
  amount: BigInt(row.amount),
  status: row.status as PaymentStatus,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  createdBy: row.created_by,
})

export async function insertPayment(transaction: Transaction<Tables>, payment: Payment): Promise<void> {
  await transaction
    .insertInto('payments')
    .values({
      id: payment.id,
      account_id: payment.accountId,
      description: payment.description,
      amount: Number(payment.amount),
      status: payment.status,
      version: payment.version,
      created_at: payment.createdAt,
      updated_at: payment.updatedAt,
      created_by: payment.createdBy,
    })
    .execute()
}

/** Description, status, version and time of change; everything else of a payment stays for ever. */
export async function updatePayment(transaction: Transaction<Tables>, payment: Payment): Promise<void> {
  const { description, status, version, updatedAt } = payment
  await transaction
    .updateTable('payments')
    .set({ description, status, version, updated_at: updatedAt })
    .where('id', '=', payment.id)
    .execute()
}

export async function findPayment(database: Kysely<Tables>, id: string): Promise<Payment | undefined> {
  const row = await database.selectFrom('payments').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : paymentOf(row)
}

export async function countPayments(database: Kysely<Tables>, accountId: string): Promise<number> {
  const { count } = await database
    .selectFrom('payments')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return count
}

export interface PaymentQuery {
  readonly accountId: string
  readonly status: string | undefined
  readonly search: string | undefined
  readonly limit: number
  /** Only payments older than this number. */
  readonly beforeSeq: number | undefined
}

const likeText = (text: string): string => `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`

/** Newest first. */
export async function listPayments(
  database: Kysely<Tables>,
  query: PaymentQuery,
): Promise<{ readonly payments: readonly Payment[]; readonly nextSeq: number | null; readonly total: number }> {
  let matching = database.selectFrom('payments').where('account_id', '=', query.accountId)
  if (query.status !== undefined) matching = matching.where('status', '=', query.status)
  if (query.search !== undefined && query.search !== '')
    matching = matching.where(sql<boolean>`description like ${likeText(query.search)} escape '\\'`)
  const { total } = await matching
    .select((select) => select.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const page = query.beforeSeq === undefined ? matching : matching.where('seq', '<', query.beforeSeq)
  const rows = await page
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(query.limit + 1)
    .execute()
  const shown = rows.slice(0, query.limit)
  const nextSeq = rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null
  return { payments: shown.map((row) => paymentOf(row)), nextSeq, total }
}
