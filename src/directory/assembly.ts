// Puts the parts of a publication together beside the directory in force, which nobody touches: the next directory shares
// with it every row that did not change. What a part costs does not depend on how much is configured.
import type { DirectoryPart, PublishedFrame, PublishedItems, TableName } from './delta.ts'
import type { Directory, DirectoryTables } from './directory.ts'

/** Rows of one table by key: what left a place, and what came to one. A row that moved, or has a new form, is in both. */
export interface TableChanges<AnyRow> {
  readonly gone: ReadonlyMap<string, AnyRow>
  readonly come: ReadonlyMap<string, AnyRow>
}

export type DirectoryChanges = { readonly [Name in TableName]: TableChanges<DirectoryTables[Name][number]> }

export interface Assembled {
  readonly directory: Directory
  readonly changes: DirectoryChanges
}

type Row = DirectoryTables[TableName][number]

/** The entry that stands for a SIP user has the user's id: it is no entry of the configuration. */
const keyOf = (row: Row): string => ('sipUser' in row ? `phone ${row.id}` : row.id)

class Table<Own extends Row> {
  readonly before: readonly Own[]
  rows: Own[] | undefined
  readonly gone = new Map<string, Own>()
  readonly come = new Map<string, Own>()

  constructor(before: readonly Own[]) {
    this.before = before
  }

  put(index: number, row: Own | null): void {
    this.rows ??= [...this.before]
    const old = this.before[index]
    if (old !== undefined) this.gone.set(keyOf(old), old)
    if (row === null) return
    this.rows[index] = row
    this.come.set(keyOf(row), row)
  }

  add({ index, field, items }: PublishedItems): void {
    const row = this.rows?.[index]
    const list: unknown = row === undefined ? undefined : row[field as keyof Own]
    if (Array.isArray(list)) for (const item of items) list.push(item)
  }

  finish(count: number): readonly Own[] {
    if (this.rows === undefined) return this.before
    this.rows.length = count
    return this.rows
  }
}

type Tables = { readonly [Name in TableName]: Table<DirectoryTables[Name][number]> }

export class DirectoryAssembly {
  readonly #before: Directory
  readonly #tables: Tables

  constructor(before: Directory) {
    this.#before = before
    const { accounts, endpoints, sipUsers, routes, blocks } = before
    this.#tables = {
      accounts: new Table(accounts),
      endpoints: new Table(endpoints),
      sipUsers: new Table(sipUsers),
      routes: new Table(routes),
      blocks: new Table(blocks),
    }
  }

  take(part: DirectoryPart): void {
    for (const entry of part) this.#takeEntry(entry)
  }

  #takeEntry(entry: DirectoryPart[number]): void {
    const table: Table<Row> = this.#tables[entry.table]
    if ('items' in entry) table.add(entry)
    else table.put(entry.index, entry.row)
  }

  finish({ counts, fields }: PublishedFrame): Assembled {
    const { accounts, endpoints, sipUsers, routes, blocks } = this.#tables
    const directory: Directory = {
      ...this.#before,
      ...fields,
      accounts: accounts.finish(counts.accounts),
      endpoints: endpoints.finish(counts.endpoints),
      sipUsers: sipUsers.finish(counts.sipUsers),
      routes: routes.finish(counts.routes),
      blocks: blocks.finish(counts.blocks),
    }
    return { directory, changes: this.#tables }
  }
}
