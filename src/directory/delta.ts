// What has to be published of a directory to somebody who has another one: rows that are not the same objects, in parts of
// bounded size, then the frame. Long lists of a row follow it in pieces. `assembly.ts` puts them together again.
import type { Directory, DirectoryFrame, DirectoryTables } from './directory.ts'

export type TableName = keyof DirectoryTables

type Row = DirectoryTables[TableName][number]

/** A row at its place; null = nothing stands there any more. */
export interface PublishedRow {
  readonly table: TableName
  readonly index: number
  readonly row: Row | null
}

/** More of a list of the row that came last to this place. */
export interface PublishedItems {
  readonly table: TableName
  readonly index: number
  readonly field: string
  readonly items: readonly unknown[]
}

/** One turn's worth. */
export type DirectoryPart = readonly (PublishedRow | PublishedItems)[]

/** Swaps the directory, after the last part. */
export interface PublishedFrame {
  /** Rows of each table. */
  readonly counts: Readonly<Record<TableName, number>>
  /** Only what is another object than before. */
  readonly fields: Partial<DirectoryFrame>
}

const tableNames = ['accounts', 'endpoints', 'sipUsers', 'routes', 'blocks'] as const satisfies TableName[]

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** A row counts as one, and each member of its lists. */
export function unitsOf(entry: PublishedRow | PublishedItems): number {
  if ('items' in entry) return entry.items.length
  let units = 1
  for (const value of Object.values(entry.row ?? {})) if (isList(value)) units += value.length
  return units
}

/** The row without its long lists, then these in pieces. */
function* piecesOf(place: Pick<PublishedRow, 'table' | 'index'>, row: Row, most: number): Generator<DirectoryPart[0]> {
  const long = Object.entries(row).filter(([, value]) => isList(value) && value.length > most / 8)
  if (long.length === 0) {
    yield { ...place, row }
    return
  }
  yield { ...place, row: { ...row, ...Object.fromEntries(long.map(([field]) => [field, []])) } }
  for (const [field, list] of long as [string, readonly unknown[]][])
    for (let at = 0; at < list.length; at += most) yield { ...place, field, items: list.slice(at, at + most) }
}

function* changedEntries(before: Directory, after: Directory, most: number): Generator<DirectoryPart[0]> {
  for (const table of tableNames) {
    const [old, rows] = [before[table], after[table]]
    for (let index = 0; index < Math.max(old.length, rows.length); index++) {
      const row = rows[index]
      if (row === undefined) yield { table, index, row: null }
      else if (row !== old[index]) yield* piecesOf({ table, index }, row, most)
    }
  }
}

/** @param most units of one part. */
export function* partsBetween(before: Directory, after: Directory, most: number): Generator<DirectoryPart> {
  let part: DirectoryPart[0][] = []
  let units = 0
  for (const entry of changedEntries(before, after, most)) {
    const more = unitsOf(entry)
    if (part.length > 0 && units + more > most) {
      yield part
      part = []
      units = 0
    }
    part.push(entry)
    units += more
  }
  if (part.length > 0) yield part
}

export function frameBetween(before: Directory, after: Directory): PublishedFrame {
  const { accounts, endpoints, sipUsers, routes, blocks, ...frame } = after
  const changed = Object.entries(frame).filter(([field, value]) => value !== before[field as keyof DirectoryFrame])
  return {
    counts: {
      accounts: accounts.length,
      endpoints: endpoints.length,
      sipUsers: sipUsers.length,
      routes: routes.length,
      blocks: blocks.length,
    },
    fields: Object.fromEntries(changed),
  }
}
