// Lists in memory: filter, search, sort and page by fields from a table, never by what the asker names freely.
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import { invalid } from './input-errors.ts'
import type { ListQuery, Page } from './services.ts'

export type FieldValue = string | number | boolean | null
export type Fields<Item> = Readonly<Record<string, (item: Item) => FieldValue>>

export interface Listing<Item> {
  readonly fields: Fields<Item>
  /** The field that orders the list when the asker does not say; `-` before it for descending. */
  readonly sort: string
  readonly id: (item: Item) => string
}

type Position = readonly [value: FieldValue, id: string]

const encodeCursor = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64url')

const cursorFault = (): Fault => invalid([{ path: 'cursor', message: 'not a cursor of this list' }])

function decodeCursor(cursor: string): Position {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(value) || value.length !== 2 || typeof value[1] !== 'string') throw cursorFault()
    const first: unknown = value[0]
    if (first !== null && !['string', 'number', 'boolean'].includes(typeof first)) throw cursorFault()
    return [first as FieldValue, value[1]]
  } catch (error) {
    throw error instanceof Fault ? error : cursorFault()
  }
}

/** null first, then numbers and truth values, then texts. */
function compareValues(left: FieldValue, right: FieldValue): number {
  if (left === right) return 0
  if (left === null) return -1
  if (right === null) return 1
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : 1
  if (typeof left === 'string') return 1
  if (typeof right === 'string') return -1
  return Number(left) - Number(right)
}

const comparePositions = (left: Position, right: Position): number =>
  compareValues(left[0], right[0]) || (left[1] < right[1] ? -1 : left[1] > right[1] ? 1 : 0)

function fieldOf<Item>(fields: Fields<Item>, name: string, path: string): (item: Item) => FieldValue {
  if (Object.hasOwn(fields, name)) return fields[name] as (item: Item) => FieldValue
  throw invalid([{ path, message: `unknown field; accepted: ${Object.keys(fields).join(', ')}` }])
}

function matches<Item>(items: readonly Item[], query: ListQuery, fields: Fields<Item>): Item[] {
  const wanted = Object.entries(query.filter ?? {}).map(
    ([name, value]) => [fieldOf(fields, name, name), value] as const,
  )
  const search = (query.search ?? '').toLowerCase()
  const reads = Object.values(fields)
  return items.filter(
    (item) =>
      wanted.every(([read, value]) => String(read(item) ?? '') === value) &&
      (search === '' ||
        reads.some((read) =>
          String(read(item) ?? '')
            .toLowerCase()
            .includes(search),
        )),
  )
}

/** Cursors name the last item, so that pages stay right while items come and go. */
export function pageOf<Item>(items: readonly Item[], query: ListQuery, listing: Listing<Item>): Page<Item> {
  const sort = query.sort ?? listing.sort
  const direction = sort.startsWith('-') ? -1 : 1
  const read = fieldOf(listing.fields, sort.replace(/^-/, ''), 'sort')
  const found = matches(items, query, listing.fields)
    .map((item): { item: Item; position: Position } => ({ item, position: [read(item), listing.id(item)] }))
    .toSorted((left, right) => direction * comparePositions(left.position, right.position))
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor)
  const rest =
    cursor === undefined ? found : found.filter(({ position }) => direction * comparePositions(position, cursor) > 0)
  const limit = Math.max(1, Math.min(Math.trunc(query.limit), bound('pageItemsMax')))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    nextCursor: last !== undefined && rest.length > page.length ? encodeCursor(last.position) : null,
    total: found.length,
  }
}
