// Accounts that are out for a time: one row for each account and kind, so that a restart changes nothing.
import type { Kysely } from 'kysely'
import type { Store } from './store.ts'
import type { Tables } from './schema.ts'

export interface SuspensionRow {
  readonly accountId: string
  readonly kind: 'penalty' | 'credit'
  readonly reason: string
  /** Milliseconds since 1970; null = until it is lifted. */
  readonly until: number | null
}

export async function loadSuspensions(database: Kysely<Tables>): Promise<SuspensionRow[]> {
  const rows = await database.selectFrom('suspensions').selectAll().execute()
  return rows.map(({ account_id: accountId, kind, reason, until }) => ({
    accountId,
    kind: kind as SuspensionRow['kind'],
    reason,
    until,
  }))
}

/** Replaces all suspensions of these accounts. */
export async function writeSuspensions(
  store: Store,
  changes: ReadonlyMap<string, readonly Omit<SuspensionRow, 'accountId'>[]>,
): Promise<void> {
  await store.batch((connection) => {
    const remove = connection.prepare('delete from suspensions where account_id = ?')
    const add = connection.prepare('insert into suspensions (account_id, kind, reason, until) values (?, ?, ?, ?)')
    for (const [accountId, all] of changes) {
      remove.run(accountId)
      for (const { kind, reason, until } of all) add.run(accountId, kind, reason, until)
    }
  })
}
