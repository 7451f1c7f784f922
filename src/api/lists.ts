// Queries and pages of lists, entity tags, moments: the small change of every route.
import type { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { listQuery } from '../contract/api-common.ts'
import type { ListQuery, Page, Stored, WriteOptions } from '../control/services.ts'
import type { Fields, FieldValue } from '../control/paging.ts'
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

export const mapPage = <From, To>({ items, nextCursor, total }: Page<From>, map: (item: From) => To) => ({
  items: items.map((item) => map(item)),
  nextCursor,
  total,
})

/** Fields that a list can be filtered, searched and sorted by. */
export const fieldsOf = <Item extends object>(...names: readonly (keyof Item & string)[]): Fields<Item> =>
  Object.fromEntries(names.map((name) => [name, (item: Item) => item[name] as FieldValue]))

/** What the server adds to a stored object, as the API shows it. */
export const storedView = (stored: Stored<unknown>) => ({
  id: stored.id,
  etag: stored.etag,
  createdAt: isoTime(stored.createdAt),
  updatedAt: isoTime(stored.updatedAt),
  warnings: [...stored.warnings],
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

/** Header X-Reason: text, or percent-encoded UTF-8 for what a header cannot hold. */
export function reasonOf(request: Pick<ApiRequest, 'headers'>): string | undefined {
  const text = [request.headers['x-reason']].flat()[0]?.trim()
  if (text === undefined || text === '') return undefined
  try {
    return decodeURIComponent(text).slice(0, 500)
  } catch {
    return text.slice(0, 500)
  }
}

/** Who writes, which state they saw, and why (header `X-Reason`, for the audit). */
export function writeOptionsOf(request: ApiRequest): WriteOptions {
  const ifMatch = ifMatchOf(request)
  const reason = reasonOf(request)
  return {
    actor: actorOf(request),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(reason === undefined ? {} : { reason }),
  }
}
