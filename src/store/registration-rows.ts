// What SIP users registered, one row for each user, so that a restart does not cut off their devices.
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { Binding } from '../registrar/binding.ts'
import type { Tables } from './schema.ts'

/** Inside `Store.batch`. No bindings = the row goes. */
export function writeRegistrations(connection: DatabaseSync, changes: ReadonlyMap<string, readonly Binding[]>): void {
  const put = connection.prepare(
    'insert into registrations (user_id, bindings) values (?, ?) on conflict (user_id) do update set bindings = excluded.bindings',
  )
  const remove = connection.prepare('delete from registrations where user_id = ?')
  for (const [userId, bindings] of changes)
    if (bindings.length === 0) remove.run(userId)
    else put.run(userId, JSON.stringify(bindings))
}

export async function loadRegistrations(database: Kysely<Tables>): Promise<Binding[]> {
  const rows = await database.selectFrom('registrations').select('bindings').execute()
  return rows.flatMap((row) => JSON.parse(row.bindings) as Binding[])
}
