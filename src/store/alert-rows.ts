// Alerts as rows: one for each episode with what became of telling somebody; the oldest closed ones go first.
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { AlertKind } from '../contract/alert-rule.ts'
import type { Tables } from './schema.ts'

/** One message to one place. Times are milliseconds since 1970. */
export interface DeliveryRow {
  readonly to: string
  readonly event: 'raised' | 'recovered' | 'test'
  readonly at: number
  readonly ok: boolean
  readonly detail: string
  /** It is tried again. */
  readonly pending: boolean
  readonly tries: number
}

export interface AlertRow {
  readonly id: string
  readonly accountId: string
  readonly account: string
  readonly accountKind: 'carrier' | 'customer'
  readonly name: string
  readonly kind: AlertKind
  /** `gatewayRed`: the target's key and what people call it. */
  readonly subjectKey: string | null
  readonly subject: string | null
  readonly value: number | null
  readonly threshold: number | null
  readonly openedAt: number
  readonly closedAt: number | null
  readonly text: string
  /** How it ended; null while it is open. */
  readonly closedText: string | null
  readonly deliveries: readonly DeliveryRow[]
}

const columns =
  'id, account_id, account, account_kind, name, kind, subject_key, subject, value, threshold, opened_at, closed_at, text, closed_text, deliveries'

/** Inside `Store.batch`. Writes these and keeps the newest `most` closed ones. */
export function writeAlerts(connection: DatabaseSync, rows: readonly AlertRow[], most: number): void {
  const marks = columns.replaceAll(/\w+/g, '?')
  const put = connection.prepare(`insert or replace into alerts (${columns}) values (${marks})`)
  for (const row of rows)
    put.run(
      row.id,
      row.accountId,
      row.account,
      row.accountKind,
      row.name,
      row.kind,
      row.subjectKey,
      row.subject,
      row.value,
      row.threshold,
      row.openedAt,
      row.closedAt,
      row.text,
      row.closedText,
      JSON.stringify(row.deliveries),
    )
  connection
    .prepare(
      `delete from alerts where id in
        (select id from alerts where closed_at is not null order by closed_at desc limit -1 offset ?)`,
    )
    .run(most)
}

export async function loadAlerts(database: Kysely<Tables>): Promise<AlertRow[]> {
  const rows = await database.selectFrom('alerts').selectAll().orderBy('opened_at').execute()
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id,
    account: row.account,
    accountKind: row.account_kind as AlertRow['accountKind'],
    name: row.name,
    kind: row.kind as AlertKind,
    subjectKey: row.subject_key,
    subject: row.subject,
    value: row.value,
    threshold: row.threshold,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    text: row.text,
    closedText: row.closed_text,
    deliveries: JSON.parse(row.deliveries) as DeliveryRow[],
  }))
}
