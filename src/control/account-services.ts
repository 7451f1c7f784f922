// What the control thread offers about an account's money and traffic, beside services.ts: ledger, statistics, reports.
// Types only.
import type { StatsSide } from '../contract/api-stats.ts'
import type { Payment, Totals } from '../store/ledger-rows.ts'
import type { FailureExample, FailureGroup } from '../store/report-rows.ts'
import type { Figures, StepName, TimeSpan } from '../store/statistics-rows.ts'
import type { ListQuery, Page, WriteOptions } from './services.ts'

/** A payment as it is shown. Times are milliseconds since 1970. */
export type StoredPayment = Payment & { readonly etag: string; readonly currency: string }

/** Payments and balances. Every write is audited; nothing is removed. */
export interface LedgerService {
  /** Newest first; filter `status`. */
  list(accountId: string, query: ListQuery): Promise<Page<StoredPayment>>
  get(id: string): Promise<StoredPayment>
  /** Fault `invalid` with paths. */
  create(accountId: string, input: unknown, options: WriteOptions): Promise<StoredPayment>
  /** Description and status only. */
  change(id: string, input: unknown, options: WriteOptions): Promise<StoredPayment>
  /** By account id, for all that are asked for. */
  totals(accountIds: readonly string[]): Promise<ReadonlyMap<string, Totals>>
  /** Resolves when every balance that was changed so far has had its consequence. */
  settled(): Promise<void>
}

/** What statistics are asked of; nothing named = the whole system. `side` is for accounts. */
export interface StatsScope {
  readonly accountId?: string
  readonly gatewayId?: string
  /** An entry, as the one that sends. */
  readonly senderId?: string
  readonly sipUserId?: string
  readonly side: StatsSide
}

export interface SeriesQuery extends StatsScope, Partial<TimeSpan> {
  readonly step?: StepName
}

/** One point for each step of [from, to), in milliseconds since 1970. */
export interface Series extends TimeSpan {
  readonly step: StepName
  readonly points: readonly { readonly at: number; readonly figures: Figures }[]
  readonly totals: Figures
}

export interface RecentFigures {
  readonly asr: number | null
  readonly acdSeconds: number | null
  readonly pddMs: number | null
}

export interface StatisticsService {
  /** Fault `invalid` when more steps are asked for than are kept. */
  series(query: SeriesQuery): Promise<Series>
  total(scope: StatsScope, span: TimeSpan): Promise<Figures>
  /** The last 60 minutes of accounts, by id; those without calls are left out. */
  lastHour(side: StatsSide, accountIds: readonly string[]): Promise<ReadonlyMap<string, RecentFigures>>
}

/** Numbers that a carrier answered with 404, and those of them that were answered all the same. */
export interface CodeConsistency {
  readonly notFound: number
  readonly notFoundElsewhereAnswered: number
  readonly notFoundHereAnswered: number
  readonly examples: readonly {
    readonly destination: string
    readonly notFound: number
    readonly answeredBy: readonly string[]
  }[]
  /** False = there was more than is looked at; so for all reports. */
  readonly complete: boolean
}

export interface SummaryRow extends TimeSpan {
  readonly name: '24h' | 'day' | 'week' | 'month'
  readonly figures: Figures
  /** What calls to the account cost, in millionths. */
  readonly cost: number
  /** Null on the caller's side. */
  readonly codes: CodeConsistency | null
}

export interface FalseAnswerHint {
  readonly gatewayId: string
  readonly gateway: string
  readonly kind: 'shortCalls' | 'answeredAtOnce' | 'neverRang'
  readonly answered: number
  readonly count: number
  readonly share: number
  /** Of all other gateways; null = they answered nothing. */
  readonly othersShare: number | null
  readonly text: string
  /** Ids of records. */
  readonly examples: readonly string[]
}

export interface FailoverFindings extends TimeSpan {
  readonly failed: number
  readonly answeredElsewhere: number
  readonly rows: readonly (FailureGroup & { readonly examples: readonly FailureExample[] })[]
  readonly hints: readonly FalseAnswerHint[]
  readonly complete: boolean
}

export interface ReportService {
  /** Last 24 hours, day, week, month. */
  summary(accountId: string, side: StatsSide): Promise<readonly SummaryRow[]>
  /** Default: the last 24 hours. Fault `invalid` when nothing lies between the times. */
  failovers(accountId: string, asked: Partial<TimeSpan>): Promise<FailoverFindings>
  /** When accounts had their last call, by account id. */
  lastCalls(accountIds: readonly string[]): Promise<ReadonlyMap<string, number>>
}
