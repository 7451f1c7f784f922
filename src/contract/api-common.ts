// What every answer of the HTTP API shares: problems, pages, stored objects, list queries.
import { z } from 'zod'

/** A moment as ISO 8601 in UTC (RFC 3339). */
export const instant = z.iso.datetime().meta({ examples: ['2026-01-31T12:00:00.000Z'] })

/** A moment in a query: ISO 8601, or milliseconds since 1970; becomes milliseconds. */
export const instantQuery = z
  .string()
  .max(40)
  .transform((text, context) => {
    const ms = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)
    if (Number.isFinite(ms)) return ms
    context.addIssue({ code: 'custom', message: `"${text}" is no time; write 2026-01-31T12:00:00Z` })
    return z.NEVER
  })

export const inputError = z.object({ path: z.string(), message: z.string() })

/** Accepted, but worth a look. `code` is stable and made for programs. */
export const warning = z.object({ path: z.string(), message: z.string(), code: z.string() }).meta({ id: 'Warning' })

/** A field in which a refused change differs from what is stored now. Secrets are never in it. */
const conflictChange = z.object({
  field: z.string(),
  /** As the writer had read it; absent when that version is no longer kept. */
  before: z.unknown().optional(),
  yours: z.unknown(),
  theirs: z.unknown(),
})

/** RFC 9457. `code` is stable and made for programs; `detail` is for people. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(inputError),
    /** With 412: the object as it is now, and what of the refused change differs from it. */
    current: z.unknown().optional(),
    changes: z.array(conflictChange).optional(),
  })
  .meta({
    id: 'Problem',
    examples: [
      {
        type: 'urn:tollgate:fault:invalid',
        title: 'Invalid input',
        status: 400,
        detail: '1 error in the input',
        code: 'invalid',
        errors: [{ path: 'endpoints[0].addresses[0]', message: '"192.0.2" is no IPv4 or IPv6 address' }],
      },
    ],
  })

/** One page of a list. `nextCursor` goes into `?cursor=`; null = last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable(), total: z.int() })

/** Further parameters are filters: a field name and the text it must have. */
export const listQuery = z
  .object({
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
    cursor: z.string().max(1_000).optional(),
    sort: z
      .string()
      .regex(/^-?[A-Za-z][A-Za-z0-9]{0,63}$/, 'a field name, with - before it for descending')
      .optional(),
    search: z.string().max(200).optional(),
  })
  .catchall(z.string().max(500))

/** What the server adds to an object that it stores. */
export const storedFields = {
  id: z.string(),
  /** Also in the ETag header; `If-Match` with it refuses to overwrite somebody else's change. */
  etag: z.string(),
  createdAt: instant,
  updatedAt: instant,
}

/** `true`, `1`, `yes` or `false`, `0`, `no`; a parameter without a value is true. */
export const flagQuery = z.union([z.literal('').transform(() => true), z.stringbool()]).default(false)

export const idParameter = z.object({ id: z.string().min(1).max(200) })

export type Warning = z.output<typeof warning>
export type Problem = z.output<typeof problem>
export type Page<Item> = { items: Item[]; nextCursor: string | null; total: number }
