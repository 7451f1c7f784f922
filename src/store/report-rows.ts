// Reports over call records: which attempts failed at an account and were answered elsewhere, how gateways answer, which
// numbers one carrier does not know and another does. Each looks at the newest attempts up to a bound and says whether
// there were more.
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { ownCallerName } from '../call/own-caller.ts'
import type { TimeSpan } from './statistics-rows.ts'
import type { Tables } from './schema.ts'

/** The newest `most` attempts at an account within a time span, and one more if there are more. */
interface Scan extends TimeSpan {
  readonly accountId: string
  readonly most: number
}

const scanned = ({ accountId, from, to, most }: Scan) => sql`
  select * from call_attempts where account_id = ${accountId} and started_at >= ${from} and started_at < ${to}
  order by started_at desc limit ${most}`

/** The attempt with which a call ended. */
const lastPosition = sql`(select max(position) from call_attempts where record_seq = record.seq)`

/** Failed here: not the attempt that was answered, and not one that the caller stopped. */
const failedHere = sql`not (attempt.position = ${lastPosition} and record.outcome in ('answered', 'cancelled'))`

export interface FailureGroup {
  readonly gatewayId: string
  readonly gateway: string
  readonly reason: string
  readonly count: number
  readonly lastAt: number
}

export interface FailureExample {
  /** Of the record. */
  readonly id: string
  readonly at: number
  readonly destination: string
  readonly answeredBy: string
}

export interface FailureCounts {
  readonly looked: number
  readonly failed: number
  readonly answeredElsewhere: number
}

export async function countFailures(database: Kysely<Tables>, scan: Scan): Promise<FailureCounts> {
  const { rows } = await sql<FailureCounts>`
    with attempt as (${scanned(scan)})
    select count(*) as looked, coalesce(sum(${failedHere}), 0) as failed,
      coalesce(sum(${failedHere} and record.outcome = 'answered'), 0) as answeredElsewhere
    from attempt join call_records as record on record.seq = attempt.record_seq`.execute(database)
  return rows[0] ?? { looked: 0, failed: 0, answeredElsewhere: 0 }
}

/** Failed here, answered elsewhere; most frequent first. */
export async function groupFailures(database: Kysely<Tables>, scan: Scan, limit: number): Promise<FailureGroup[]> {
  const { rows } = await sql<FailureGroup>`
    with attempt as (${scanned(scan)})
    select attempt.endpoint_id as gatewayId, max(attempt.gateway) as gateway, attempt.reason as reason,
      count(*) as count, max(record.started_at) as lastAt
    from attempt join call_records as record on record.seq = attempt.record_seq
    where ${failedHere} and record.outcome = 'answered'
    group by attempt.endpoint_id, attempt.reason order by count(*) desc, lastAt desc limit ${limit}`.execute(database)
  return rows
}

/** Calls behind one line of `groupFailures`, newest first. */
export async function findFailures(
  database: Kysely<Tables>,
  scan: Scan,
  { gatewayId, reason }: Pick<FailureGroup, 'gatewayId' | 'reason'>,
  limit: number,
): Promise<FailureExample[]> {
  const { rows } = await sql<FailureExample>`
    with attempt as (${scanned(scan)})
    select record.id as id, record.started_at as at, record.destination as destination,
      winner.account || '/' || winner.gateway as answeredBy
    from attempt join call_records as record on record.seq = attempt.record_seq
      join call_attempts as winner on winner.record_seq = record.seq and winner.position = ${lastPosition}
    where ${failedHere} and record.outcome = 'answered' and attempt.endpoint_id = ${gatewayId}
      and attempt.reason = ${reason}
    order by record.started_at desc limit ${limit}`.execute(database)
  return rows
}

/** How a gateway answers: all its answered calls, and those that look as if nobody had taken them. */
export interface AnswerCounts {
  readonly gatewayId: string
  readonly accountId: string
  readonly gateway: string
  readonly answered: number
  readonly shortCalls: number
  readonly answeredAtOnce: number
  readonly neverRang: number
}

export interface AnswerScan extends TimeSpan {
  readonly most: number
  /** Talk time up to which a call is short; time without ringing up to which it was answered at once. */
  readonly shortMs: number
  readonly atOnceMs: number
}

/** Test calls are left out: Tollgate itself hangs up as soon as they are answered. */
const answeredCalls = ({ from, to, most }: AnswerScan) => sql`
  select * from call_records where started_at >= ${from} and started_at < ${to}
    and not (caller_account_id is null and caller_account is ${ownCallerName}) order by started_at desc limit ${most}`

const isShort = (scan: AnswerScan) => sql`(record.talk_ms <= ${scan.shortMs})`
const didNotRing = sql`(attempt.ringing_at is null)`
const wasAtOnce = (scan: AnswerScan) =>
  sql`(attempt.ringing_at is null and record.answered_at - attempt.started_at <= ${scan.atOnceMs})`

const hintConditions = { shortCalls: isShort, answeredAtOnce: wasAtOnce, neverRang: () => didNotRing }
export type HintKind = keyof typeof hintConditions

/** All gateways with answered calls among the newest records. */
export async function countAnswers(database: Kysely<Tables>, scan: AnswerScan): Promise<AnswerCounts[]> {
  const { rows } = await sql<AnswerCounts>`
    with record as (${answeredCalls(scan)})
    select attempt.endpoint_id as gatewayId, max(attempt.account_id) as accountId, max(attempt.gateway) as gateway,
      count(*) as answered, sum(${isShort(scan)}) as shortCalls, sum(${wasAtOnce(scan)}) as answeredAtOnce,
      sum(${didNotRing}) as neverRang
    from record join call_attempts as attempt on attempt.record_seq = record.seq and attempt.position = ${lastPosition}
    where record.outcome = 'answered' group by attempt.endpoint_id`.execute(database)
  return rows
}

/** Ids of records that count for a hint, newest first. */
export async function findAnswers(
  database: Kysely<Tables>,
  scan: AnswerScan,
  { gatewayId, kind }: { readonly gatewayId: string; readonly kind: HintKind },
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with record as (${answeredCalls(scan)})
    select record.id as id
    from record join call_attempts as attempt on attempt.record_seq = record.seq and attempt.position = ${lastPosition}
    where record.outcome = 'answered' and attempt.endpoint_id = ${gatewayId} and ${hintConditions[kind](scan)}
    order by record.started_at desc limit ${limit}`.execute(database)
  return rows.map(({ id }) => id)
}

export async function countRecords(database: Kysely<Tables>, { from, to }: TimeSpan, most: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from
      (select 1 from call_records where started_at >= ${from} and started_at < ${to} limit ${most + 1})`.execute(
    database,
  )
  return rows[0]?.count ?? 0
}

/** One number that an account answered with 404, at the moments it did. */
export interface NotFound {
  readonly destination: string
  readonly at: number
}

/** `looked` counts the attempts that were gone through. */
export async function findNotFound(
  database: Kysely<Tables>,
  scan: Scan,
): Promise<{ readonly looked: number; readonly rows: readonly NotFound[] }> {
  const { looked } = await countFailures(database, scan)
  const { rows } = await sql<NotFound>`
    with attempt as (${scanned(scan)})
    select record.destination as destination, record.started_at as at
    from attempt join call_records as record on record.seq = attempt.record_seq where attempt.status = 404`.execute(
    database,
  )
  return { looked, rows }
}

/** Who answered a number, and when. */
export interface Answered {
  readonly destination: string
  readonly accountId: string
  readonly account: string
  readonly at: number
}

export async function findAnswered(
  database: Kysely<Tables>,
  destinations: readonly string[],
  { from, to }: TimeSpan,
  most: number,
): Promise<Answered[]> {
  if (destinations.length === 0) return []
  const { rows } = await sql<Answered>`
    select record.destination as destination, attempt.account_id as accountId, attempt.account as account,
      record.started_at as at
    from call_records as record
      join call_attempts as attempt on attempt.record_seq = record.seq and attempt.position = ${lastPosition}
    where record.destination in (${sql.join(destinations)}) and record.outcome = 'answered'
      and record.started_at >= ${from} and record.started_at < ${to}
    limit ${most}`.execute(database)
  return rows
}

/** When an account had its last call, as gateway or as caller; by account id. */
export async function lastCalls(
  database: Kysely<Tables>,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (accountIds.length === 0) return new Map()
  const { rows } = await sql<{ id: string; at: number | null }>`
    with account (id) as (values ${sql.join(accountIds.map((id) => sql`(${id})`))})
    select id, max(
      coalesce((select max(started_at) from call_attempts where account_id = id), 0),
      coalesce((select max(started_at) from call_records where caller_account_id = id), 0)) as at
    from account`.execute(database)
  return new Map(rows.flatMap(({ id, at }) => (at === null || at === 0 ? [] : [[id, at] as const])))
}
