// What the revisions that are kept say: which there are, what each changed, what an object was like.
import type { Kysely } from 'kysely'
import type { ConfigObject, ObjectChange, RevisionRow } from './config-rows.ts'
import { inOrder } from './in-order.ts'
import type { Tables } from './schema.ts'

const objectOf = (text: string | null): ConfigObject | null =>
  text === null ? null : (JSON.parse(text) as ConfigObject)

interface RevisionFilter {
  readonly revision?: number
  /** Only those that changed this object, or what belongs to it. */
  readonly object?: string
}

/** The newest first. */
export async function loadRevisions(database: Kysely<Tables>, filter: RevisionFilter = {}): Promise<RevisionRow[]> {
  const { revision, object } = filter
  let query = database.selectFrom('revisions').selectAll().orderBy('revision', 'desc')
  if (revision !== undefined) query = query.where('revision', '=', revision)
  if (object !== undefined) {
    const touched = database
      .selectFrom('revision_changes')
      .select('revision')
      .where((where) => where.or([where('object_id', '=', object), where('parent_id', '=', object)]))
    query = query.where('revision', 'in', touched)
  }
  return query.execute()
}

/** What has to be put back, newest revision first, to undo every revision after `revision`. */
export async function loadUndo(
  database: Kysely<Tables>,
  revision: number,
): Promise<{ id: string; before: ConfigObject | null }[]> {
  const rows = await database
    .selectFrom('revision_changes')
    .select(['object_id', 'before'])
    .where('revision', '>', revision)
    .orderBy('revision', 'desc')
    .execute()
  return rows.map((row) => ({ id: row.object_id, before: objectOf(row.before) }))
}

/** All changes of a revision. @param object only those of this object and of what belongs to it */
export async function loadChanges(
  database: Kysely<Tables>,
  revision: number,
  object?: string,
): Promise<ObjectChange[]> {
  let query = database.selectFrom('revision_changes').selectAll().where('revision', '=', revision)
  if (object !== undefined)
    query = query.where((where) => where.or([where('object_id', '=', object), where('parent_id', '=', object)]))
  const rows = await query.execute()
  return rows.map((row) => ({ id: row.object_id, before: objectOf(row.before), after: objectOf(row.after) }))
}

/** An object as this revision left it; undefined = the revision is not kept, or did not write it. */
export async function loadObjectAt(
  database: Kysely<Tables>,
  id: string,
  revision: number,
): Promise<ConfigObject | undefined> {
  const row = await database
    .selectFrom('revision_changes')
    .select('after')
    .where('revision', '=', revision)
    .where('object_id', '=', id)
    .executeTakeFirst()
  return objectOf(row?.after ?? null) ?? undefined
}

/** Objects that are gone, as they were last; those of which nothing is kept are left out. */
export async function loadLastKnown(database: Kysely<Tables>, ids: readonly string[]): Promise<ConfigObject[]> {
  const found: ConfigObject[] = []
  await inOrder(ids, async (id) => {
    const row = await database
      .selectFrom('revision_changes')
      .select('before')
      .where('object_id', '=', id)
      .where('after', 'is', null)
      .orderBy('revision', 'desc')
      .executeTakeFirst()
    const object = objectOf(row?.before ?? null)
    if (object !== null) found.push(object)
  })
  return found
}
