// ReportService (services.ts): what the records say about one account: summaries by time, failed here and answered
// elsewhere, signs of false answers, numbers that it does not know and others do. Times in UTC.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { StatsSide } from '../contract/api-stats.ts'
import {
  countAnswers,
  countFailures,
  countRecords,
  findAnswered,
  findAnswers,
  findFailures,
  findNotFound,
  groupFailures,
  lastCalls,
} from '../store/report-rows.ts'
import type { AnswerCounts, AnswerScan, HintKind } from '../store/report-rows.ts'
import type { TimeSpan } from '../store/statistics-rows.ts'
import type { Store } from '../store/store.ts'
import { consistencyOf } from './code-consistency.ts'
import type { NumberHistory } from './code-consistency.ts'
import { invalid } from './input-errors.ts'
import type {
  FailoverFindings,
  FalseAnswerHint,
  ReportService,
  StatisticsService,
  SummaryRow,
} from './account-services.ts'

const dayMs = 86_400_000
const groupsMax = 100
const examplesMax = 5
const destinationsMax = 5_000
/** A call of this length or shorter says nothing was heard; an answer without ringing before this is no person. */
const shortMs = 3_000
const atOnceMs = 500
/** Below these a share is chance. */
const answeredMin = 10
const suspiciousShare = 0.2
const timesOthers = 2

const hintTexts: Readonly<Record<HintKind, string>> = {
  shortCalls: `answered calls that lasted at most ${shortMs / 1_000} s`,
  answeredAtOnce: `answered within ${atOnceMs} ms without ringing`,
  neverRang: 'answered without ever ringing',
}

/** The last 24 hours, and the present day, week (from Monday) and month, in UTC. */
export function windowsAt(wallMs: number): { readonly name: SummaryRow['name']; readonly span: TimeSpan }[] {
  const day = Math.floor(wallMs / dayMs) * dayMs
  const date = new Date(wallMs)
  const week = day - ((date.getUTCDay() + 6) % 7) * dayMs
  const month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  const starts = { '24h': Math.floor(wallMs / 60_000) * 60_000 - dayMs + 60_000, day, week, month } as const
  return (['24h', 'day', 'week', 'month'] as const).map((name) => ({
    name,
    span: { from: starts[name], to: wallMs + 1 },
  }))
}

/** Gateways of the account whose share is high, and higher than that of all others. */
export function suspicious(all: readonly AnswerCounts[], accountId: string): Omit<FalseAnswerHint, 'examples'>[] {
  return all
    .filter((row) => row.accountId === accountId && row.answered >= answeredMin)
    .flatMap((row) =>
      (['shortCalls', 'answeredAtOnce', 'neverRang'] as const).flatMap((kind) => {
        const others = all.filter((other) => other.gatewayId !== row.gatewayId)
        const answered = others.reduce((sum, other) => sum + other.answered, 0)
        const hits = others.reduce((sum, other) => sum + other[kind], 0)
        const othersShare = answered === 0 ? null : hits / answered
        const share = row[kind] / row.answered
        if (share < suspiciousShare || (othersShare !== null && share < othersShare * timesOthers)) return []
        const text = `${row[kind]} of ${row.answered} ${hintTexts[kind]}`
        const { gatewayId, gateway } = row
        return [{ gatewayId, gateway, kind, answered: row.answered, count: row[kind], share, othersShare, text }]
      }),
    )
}

export class AccountReports implements ReportService {
  readonly #store: Store
  readonly #clock: Clock
  readonly #statistics: StatisticsService

  constructor(store: Store, clock: Clock, statistics: StatisticsService) {
    this.#store = store
    this.#clock = clock
    this.#statistics = statistics
  }

  async summary(accountId: string, side: StatsSide): Promise<readonly SummaryRow[]> {
    const windows = windowsAt(this.#clock.wallMs())
    const longest = Math.min(...windows.map(({ span }) => span.from))
    const to = Math.max(...windows.map(({ span }) => span.to))
    const history = side === 'gateway' ? await this.#numbers(accountId, { from: longest, to }) : undefined
    return Promise.all(
      windows.map(async ({ name, span }) => {
        const figures = await this.#statistics.total({ accountId, side }, span)
        const charged =
          side === 'gateway' ? figures : await this.#statistics.total({ accountId, side: 'gateway' }, span)
        const codes = history === undefined ? null : consistencyOf(history, accountId, span)
        return { name, ...span, figures, cost: charged.cost, codes }
      }),
    )
  }

  async #numbers(accountId: string, span: TimeSpan): Promise<NumberHistory> {
    const most = bound('reportRowsMax')
    const scan = { ...span, accountId, most: most + 1 }
    const { looked, rows } = await this.#store.read((database) => findNotFound(database, scan))
    const destinations = [...new Set(rows.map((row) => row.destination))].slice(0, destinationsMax)
    const answered = await this.#store.read((database) => findAnswered(database, destinations, span, most))
    return { notFound: rows, answered, complete: looked <= most && answered.length < most }
  }

  async failovers(accountId: string, asked: Partial<TimeSpan>): Promise<FailoverFindings> {
    const to = asked.to ?? this.#clock.wallMs() + 1
    const span = { from: asked.from ?? to - dayMs, to }
    if (span.from >= to) throw invalid([{ path: 'from', message: 'from must be before to' }])
    const most = bound('reportRowsMax')
    const scan = { ...span, accountId, most }
    return this.#store.read(async (database) => {
      const { failed, answeredElsewhere } = await countFailures(database, scan)
      const { looked } = await countFailures(database, { ...scan, most: most + 1 })
      const groups = await groupFailures(database, scan, groupsMax)
      const rows = await Promise.all(
        groups.map(async (group) => ({
          ...group,
          examples: await findFailures(database, scan, group, examplesMax),
        })),
      )
      const answerScan: AnswerScan = { ...span, most, shortMs, atOnceMs }
      const hints = await Promise.all(
        suspicious(await countAnswers(database, answerScan), accountId).map(async (hint) => ({
          ...hint,
          examples: await findAnswers(database, answerScan, hint, examplesMax),
        })),
      )
      const complete = looked <= most && (await countRecords(database, span, most)) <= most
      return { ...span, failed, answeredElsewhere, rows, hints, complete }
    })
  }

  lastCalls(accountIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#store.read((database) => lastCalls(database, accountIds))
  }
}
