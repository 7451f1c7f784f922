// Call records and their attempts as rows. Written in batches of prepared statements, because their cost counts on every
// call; read newest first with parameters only.
import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { ExpressionBuilder, ExpressionWrapper, Kysely, Selectable, SqlBool } from 'kysely'
import type { AttemptRecord, CallRecord } from '../call/record.ts'
import { Explanation } from '../policy/explanation.ts'
import type { ExplanationStep } from '../policy/explanation.ts'
import type { Charge } from './charge.ts'
import { inOrder } from './in-order.ts'
import type { Tables } from './schema.ts'

const placeholders = (count: number): string => Array.from({ length: count }, () => '?').join(', ')

const recordColumns =
  'id, started_at, first_reply_at, ringing_at, answered_at, ended_at, setup_ms, ring_ms, talk_ms, source_address, ' +
  'source_port, source_transport, caller_account_id, caller_account, caller_endpoint_id, caller_endpoint, ' +
  'caller_sip_user_id, caller_sip_user, caller_call_id, route_prefix, dialled, destination, cli, outcome, status, reason_phrase, release_reason, ' +
  'released_by, detail, directory_revision, explanation, cost, cost_currency, rate_prefix'
const attemptColumns =
  'record_seq, position, endpoint_id, account_id, gateway, account, target, call_id, started_at, first_reply_at, ' +
  'ringing_at, ended_at, status, reason, destination'

/** A record that is there already is left alone: a batch whose outcome is unknown may be written again. */
const insertRecord = `insert into call_records (${recordColumns}) values (${placeholders(34)}) on conflict (id) do nothing`
const insertAttempt = `insert into call_attempts (${attemptColumns}) values (${placeholders(15)})`

/** STRICT integer columns take no fractions. */
const whole = (ms: number): number => Math.round(ms)
const wholeOrNull = (ms: number | null): number | null => (ms === null ? null : Math.round(ms))

const recordValues = (record: CallRecord, charge: Charge | undefined) => [
  record.id,
  whole(record.startedAt),
  wholeOrNull(record.firstReplyAt),
  wholeOrNull(record.ringingAt),
  wholeOrNull(record.answeredAt),
  whole(record.endedAt),
  wholeOrNull(record.setupMs),
  wholeOrNull(record.ringMs),
  whole(record.talkMs),
  record.sourceAddress,
  record.sourcePort,
  record.sourceTransport,
  record.callerAccountId,
  record.callerAccount,
  record.callerEndpointId,
  record.callerEndpoint,
  record.callerSipUserId,
  record.callerSipUser,
  record.callerCallId,
  record.routePrefix,
  record.dialled,
  record.destination,
  record.cli,
  record.outcome,
  record.status,
  record.reasonPhrase,
  record.releaseReason,
  record.releasedBy,
  record.detail,
  record.directoryRevision,
  record.explanation,
  charge?.cost ?? null,
  charge?.currency ?? null,
  charge?.prefix ?? null,
]

const attemptValues = (seq: number | bigint, position: number, attempt: AttemptRecord) => [
  seq,
  position,
  attempt.endpointId,
  attempt.accountId,
  attempt.gateway,
  attempt.account,
  attempt.target,
  attempt.callId,
  whole(attempt.startedAt),
  wholeOrNull(attempt.firstReplyAt),
  wholeOrNull(attempt.ringingAt),
  whole(attempt.endedAt),
  attempt.status,
  attempt.reason,
  attempt.destination,
]

/** A record as it is kept: with what the call cost, undefined = nobody had a price for it. */
export interface RatedRecord {
  readonly record: CallRecord
  readonly charge: Charge | undefined
}

/** A record as it was read. */
export type StoredRecord = CallRecord & { readonly charge: Charge | undefined }

/** Inside `Store.batch`. Gives those that were not there before: only these may be counted and charged. */
export function writeRecords(connection: DatabaseSync, records: readonly RatedRecord[]): RatedRecord[] {
  const record = connection.prepare(insertRecord)
  const attempt = connection.prepare(insertAttempt)
  return records.filter((one) => {
    const { changes, lastInsertRowid } = record.run(...recordValues(one.record, one.charge))
    if (changes === 0) return false
    for (const [position, tried] of one.record.attempts.entries())
      attempt.run(...attemptValues(lastInsertRowid, position, tried))
    return true
  })
}

/** Inside `Store.batch`: removes at most `most` records that started before `before`; says how many it removed. */
export function deleteRecords(connection: DatabaseSync, before: number, most: number): number {
  const { changes } = connection
    .prepare(
      'delete from call_records where seq in (select seq from call_records where started_at < ? order by started_at limit ?)',
    )
    .run(before, most)
  return Number(changes)
}

/** A name or id as the asker wrote it, and the ids that it means today. */
export interface NameFilter {
  readonly text: string
  readonly ids: readonly string[]
}

export interface RecordFilter {
  readonly account?: NameFilter
  readonly gateway?: NameFilter
  readonly outcome?: string
  readonly number?: string
  readonly from?: number
  readonly to?: number
}

/** The last record of the page before. */
export interface RecordPosition {
  readonly startedAt: number
  readonly seq: number
}

type Builder = ExpressionBuilder<Tables, 'call_records'>
type Condition = ExpressionWrapper<Tables, 'call_records', SqlBool>

/**
 * Calls of the account and calls to it; by id where the name means one today, else by the name as it was at the time
 * of the call. A union, because each half has its index and an OR has none.
 */
function accountCondition(where: Builder, { text, ids }: NameFilter): Condition {
  const known = ids.length > 0
  const called = where
    .selectFrom('call_records as caller')
    .select('caller.seq as seq')
    .where((one) => (known ? one('caller.caller_account_id', 'in', ids) : one('caller.caller_account', '=', text)))
  const taken = where
    .selectFrom('call_attempts as attempt')
    .select('attempt.record_seq as seq')
    .where((one) => (known ? one('attempt.account_id', 'in', ids) : one('attempt.account', '=', text)))
  return where('seq', 'in', called.union(taken))
}

function gatewayCondition(where: Builder, { text, ids }: NameFilter): Condition {
  const attempts = where
    .selectFrom('call_attempts')
    .select('record_seq')
    .where((attempt) => (ids.length > 0 ? attempt('endpoint_id', 'in', ids) : attempt('gateway', '=', text)))
  return where('seq', 'in', attempts)
}

/**
 * Ranges instead of LIKE, so that the indexes serve; with and without a leading +. The dialled number has an index where it
 * is not the destination.
 */
function numberCondition(where: Builder, text: string): Condition {
  const bare = text.replace(/^\+/, '')
  const starts = (column: 'destination' | 'dialled' | 'cli', prefix: string): Condition =>
    where.and([
      where(column, '>=', prefix),
      where(column, '<', `${prefix}\u{10ffff}`),
      ...(column === 'dialled' ? [where('dialled', '<>', where.ref('destination'))] : []),
    ])
  return where.or(
    (['destination', 'dialled', 'cli'] as const).flatMap((column) => [
      starts(column, bare),
      starts(column, `+${bare}`),
    ]),
  )
}

function conditions(where: Builder, filter: RecordFilter): Condition {
  const list: Condition[] = []
  if (filter.account !== undefined) list.push(accountCondition(where, filter.account))
  if (filter.gateway !== undefined) list.push(gatewayCondition(where, filter.gateway))
  if (filter.outcome !== undefined) list.push(where('outcome', '=', filter.outcome))
  if (filter.number !== undefined && filter.number !== '') list.push(numberCondition(where, filter.number))
  if (filter.from !== undefined) list.push(where('started_at', '>=', whole(filter.from)))
  if (filter.to !== undefined) list.push(where('started_at', '<', whole(filter.to)))
  return where.and(list)
}

type RecordRow = Selectable<Tables['call_records']>
type AttemptRow = Selectable<Tables['call_attempts']>

const attemptOf = (row: AttemptRow, dialled: string): AttemptRecord => ({
  endpointId: row.endpoint_id,
  accountId: row.account_id,
  gateway: row.gateway,
  account: row.account,
  target: row.target,
  callId: row.call_id,
  // Records of earlier versions do not know what was sent.
  destination: row.destination ?? dialled,
  startedAt: row.started_at,
  firstReplyAt: row.first_reply_at,
  ringingAt: row.ringing_at,
  endedAt: row.ended_at,
  status: row.status,
  reason: row.reason,
})

const chargeOf = ({ cost, cost_currency: currency, rate_prefix: prefix }: RecordRow): Charge | undefined =>
  cost === null || currency === null || prefix === null ? undefined : { cost: BigInt(cost), currency, prefix }

/** Earlier versions kept the steps as JSON. */
function explanationOf(kept: string): string {
  if (!kept.startsWith('[')) return kept
  const explanation = new Explanation()
  for (const { step, text } of JSON.parse(kept) as ExplanationStep[]) explanation.add(step, text)
  return explanation.text
}

const recordOf = (row: RecordRow, attempts: readonly AttemptRow[]): StoredRecord => ({
  id: row.id,
  startedAt: row.started_at,
  firstReplyAt: row.first_reply_at,
  ringingAt: row.ringing_at,
  answeredAt: row.answered_at,
  endedAt: row.ended_at,
  setupMs: row.setup_ms,
  ringMs: row.ring_ms,
  talkMs: row.talk_ms,
  sourceAddress: row.source_address,
  sourcePort: row.source_port,
  sourceTransport: row.source_transport,
  callerAccountId: row.caller_account_id,
  callerAccount: row.caller_account,
  callerEndpointId: row.caller_endpoint_id,
  callerEndpoint: row.caller_endpoint,
  callerSipUserId: row.caller_sip_user_id,
  callerSipUser: row.caller_sip_user,
  callerCallId: row.caller_call_id,
  routePrefix: row.route_prefix,
  dialled: row.dialled,
  destination: row.destination,
  cli: row.cli,
  outcome: row.outcome as CallRecord['outcome'],
  status: row.status,
  reasonPhrase: row.reason_phrase,
  releaseReason: row.release_reason as CallRecord['releaseReason'],
  releasedBy: row.released_by as CallRecord['releasedBy'],
  detail: row.detail,
  directoryRevision: row.directory_revision,
  attempts: attempts.map((attempt) => attemptOf(attempt, row.destination)),
  explanation: explanationOf(row.explanation),
  charge: chargeOf(row),
})

async function withAttempts(database: Kysely<Tables>, rows: readonly RecordRow[]): Promise<StoredRecord[]> {
  const bySeq = new Map<number, AttemptRow[]>(rows.map((row) => [row.seq, []]))
  const seqs = [...bySeq.keys()]
  const parts = Array.from({ length: Math.ceil(seqs.length / 500) }, (_, i) => seqs.slice(i * 500, (i + 1) * 500))
  await inOrder(parts, async (part) => {
    const attempts = await database
      .selectFrom('call_attempts')
      .selectAll()
      .where('record_seq', 'in', part)
      .orderBy('record_seq')
      .orderBy('position')
      .execute()
    for (const attempt of attempts) bySeq.get(attempt.record_seq)?.push(attempt)
  })
  return rows.map((row) => recordOf(row, bySeq.get(row.seq) ?? []))
}

export interface RecordPage {
  readonly records: readonly StoredRecord[]
  /** Of the last record, when there are more. */
  readonly next: RecordPosition | null
  readonly total: number
}

/** Newest first. */
export async function listRecords(
  database: Kysely<Tables>,
  filter: RecordFilter,
  limit: number,
  after: RecordPosition | undefined,
): Promise<RecordPage> {
  const matching = database.selectFrom('call_records').where((where) => conditions(where, filter))
  const { total } = await matching
    .select((select) => select.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const page =
    after === undefined
      ? matching
      : matching.where(sql<boolean>`(started_at, seq) < (${after.startedAt}, ${after.seq})`)
  const rows = await page
    .selectAll()
    .orderBy('started_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return {
    records: await withAttempts(database, shown),
    next: more ? { startedAt: last.started_at, seq: last.seq } : null,
    total,
  }
}

export async function findRecord(database: Kysely<Tables>, id: string): Promise<StoredRecord | undefined> {
  const row = await database.selectFrom('call_records').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : (await withAttempts(database, [row]))[0]
}
