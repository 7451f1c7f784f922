// Traces of failed calls as rows: one packed trace each, found by the call's id or any Call-ID of it.
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'

export interface StoredTrace {
  readonly id: string
  readonly callIds: readonly string[]
  /** When its first message passed, milliseconds since 1970. */
  readonly at: number
  /** Packed by who stores it. */
  readonly packed: Uint8Array
}

/** Inside `Store.batch`. One that is there already is left alone: a batch may be written again. */
export function writeTraces(connection: DatabaseSync, traces: readonly StoredTrace[]): void {
  const trace = connection.prepare('insert into traces (id, at, packed) values (?, ?, ?) on conflict (id) do nothing')
  const key = connection.prepare('insert into trace_call_ids (call_id, trace_seq) values (?, ?) on conflict do nothing')
  for (const { id, callIds, at, packed } of traces) {
    const { changes, lastInsertRowid } = trace.run(id, Math.round(at), packed)
    if (changes === 0) continue
    for (const callId of callIds) key.run(callId, lastInsertRowid)
  }
}

/** Inside `Store.batch`: keeps the newest `most`, and none from before `before`. */
export function deleteTraces(connection: DatabaseSync, most: number, before: number): void {
  connection
    .prepare('delete from traces where at < ? or seq <= (select max(seq) from traces) - ?')
    .run(Math.round(before), most)
}

/** The newest one with this id or Call-ID, packed. */
export async function findTrace(database: Kysely<Tables>, key: string): Promise<Uint8Array | undefined> {
  const row = await database
    .selectFrom('traces')
    .select('packed')
    .where((where) =>
      where.or([
        where('id', '=', key),
        where('seq', 'in', where.selectFrom('trace_call_ids').select('trace_seq').where('call_id', '=', key)),
      ]),
    )
    .orderBy('seq', 'desc')
    .executeTakeFirst()
  return row?.packed
}
