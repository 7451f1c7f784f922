// HTTP API: many endpoints at once, pasted as lines or as CSV, with a result for each row.
import { z } from 'zod'
import { inputError, warning } from './api-common.ts'

/** 10,000 rows with notes fit easily; a declarative file is the way for more. */
const pasteCharactersMax = 8_388_608
const paste = z.string().max(pasteCharactersMax, `at most ${pasteCharactersMax} characters`)

/**
 * `text`: a line is an address, a CIDR, a host name, or `name address [port [weight]]`. `csv`: a header names the columns.
 * `defaults`: fields that every row has unless it says otherwise. `dryRun`: nothing is stored.
 */
export const bulkEntryInput = z
  .strictObject({
    text: paste.optional(),
    csv: paste.optional(),
    defaults: z.record(z.string().max(64), z.unknown()).default({}),
    dryRun: z.boolean().default(false),
  })
  .refine(({ text, csv }) => (text === undefined) !== (csv === undefined), {
    path: ['text'],
    message: 'exactly one of text and csv',
  })
  .meta({
    examples: [
      {
        text: 'acme-1 192.0.2.10 5060 10\nacme-2 192.0.2.11\n192.0.2.12',
        defaults: { direction: 'receives' },
        dryRun: true,
      },
    ],
  })

/** An entry, or another line of the same paste, that lists the same address or a range around or inside it. */
const overlap = z.object({
  accountKind: z.enum(['carrier', 'customer']),
  account: z.string(),
  endpoint: z.string(),
  /** Null when the entry is not stored yet: it stands at `line` of this paste. */
  endpointId: z.string().nullable(),
  line: z.int().nullable(),
  /** As the other entry lists it. */
  address: z.string(),
})

const bulkRow = z
  .object({
    /** As an editor counts, from 1. A row of a CSV that spans lines has the number of its first. */
    line: z.int(),
    /** As it was pasted, at most 200 characters of it; what a column `password` holds is left out. */
    input: z.string(),
    status: z.enum(['ok', 'error']),
    name: z.string(),
    addresses: z.array(z.string()),
    port: z.int().nullable(),
    weight: z.int(),
    direction: z.string(),
    errors: z.array(inputError),
    overlaps: z.array(overlap),
    warnings: z.array(warning),
  })
  .meta({ id: 'BulkEntryRow' })

export const bulkEntryResult = z
  .object({
    applied: z.boolean(),
    dryRun: z.boolean(),
    /** The revision in force after the call. */
    revision: z.int(),
    /** Rows that are right, and rows with an error: one of these and nothing is stored. */
    ok: z.int(),
    wrong: z.int(),
    rows: z.array(bulkRow),
    /** Of the whole: for example all weights zero. */
    warnings: z.array(warning),
    /** Ids of the entries that were created, in the order of the rows; empty in a preview. */
    created: z.array(z.string()),
  })
  .meta({ id: 'BulkEntryResult' })

export type BulkEntryInput = z.output<typeof bulkEntryInput>
export type BulkEntryRow = z.output<typeof bulkRow>
export type BulkOverlap = z.output<typeof overlap>
export type BulkEntryResult = z.output<typeof bulkEntryResult>
