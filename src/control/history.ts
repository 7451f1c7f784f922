// What revisions changed, in the words of a plan: of one revision, or of one object and what belongs to it.
import { Fault } from '../base/fault.ts'
import type { ConfigObject, ObjectChange } from '../store/config-rows.ts'
import { loadChanges, loadLastKnown, loadRevisions } from '../store/revision-rows.ts'
import type { ConfigEngine } from './config-engine.ts'
import { draftOf, put } from './configuration.ts'
import type { Configuration } from './configuration.ts'
import { planLine } from './diff.ts'
import { pageOf } from './paging.ts'
import { fromObject } from './row-codec.ts'
import type { ListQuery, Page, PlanLine, Revision } from './services.ts'

const rowOf = (object: ConfigObject | null) => (object === null ? undefined : fromObject(object))

/** The configuration in force with these objects laid over it: as far as names go, what it was like then. */
function overlay(configuration: Configuration, objects: readonly (ConfigObject | null)[]): Configuration {
  const draft = draftOf(configuration)
  for (const object of objects) if (object !== null) put(draft, fromObject(object))
  return draft
}

/** Accounts that objects name and that are gone now. */
async function goneOwners(engine: ConfigEngine, changes: readonly ObjectChange[]): Promise<ConfigObject[]> {
  const known = engine.configuration.accounts
  const named = changes.flatMap(({ before, after }) =>
    [before, after].flatMap((object) => {
      const text = object?.kind === 'route' ? JSON.stringify(object.document) : ''
      const inRoute = [...text.matchAll(/"accountId":"([^"]+)"/g)].map(([, id]) => id ?? '')
      return [object?.parentId ?? '', ...inRoute]
    }),
  )
  const missing = [...new Set(named)].filter((id) => id !== '' && !known.has(id))
  return engine.store.read((database) => loadLastKnown(database, missing))
}

async function linesOf(engine: ConfigEngine, changes: readonly ObjectChange[]): Promise<PlanLine[]> {
  const owners = await goneOwners(engine, changes)
  const from = overlay(engine.configuration, [...owners, ...changes.map(({ before }) => before)])
  const to = overlay(engine.configuration, [...owners, ...changes.map(({ after }) => after)])
  return changes.map(({ before, after }) => planLine(from, to, { before: rowOf(before), after: rowOf(after) }))
}

/** One revision with everything that it changed; Fault not_found when it is not kept. */
export async function getRevision(engine: ConfigEngine, revision: number): Promise<Required<Revision>> {
  const [row] = await engine.store.read((database) => loadRevisions(database, { revision }))
  if (row === undefined) throw new Fault('not_found', `revision ${revision} is not kept`)
  const changes = await engine.store.read((database) => loadChanges(database, revision))
  return { ...row, changes: await linesOf(engine, changes) }
}

/** The newest first. @param object id of an object: only what changed it or what belongs to it, and with these changes */
export async function listRevisions(engine: ConfigEngine, query: ListQuery, object?: string): Promise<Page<Revision>> {
  const rows = await engine.store.read((database) => loadRevisions(database, object === undefined ? {} : { object }))
  const page = pageOf(rows, query, {
    sort: '-revision',
    id: (row) => String(row.revision),
    fields: {
      revision: (row) => row.revision,
      at: (row) => row.at,
      actor: (row) => row.actor,
      summary: (row) => row.summary,
    },
  })
  if (object === undefined) return page
  const items = page.items.map(async (row) => {
    const changes = await engine.store.read((database) => loadChanges(database, row.revision, object))
    return { ...row, changes: await linesOf(engine, changes) }
  })
  return { ...page, items: await Promise.all(items) }
}
