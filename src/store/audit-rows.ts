// The audit as rows: appended, listed newest first, cut at its bound; never changed.
import { sql } from 'kysely'
import type { Kysely, Transaction } from 'kysely'
import { bound } from '../base/limits.ts'
import { inChunks } from './in-order.ts'
import type { Tables } from './schema.ts'

export interface AuditRow {
  readonly at: number
  readonly actor: string
  readonly actorKind: string
  readonly actorId: string | null
  readonly address: string | null
  readonly action: string
  readonly kind: string
  /** Of the object; absent or null = it has none. */
  readonly objectId?: string | null
  /** The account that the object is or belongs to; absent or null = none. */
  readonly accountId?: string | null
  readonly name: string
  readonly reason: string | null
  /** JSON values, secrets already masked. */
  readonly before: unknown
  readonly after: unknown
}

export interface AuditQuery {
  readonly limit: number
  /** Only entries older than this number. */
  readonly beforeSeq: number | undefined
  readonly filter: Partial<Record<AuditFilter, string>>
  readonly search: string | undefined
  /** Milliseconds since 1970: from the first, before the second. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Filters that a list may ask for, and their columns. */
export const auditFilters = {
  actor: 'actor',
  actorKind: 'actor_kind',
  address: 'address',
  action: 'action',
  kind: 'kind',
  object: 'object_id',
  account: 'account_id',
  name: 'name',
} as const
export type AuditFilter = keyof typeof auditFilters

const json = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value))

export async function appendAudit(transaction: Transaction<Tables>, rows: readonly AuditRow[]): Promise<void> {
  const values = rows.map((row) => ({
    at: row.at,
    actor: row.actor,
    actor_kind: row.actorKind,
    actor_id: row.actorId,
    address: row.address,
    action: row.action,
    kind: row.kind,
    object_id: row.objectId ?? null,
    account_id: row.accountId ?? null,
    name: row.name,
    reason: row.reason,
    before: json(row.before),
    after: json(row.after),
  }))
  await inChunks(values, (part) => transaction.insertInto('audit_entries').values(part).execute())
  const newest = sql<number>`(select max(seq) from audit_entries)`
  await transaction
    .deleteFrom('audit_entries')
    .where('seq', '<=', sql<number>`${newest} - ${bound('auditEntriesMax')}`)
    .execute()
}

const likeText = (text: string): string => `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`

export async function listAudit(
  database: Kysely<Tables>,
  query: AuditQuery,
): Promise<{ rows: (AuditRow & { seq: number })[]; total: number }> {
  let matching = database.selectFrom('audit_entries')
  for (const [name, column] of Object.entries(auditFilters)) {
    const wanted = query.filter[name as AuditFilter]
    if (wanted !== undefined) matching = matching.where(column, '=', wanted)
  }
  const { search, from, to } = query
  if (from !== undefined) matching = matching.where('at', '>=', from)
  if (to !== undefined) matching = matching.where('at', '<', to)
  if (search !== undefined && search !== '')
    matching = matching.where(
      sql<boolean>`(name || ' ' || actor || ' ' || action || ' ' || kind) like ${likeText(search)} escape '\\'`,
    )
  const { total } = await matching
    .select((select) => select.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const page = query.beforeSeq === undefined ? matching : matching.where('seq', '<', query.beforeSeq)
  const rows = await page.selectAll().orderBy('seq', 'desc').limit(query.limit).execute()
  const value = (text: string | null): unknown => (text === null ? null : JSON.parse(text))
  return {
    total,
    rows: rows.map((row) => ({
      seq: row.seq,
      at: row.at,
      actor: row.actor,
      actorKind: row.actor_kind,
      actorId: row.actor_id,
      address: row.address,
      action: row.action,
      kind: row.kind,
      objectId: row.object_id,
      name: row.name,
      reason: row.reason,
      before: value(row.before),
      after: value(row.after),
    })),
  }
}
