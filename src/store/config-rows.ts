// Configuration objects and revisions as rows. A revision keeps what each changed object was before and after, sealed
// secrets included, so that undoing revisions one by one brings back any earlier state.
import type { Kysely, Transaction } from 'kysely'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import { inChunks } from './in-order.ts'
import type { Tables } from './schema.ts'
import { putMeta } from './store.ts'

export type ObjectKind = 'system' | 'carrier' | 'customer' | 'endpoint' | 'sipUser' | 'route' | 'block'

/** One object as it lies in the database. `document` is any JSON value. */
export interface ConfigObject {
  readonly id: string
  readonly kind: ObjectKind
  /** The account it belongs to; '' = none. */
  readonly parentId: string
  readonly name: string
  readonly document: unknown
  /** The one secret an object may have, encrypted; null = none. */
  readonly sealed: string | null
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface ObjectChange {
  readonly id: string
  readonly before: ConfigObject | null
  readonly after: ConfigObject | null
}

export interface RevisionRow {
  readonly revision: number
  readonly at: number
  readonly actor: string
  readonly summary: string
}

/** The name under which an object's secret is kept and bound. */
export const secretField = 'password'

export async function loadRevision(database: Kysely<Tables>): Promise<number> {
  const row = await database.selectFrom('meta').select('value').where('key', '=', 'revision').executeTakeFirst()
  return row === undefined ? 0 : Number(row.value)
}

export async function loadObjects(database: Kysely<Tables>): Promise<ConfigObject[]> {
  const secrets = new Map<string, string>()
  for (const row of await database.selectFrom('secrets').selectAll().execute()) secrets.set(row.owner_id, row.sealed)
  const rows = await database.selectFrom('config_objects').selectAll().orderBy('created_at').orderBy('id').execute()
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind as ObjectKind,
    parentId: row.parent_id,
    name: row.name,
    document: JSON.parse(row.document) as unknown,
    sealed: secrets.get(row.id) ?? null,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }))
}

/** The first statement is a write that only succeeds on the expected revision: two writers never interleave. */
async function takeRevision(transaction: Transaction<Tables>, next: number): Promise<void> {
  if (next === 1)
    await transaction
      .insertInto('meta')
      .values({ key: 'revision', value: '0' })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  const { numUpdatedRows } = await transaction
    .updateTable('meta')
    .set({ value: String(next) })
    .where('key', '=', 'revision')
    .where('value', '=', String(next - 1))
    .executeTakeFirst()
  if (numUpdatedRows !== 1n)
    throw new Fault('conflict', 'another process changed the configuration in this database; restart to load it')
}

async function replaceObjects(transaction: Transaction<Tables>, changes: readonly ObjectChange[]): Promise<void> {
  const ids = changes.map((change) => change.id)
  await inChunks(ids, (part) => transaction.deleteFrom('secrets').where('owner_id', 'in', part).execute())
  await inChunks(ids, (part) => transaction.deleteFrom('config_objects').where('id', 'in', part).execute())
  const present = changes.flatMap(({ after }) => (after === null ? [] : [after]))
  const rows = present.map((object) => ({
    id: object.id,
    kind: object.kind,
    parent_id: object.parentId,
    name: object.name,
    document: JSON.stringify(object.document),
    version: object.version,
    created_at: object.createdAt,
    updated_at: object.updatedAt,
  }))
  await inChunks(rows, (part) => transaction.insertInto('config_objects').values(part).execute())
  const sealed = present.flatMap((object) =>
    object.sealed === null ? [] : [{ owner_id: object.id, field: secretField, sealed: object.sealed }],
  )
  await inChunks(sealed, (part) => transaction.insertInto('secrets').values(part).execute())
}

/** Writes the changes as revision `row.revision`, which must follow the present one; old revisions beyond the bound go. */
export async function writeRevision(
  transaction: Transaction<Tables>,
  row: RevisionRow,
  changes: readonly ObjectChange[],
): Promise<void> {
  await takeRevision(transaction, row.revision)
  await replaceObjects(transaction, changes)
  await transaction.insertInto('revisions').values(row).execute()
  const text = (object: ConfigObject | null): string | null => (object === null ? null : JSON.stringify(object))
  const rows = changes.map(({ id, before, after }) => ({
    revision: row.revision,
    object_id: id,
    parent_id: after?.parentId ?? before?.parentId ?? '',
    before: text(before),
    after: text(after),
  }))
  await inChunks(rows, (part) => transaction.insertInto('revision_changes').values(part).execute())
  await deleteOldRevisions(transaction)
}

/** By their count: their numbers may have a gap. */
async function deleteOldRevisions(transaction: Transaction<Tables>): Promise<void> {
  const oldest = await transaction
    .selectFrom('revisions')
    .select('revision')
    .orderBy('revision', 'desc')
    .limit(1)
    .offset(bound('revisionsMax'))
    .executeTakeFirst()
  if (oldest !== undefined) await transaction.deleteFrom('revisions').where('revision', '<=', oldest.revision).execute()
}

/**
 * The same configuration under a higher number: what was restored comes after all that anybody has seen before, so that no
 * limit, entity tag or acknowledgement of an earlier revision fits it by chance.
 */
export async function raiseRevision(transaction: Transaction<Tables>, row: RevisionRow): Promise<void> {
  await putMeta(transaction, 'revision', String(row.revision))
  await transaction.insertInto('revisions').values(row).execute()
}
