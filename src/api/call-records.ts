// Call records as JSON pages and as CSV. A CSV cell that a spreadsheet would take for a formula gets an apostrophe.
import { Readable } from 'node:stream'
import { z } from 'zod'
import { bound } from '../base/limits.ts'
import { Fault } from '../base/fault.ts'
import { idParameter, instantQuery, pageOf } from '../contract/api-common.ts'
import { type CallRecordItem, callRecordView } from '../contract/api-live.ts'
import { formatMoney } from '../contract/money.ts'
import type { RecordQuery, RecordService } from '../control/services.ts'
import { stepsOf } from '../policy/explanation.ts'
import type { StoredRecord } from '../store/record-rows.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { isoTime, isoTimeOrNull, mapPage } from './lists.ts'
import { basePath } from './operations.ts'

/** Names or ids for account and gateway; number = the start of destination, dialled or CLI. */
const filters = {
  account: z.string().max(200).optional(),
  gateway: z.string().max(200).optional(),
  outcome: z.enum(['answered', 'failed', 'cancelled', 'refused']).optional(),
  number: z.string().max(128).optional(),
  from: instantQuery.optional(),
  to: instantQuery.optional(),
}
const recordQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(1_000).optional(),
  /** Newest first is the only order. */
  sort: z.literal('-startedAt').optional(),
  ...filters,
})
const csvQuery = z.strictObject(filters)

/** exactOptionalPropertyTypes: a filter that is not asked for is not there. */
const present = <Query extends object>(query: Query) =>
  Object.fromEntries(Object.entries(query).filter(([name, value]) => value !== undefined && name !== 'sort')) as {
    [Key in keyof Query]-?: Exclude<Query[Key], undefined>
  }

const viewOf = ({ charge, ...record }: StoredRecord): CallRecordItem => ({
  ...record,
  cost: charge === undefined ? null : formatMoney(charge.cost),
  costCurrency: charge?.currency ?? null,
  ratePrefix: charge?.prefix ?? null,
  startedAt: isoTime(record.startedAt),
  firstReplyAt: isoTimeOrNull(record.firstReplyAt),
  ringingAt: isoTimeOrNull(record.ringingAt),
  answeredAt: isoTimeOrNull(record.answeredAt),
  endedAt: isoTime(record.endedAt),
  attempts: record.attempts.map((attempt) => ({
    ...attempt,
    startedAt: isoTime(attempt.startedAt),
    firstReplyAt: isoTimeOrNull(attempt.firstReplyAt),
    ringingAt: isoTimeOrNull(attempt.ringingAt),
    endedAt: isoTime(attempt.endedAt),
  })),
  explanation: stepsOf(record.explanation),
})

const columns = {
  id: (record) => record.id,
  startedAt: (record) => isoTime(record.startedAt),
  answeredAt: (record) => isoTimeOrNull(record.answeredAt),
  endedAt: (record) => isoTime(record.endedAt),
  account: (record) => record.callerAccount,
  endpoint: (record) => record.callerEndpoint,
  sipUser: (record) => record.callerSipUser,
  source: (record) => record.sourceAddress,
  cli: (record) => record.cli,
  dialled: (record) => record.dialled,
  destination: (record) => record.destination,
  outcome: (record) => record.outcome,
  status: (record) => record.status,
  reasonPhrase: (record) => record.reasonPhrase,
  releaseReason: (record) => record.releaseReason,
  releasedBy: (record) => record.releasedBy,
  setupMs: (record) => record.setupMs,
  ringMs: (record) => record.ringMs,
  talkMs: (record) => record.talkMs,
  carrier: (record) => record.attempts.at(-1)?.account ?? null,
  gateway: (record) => record.attempts.at(-1)?.gateway ?? null,
  target: (record) => record.attempts.at(-1)?.target ?? null,
  attempts: (record) => record.attempts.length,
  detail: (record) => record.detail,
  cost: ({ charge }) => (charge === undefined ? null : formatMoney(charge.cost)),
  costCurrency: ({ charge }) => charge?.currency ?? null,
  ratePrefix: ({ charge }) => charge?.prefix ?? null,
} as const satisfies Record<string, (record: StoredRecord) => string | number | null>

/** One cell (RFC 4180). Text that starts like a formula gets an apostrophe; control characters become spaces. */
export function csvCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const plain = value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
  const text = /^[\s]*[=+\-@|%\uFF1D\uFF0B\uFF0D\uFF20]/u.test(plain) || /^[\t\r\n]/.test(value) ? `'${plain}` : plain
  return /[",']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const csvLine = (cells: readonly (string | number | null)[]): string =>
  `${cells.map((cell) => csvCell(cell)).join(',')}\r\n`

/** In documents it is text; in code the stream that gives it. */
const csvText = z.custom<Readable>().meta({ type: 'string' })

/** Page by page, so that a long export holds one page in memory and reads no faster than the reader. */
async function* csvOf(records: RecordService, query: Omit<RecordQuery, 'limit'>): AsyncGenerator<string> {
  yield csvLine(Object.keys(columns))
  const limit = bound('pageItemsMax')
  let cursor: string | null = ''
  while (cursor !== null) {
    // oxlint-disable-next-line no-await-in-loop -- a page's cursor is in the page before it
    const page: Awaited<ReturnType<RecordService['list']>> = await records.list({
      ...query,
      limit,
      ...(cursor === '' ? {} : { cursor }),
    })
    yield page.items.map((record) => csvLine(Object.values(columns).map((cell) => cell(record)))).join('')
    cursor = page.nextCursor
  }
}

export function addRecordRoutes(app: ApiApp, { records }: ApiContext): void {
  app.get(
    `${basePath}/call-records`,
    { schema: { querystring: recordQuery, response: { 200: pageOf(callRecordView) } } },
    async (request) => mapPage(await records.list(present(request.query)), viewOf),
  )
  app.get(
    `${basePath}/call-records.csv`,
    {
      schema: {
        querystring: csvQuery,
        response: { 200: { description: 'CSV with a header line', content: { 'text/csv': { schema: csvText } } } },
      },
    },
    async (request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="call-records.csv"')
        .send(Readable.from(csvOf(records, present(request.query)))),
  )
  app.get(
    `${basePath}/call-records/:id`,
    { schema: { params: idParameter, response: { 200: callRecordView } } },
    async (request) => {
      const record = await records.get(request.params.id)
      if (record === undefined) throw new Fault('not_found', `No call record "${request.params.id}"`)
      return viewOf(record)
    },
  )
}
