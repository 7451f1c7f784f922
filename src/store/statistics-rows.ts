// Statistics as rows: one for each subject and minute, one for each subject and hour. Added to inside the transaction that
// writes the records they come from, so that neither can be there without the other.
import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { Kysely, Selectable } from 'kysely'
import { inChunks } from './in-order.ts'
import type { Tables } from './schema.ts'

/**
 * `toAccount`: attempts at its gateways; `fromAccount`: its calls; `account`: what both sides share, its peaks. `gateway`:
 * attempts there, and the peaks of the entry; `sender`: calls that an entry sent; `sipUser`: calls and peaks of a SIP user.
 */
export type SubjectKind = 'system' | 'gateway' | 'toAccount' | 'fromAccount' | 'account' | 'sender' | 'sipUser'

export interface Subject {
  readonly kind: SubjectKind
  readonly id: string
}

/** Counts that add up, and peaks of which the highest stays. */
export interface Figures {
  attempts: number
  answered: number
  failed: number
  cancelled: number
  talkMs: number
  /** Sum over those that rang or were answered, and their number. */
  setupMs: number
  setups: number
  /** Millionths. */
  cost: number
  channelsPeak: number
  callsPerSecondPeak: number
  breaches: number
  /** Final status -> count; 0 = no final reply. */
  readonly codes: Map<number, number>
}

/** What happened to a subject at a moment (milliseconds since 1970). */
export interface Happening {
  readonly subject: Subject
  readonly at: number
  readonly figures: Figures
}

export const steps = { minute: 60, hour: 3_600 } as const
export type StepName = keyof typeof steps

export const noFigures = (): Figures => ({
  attempts: 0,
  answered: 0,
  failed: 0,
  cancelled: 0,
  talkMs: 0,
  setupMs: 0,
  setups: 0,
  cost: 0,
  channelsPeak: 0,
  callsPerSecondPeak: 0,
  breaches: 0,
  codes: new Map(),
})

/** A sum that no count of ours can reach stays where integers are exact. */
const sum = (left: number, right: number): number => Math.min(left + right, Number.MAX_SAFE_INTEGER)

/** Field by field: it is done several times for each call. */
export function addFigures(to: Figures, more: Figures): void {
  to.attempts += more.attempts
  to.answered += more.answered
  to.failed += more.failed
  to.cancelled += more.cancelled
  to.setups += more.setups
  to.breaches += more.breaches
  to.talkMs = sum(to.talkMs, more.talkMs)
  to.setupMs = sum(to.setupMs, more.setupMs)
  to.cost = sum(to.cost, more.cost)
  to.channelsPeak = Math.max(to.channelsPeak, more.channelsPeak)
  to.callsPerSecondPeak = Math.max(to.callsPerSecondPeak, more.callsPerSecondPeak)
  for (const [status, count] of more.codes) to.codes.set(status, (to.codes.get(status) ?? 0) + count)
}

type Row = Selectable<Tables['statistics']>

function codesOf(text: string): Map<number, number> {
  const codes = JSON.parse(text) as Record<string, number>
  return new Map(Object.entries(codes).map(([status, count]) => [Number(status), count]))
}

const figuresOf = (row: Row): Figures => ({
  attempts: row.attempts,
  answered: row.answered,
  failed: row.failed,
  cancelled: row.cancelled,
  talkMs: row.talk_ms,
  setupMs: row.setup_ms,
  setups: row.setups,
  cost: row.cost,
  channelsPeak: row.channels_peak,
  callsPerSecondPeak: row.per_second_peak,
  breaches: row.breaches,
  codes: codesOf(row.codes),
})

/** The start of the minute or hour that holds a moment, in UTC. */
export const bucketOf = (at: number, step: number): number => Math.floor(at / (step * 1_000)) * step * 1_000

interface Bucket {
  readonly subject: Subject
  readonly step: number
  readonly at: number
  readonly figures: Figures
}

/** One bucket for each subject and time. */
function summed(happenings: readonly Happening[], step: number): Bucket[] {
  const buckets = new Map<string, Bucket>()
  for (const { subject, at, figures } of happenings) {
    const start = bucketOf(at, step)
    const key = `${subject.kind}/${subject.id}/${start}`
    let bucket = buckets.get(key)
    if (bucket === undefined) buckets.set(key, (bucket = { subject, step, at: start, figures: noFigures() }))
    addFigures(bucket.figures, figures)
  }
  return [...buckets.values()]
}

/** Hours are made of minutes: most happenings of a batch fall into the same few. */
function bucketsOf(happenings: readonly Happening[], oldestMinute: number): Bucket[] {
  const minutes = summed(happenings, steps.minute)
  const hours = summed(minutes, steps.hour)
  return [...minutes.filter(({ at }) => at >= oldestMinute), ...hours]
}

const columns =
  'subject, step, at, attempts, answered, failed, cancelled, talk_ms, setup_ms, setups, cost, channels_peak, ' +
  'per_second_peak, breaches, codes'

/** Inside `Store.batch`. Minutes before `oldestMinute` (milliseconds since 1970) are not kept any more, hours are. */
export function addStatistics(connection: DatabaseSync, happenings: readonly Happening[], oldestMinute: number): void {
  if (happenings.length === 0) return
  const insertSubject = connection.prepare(
    'insert into statistics_subjects (kind, subject) values (?, ?) on conflict (kind, subject) do nothing',
  )
  const findSubject = connection.prepare('select id from statistics_subjects where kind = ? and subject = ?')
  const findRow = connection.prepare('select * from statistics where subject = ? and step = ? and at = ?')
  const write = connection.prepare(
    `insert or replace into statistics (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const grow = connection.prepare('update statistics_size set rows = rows + ? where step = ?')
  const ids = new Map<string, number>()
  const idOf = ({ kind, id }: Subject): number => {
    const key = `${kind}/${id}`
    const known = ids.get(key)
    if (known !== undefined) return known
    insertSubject.run(kind, id)
    const found = Number(findSubject.get(kind, id)?.['id'])
    ids.set(key, found)
    return found
  }
  const added = new Map<number, number>()
  for (const { subject, step, at, figures } of bucketsOf(happenings, oldestMinute)) {
    const id = idOf(subject)
    const present = findRow.get(id, step, at) as Row | undefined
    if (present === undefined) added.set(step, (added.get(step) ?? 0) + 1)
    else addFigures(figures, figuresOf(present))
    const { attempts, answered, failed, cancelled, talkMs, setupMs, setups, cost, breaches, codes } = figures
    const { channelsPeak, callsPerSecondPeak } = figures
    const counts = [attempts, answered, failed, cancelled, Math.round(talkMs), Math.round(setupMs), setups, cost]
    const text = JSON.stringify(Object.fromEntries(codes))
    write.run(id, step, at, ...counts, channelsPeak, callsPerSecondPeak, breaches, text)
  }
  for (const [step, rows] of added) grow.run(rows, step)
}

/** Inside `Store.batch`: removes at most `most` of the oldest rows of a step: those before `before`, and those over `rowsMax`. */
export function deleteStatistics(
  connection: DatabaseSync,
  step: number,
  limits: { readonly before: number; readonly rowsMax: number; readonly most: number },
): number {
  const size = connection.prepare('select rows from statistics_size where step = ?').get(step)
  const excess = Math.min(Math.max(0, Number(size?.['rows'] ?? 0) - limits.rowsMax), limits.most)
  const oldest = 'select subject, at from statistics where step = ?1'
  const byTime = connection
    .prepare(`delete from statistics where step = ?1 and (subject, at) in (${oldest} and at < ?2 order by at limit ?3)`)
    .run(step, limits.before, limits.most)
  const overTheBound = Math.max(0, excess - Number(byTime.changes))
  const bySize = connection
    .prepare(`delete from statistics where step = ?1 and (subject, at) in (${oldest} order by at limit ?2)`)
    .run(step, overTheBound)
  const removed = Number(byTime.changes) + Number(bySize.changes)
  connection.prepare('update statistics_size set rows = rows - ? where step = ?').run(removed, step)
  return removed
}

/** Inside `Store.batch`: forgets subjects of which nothing is kept. */
export function deleteSubjects(connection: DatabaseSync): void {
  connection.exec(
    `delete from statistics_subjects where not exists
      (select 1 from statistics where statistics.subject = statistics_subjects.id)`,
  )
}

export interface TimeSpan {
  /** Milliseconds since 1970: `from` belongs to it, `to` does not. */
  readonly from: number
  readonly to: number
}

/** The figures of each kept step of a subject, oldest first. */
export async function readStatistics(
  database: Kysely<Tables>,
  { kind, id }: Subject,
  step: StepName,
  { from, to }: TimeSpan,
): Promise<{ readonly at: number; readonly figures: Figures }[]> {
  const rows = await database
    .selectFrom('statistics')
    .selectAll()
    .where('subject', '=', (select) =>
      select.selectFrom('statistics_subjects').select('id').where('kind', '=', kind).where('subject', '=', id),
    )
    .where('step', '=', steps[step])
    .where('at', '>=', from)
    .where('at', '<', to)
    .orderBy('at')
    .execute()
  return rows.map((row) => ({ at: row.at, figures: figuresOf(row) }))
}

type SubjectSum = Pick<Figures, 'attempts' | 'answered' | 'talkMs' | 'setupMs' | 'setups'> & { readonly id: string }

/** Sums over the minutes of a time span, for each of these subjects that has any. */
export async function sumStatistics(
  database: Kysely<Tables>,
  { kind, ids }: { readonly kind: SubjectKind; readonly ids: readonly string[] },
  { from, to }: TimeSpan,
): Promise<SubjectSum[]> {
  const total = (column: string) => sql<number>`sum(${sql.ref(`statistics.${column}`)})`
  const sums: SubjectSum[] = []
  await inChunks(ids, async (part) => {
    const rows = await database
      .selectFrom('statistics_subjects')
      .innerJoin('statistics', 'statistics.subject', 'statistics_subjects.id')
      .select([
        'statistics_subjects.subject as id',
        total('attempts').as('attempts'),
        total('answered').as('answered'),
        total('talk_ms').as('talkMs'),
        total('setup_ms').as('setupMs'),
        total('setups').as('setups'),
      ])
      .where('statistics_subjects.kind', '=', kind)
      .where('statistics_subjects.subject', 'in', part)
      .where('statistics.step', '=', steps.minute)
      .where('statistics.at', '>=', from)
      .where('statistics.at', '<', to)
      .groupBy('statistics_subjects.subject')
      .execute()
    sums.push(...rows)
  })
  return sums
}
