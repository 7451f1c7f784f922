// Two people at one object: the second learns what the first changed, and what of their own change differs from it.
import { Fault } from '../base/fault.ts'
import type { FieldConflict } from '../base/fault.ts'
import { loadObjectAt } from '../store/revision-rows.ts'
import type { ConfigEngine } from './config-engine.ts'
import { routeConfig } from './configuration.ts'
import type { Configuration, Row } from './configuration.ts'
import { ConfigViews, etagOf } from './config-views.ts'
import { fromObject } from './row-codec.ts'
import type { WriteOptions } from './services.ts'
import { isObject, mergePatch, sameJson } from './sparse.ts'

type Fields = Readonly<Record<string, unknown>>

/** As readers see it: routes by names, nothing that is not theirs. */
function fieldsOf(configuration: Configuration, row: Row): Fields {
  const config = row.kind === 'route' ? routeConfig(configuration, row.config) : row.config
  const { realmFixed: _, ...fields } = { realmFixed: false, ...config }
  return { ...fields }
}

/** The row as it was when it got this tag, if that revision is still kept. */
async function versionOf(engine: ConfigEngine, id: string, etag: string): Promise<Row | undefined> {
  const revision = Number(/^r(\d{1,15})$/.exec(etag)?.[1] ?? Number.NaN)
  if (!Number.isInteger(revision)) return undefined
  const object = await engine.store.read((database) => loadObjectAt(database, id, revision))
  return object === undefined ? undefined : fromObject(object)
}

function changesBetween(before: Fields | undefined, theirs: Fields, input: unknown): FieldConflict[] {
  // Without an input the object was to be removed: then everything counts that the other one changed.
  const wanted = isObject(input) ? input : undefined
  const names = Object.keys(wanted ?? theirs).filter((name) => name !== 'password')
  return names.flatMap((field) => {
    const yours = wanted === undefined ? null : mergePatch(theirs[field], wanted[field])
    const differs = wanted === undefined ? !sameJson(before?.[field], theirs[field]) : !sameJson(yours, theirs[field])
    if (!differs) return []
    const known = before === undefined ? {} : { before: before[field] ?? null }
    return [{ field, ...known, yours: yours ?? null, theirs: theirs[field] ?? null }]
  })
}

/** Fault precondition_failed when somebody else wrote the row since the writer read it. @param input of the writer; absent = removal */
export async function checkEtag(engine: ConfigEngine, row: Row, options: WriteOptions, input?: unknown): Promise<void> {
  const etag = options.ifMatch?.replace(/^(?:W\/)?"(.*)"$/, '$1')
  if (etag === undefined || etag === '*' || etag === etagOf(row)) return
  const { configuration } = engine
  const read = await versionOf(engine, row.id, etag)
  const before = read === undefined ? undefined : fieldsOf(configuration, read)
  throw new Fault('precondition_failed', `it was changed meanwhile; the present version is ${etagOf(row)}`, {
    conflict: {
      current: new ConfigViews(engine).any(row),
      changes: changesBetween(before, fieldsOf(configuration, row), input),
    },
  })
}
