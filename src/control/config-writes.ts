// What every write of a single object has in common: find, compare the etag, merge, check the name, put, commit.
import type { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { displayName, findTwin, put } from './configuration.ts'
import type { Draft, Row } from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import { rootPath } from './directory-source.ts'
import { invalid, parseInput } from './input-errors.ts'
import type { WriteOptions } from './services.ts'
import { isObject, mergePatch } from './sparse.ts'

export function found<Found>(row: Found | undefined, what: string): Found {
  if (row === undefined) throw new Fault('not_found', `there is no ${what}`)
  return row
}

/** RFC 7396: the fields of `input` over those of `config`, then the schema with its defaults. */
export function patched<Schema extends z.ZodType>(schema: Schema, config: object, input: unknown): z.output<Schema> {
  if (!isObject(input)) throw invalid([{ path: '', message: 'an object with the fields to change' }])
  return parseInput(schema, mergePatch(config, input))
}

/** Puts the row into the draft; Fault conflict when another one has its name. */
export function putUnique(draft: Draft, row: Row): void {
  const twin = findTwin(draft, row)
  if (twin !== undefined && twin !== row.id)
    throw new Fault('conflict', `there is already a ${row.kind} ${displayName(draft, row)}`)
  put(draft, row)
}

/** Commits a draft in which one row was written; errors are reported at its fields. */
export async function commitRow(engine: ConfigEngine, draft: Draft, row: Row, options: WriteOptions): Promise<void> {
  await engine.commit({ draft, paths: rootPath(row), options })
}
