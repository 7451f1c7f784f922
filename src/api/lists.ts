// Queries and pages of lists, entity tags, moments: the small change of every route.
import type { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { listQuery } from '../contract/api-common.ts'
import type { ListQuery, Page, Stored, WriteOptions } from '../control/services.ts'
import { actorOf, type ApiReply, type ApiRequest } from './app.ts'

export const isoTime = (ms: number): string => new Date(ms).toISOString()
export const isoTimeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms))

/** The query of a list as the services take it; what is no paging parameter is a filter. */
export function listQueryOf(query: z.output<typeof listQuery>, ownFields: readonly string[] = []): ListQuery {
  const { limit, cursor, sort, search, ...rest } = query
  const filter = Object.fromEntries(
    Object.entries(rest).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string' && !ownFields.includes(pair[0]),
    ),
  )
  return {
    limit,
    ...(cursor === undefined ? {} : { cursor }),
    ...(sort === undefined ? {} : { sort }),
    ...(search === undefined ? {} : { search }),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
  }
}

export const mapPage = <From, To>(page: Page<From>, map: (item: From) => To) => ({
  items: page.items.map((item) => map(item)),
  nextCursor: page.nextCursor,
  total: page.total,
})

const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [valueText(a), valueText(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (!/^o\d{1,9}$/.test(cursor))
    throw new Fault('invalid', 'Unknown cursor', { errors: [{ path: 'cursor', message: 'take it from nextCursor' }] })
  return Number(cursor.slice(1))
}

/** Pages a list that is in memory. Filters and sort name fields of the items; an unknown field is refused. */
export function pageOfItems<Item extends object>(
  items: readonly Item[],
  query: ListQuery,
  fields: readonly (keyof Item & string)[],
) {
  const field = (name: string, path: string): keyof Item & string => {
    const known = fields.find((candidate) => candidate === name)
    if (known !== undefined) return known
    throw new Fault('invalid', `Unknown field "${name}"`, {
      errors: [{ path, message: `one of ${fields.join(', ')}` }],
    })
  }
  const filters = Object.entries(query.filter ?? {}).map(([name, text]) => [field(name, name), text] as const)
  const search = query.search?.toLowerCase()
  const found = items.filter(
    (item) =>
      filters.every(([name, text]) => valueText(item[name]) === text) &&
      (search === undefined || fields.some((name) => valueText(item[name]).toLowerCase().includes(search))),
  )
  if (query.sort !== undefined) {
    const descending = query.sort.startsWith('-')
    const name = field(query.sort.replace(/^-/, ''), 'sort')
    found.sort((a, b) => compareValues(a[name], b[name]) * (descending ? -1 : 1))
  }
  const start = offsetOf(query.cursor)
  const end = start + query.limit
  return { items: found.slice(start, end), nextCursor: end < found.length ? `o${end}` : null, total: found.length }
}

/** What the server adds to a stored object, as the API shows it. */
export const storedView = (stored: Stored<unknown>) => ({
  id: stored.id,
  etag: stored.etag,
  createdAt: isoTime(stored.createdAt),
  updatedAt: isoTime(stored.updatedAt),
})

export function sendEntityTag(reply: ApiReply, etag: string): void {
  reply.header('etag', `"${etag}"`)
}

/** `If-Match: "etag"` or `*`; one tag, strong (RFC 9110 13.1.1). */
function ifMatchOf(request: ApiRequest): string | undefined {
  const text = request.headers['if-match']?.trim()
  if (text === undefined || text === '*') return undefined
  const tag = /^"([\x21\x23-\x7e]+)"$/.exec(text)?.[1]
  if (tag !== undefined) return tag
  throw new Fault('invalid', 'If-Match must be one strong entity tag in quotes', {
    errors: [{ path: 'If-Match', message: 'one strong entity tag in quotes, from ETag' }],
  })
}

/** Who writes, which state they saw, and why (header `X-Reason`, for the audit). */
export function writeOptionsOf(request: ApiRequest): WriteOptions {
  const ifMatch = ifMatchOf(request)
  const reason = request.headers['x-reason']
  return {
    actor: actorOf(request),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(typeof reason === 'string' && reason !== '' ? { reason: reason.slice(0, 500) } : {}),
  }
}
