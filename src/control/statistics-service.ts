// StatisticsService (services.ts): answers from the rows of store/statistics-rows.ts, adds what the signalling thread
// measures (peaks, breaches of limits), and keeps the tables within their bounds.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { MetricName, StatsSide } from '../contract/api-stats.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import type { ScopeUse } from '../edge/seam.ts'
import {
  addFigures,
  addStatistics,
  bucketOf,
  deleteStatistics,
  deleteSubjects,
  noFigures,
  readStatistics,
  steps,
  sumStatistics,
} from '../store/statistics-rows.ts'
import type { Figures, Happening, StepName, Subject, TimeSpan } from '../store/statistics-rows.ts'
import type { Store } from '../store/store.ts'
import { invalid } from './input-errors.ts'
import { Mutex } from './mutex.ts'
import type { RecentFigures, Series, SeriesQuery, StatisticsService, StatsScope } from './account-services.ts'

const hourMs = 3_600_000
const cleanUpEveryMs = 600_000
const cleanUpRows = 2_000
/** Without a step that is asked for, longer times are shown by the hour. */
const minutesShownMs = 6 * hourMs

export interface StatisticsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** Fractions 0-1, seconds, milliseconds; null = nothing to divide by. */
const metricOf: Readonly<Record<MetricName, (figures: Figures) => number | null>> = {
  attempts: (figures) => figures.attempts,
  answered: (figures) => figures.answered,
  failed: (figures) => figures.failed,
  cancelled: (figures) => figures.cancelled,
  talkSeconds: (figures) => figures.talkMs / 1_000,
  asr: (figures) => (figures.attempts === 0 ? null : figures.answered / figures.attempts),
  acdSeconds: (figures) => (figures.answered === 0 ? null : figures.talkMs / figures.answered / 1_000),
  pddMs: (figures) => (figures.setups === 0 ? null : figures.setupMs / figures.setups),
  channelsPeak: (figures) => figures.channelsPeak,
  callsPerSecondPeak: (figures) => figures.callsPerSecondPeak,
  breaches: (figures) => figures.breaches,
}

export const metricValue = (name: MetricName, figures: Figures): number | null => metricOf[name](figures)

/** Counts of this side; its peaks and breaches come from another row where both sides share them. */
function subjectsOf({ accountId, gatewayId, senderId, sipUserId, side }: StatsScope): Subject[] {
  if (gatewayId !== undefined) return [{ kind: 'gateway', id: gatewayId }]
  if (senderId !== undefined) return [{ kind: 'sender', id: senderId }]
  if (sipUserId !== undefined) return [{ kind: 'sipUser', id: sipUserId }]
  if (accountId === undefined) return [{ kind: 'system', id: '' }]
  return [
    { kind: side === 'caller' ? 'fromAccount' : 'toAccount', id: accountId },
    { kind: 'account', id: accountId },
  ]
}

const kindOfUse = { system: 'system', account: 'account', endpoint: 'gateway', sipUser: 'sipUser' } as const

const subjectOfUse = ({ scope, id }: ScopeUse): Subject => ({
  kind: kindOfUse[scope],
  id: scope === 'system' ? '' : id,
})

/** The limits of an entry hold for both its sides: who sends shares its peaks with who receives, and nothing else. */
const peaksOf = ({ channelsPeak, callsPerSecondPeak, breaches }: Figures): Figures => ({
  ...noFigures(),
  channelsPeak,
  callsPerSecondPeak,
  breaches,
})

const keptMs = (step: StepName): number =>
  bound(step === 'minute' ? 'statisticsMinutesSeconds' : 'statisticsHoursSeconds') * 1_000

/** What began before this is forgotten, or soon will be. */
const oldestOf = (step: StepName, wallMs: number): number => wallMs - keptMs(step)

/** Whole steps that are kept: a forgotten time is refused, not shown as zeros. */
function spanOf(query: SeriesQuery, wallMs: number): TimeSpan & { readonly step: StepName } {
  const to = query.to ?? wallMs
  const from = query.from ?? to - (query.step === 'hour' ? 24 * hourMs : hourMs)
  if (from >= to) throw invalid([{ path: 'from', message: 'from must be before to' }])
  const step = query.step ?? (to - from <= minutesShownMs && from >= oldestOf('minute', wallMs) ? 'minute' : 'hour')
  const stepMs = steps[step] * 1_000
  const start = bucketOf(from, steps[step])
  const end = Math.ceil(to / stepMs) * stepMs
  if (start < oldestOf(step, wallMs) - stepMs)
    throw invalid([{ path: 'from', message: `statistics by the ${step} are kept for ${keptMs(step) / hourMs} hours` }])
  if (end - start > keptMs(step) + stepMs)
    throw invalid([{ path: 'to', message: `at most ${keptMs(step) / hourMs} hours by the ${step}` }])
  return { from: start, to: end, step }
}

export class Statistics implements StatisticsService {
  readonly #options: StatisticsOptions
  readonly #cleaner: NodeJS.Timeout
  #sampler: NodeJS.Timeout | undefined
  #edge: Pick<EdgeHandle, 'ask'> | undefined
  #sampleFailed = false
  /** Measured, but not in the database yet. */
  #waiting: Happening[] = []
  readonly #writers = new Mutex()

  constructor(options: StatisticsOptions) {
    this.#options = options
    this.#cleaner = setInterval(() => void this.cleanUp(), cleanUpEveryMs)
    this.#cleaner.unref()
  }

  /** From now on the signalling thread is asked for its peaks. */
  attach(edge: Pick<EdgeHandle, 'ask'>): void {
    this.#edge = edge
    clearTimeout(this.#sampler)
    const everyMs = bound('statisticsSampleMs')
    const again = (): void => {
      // On the wall clock's marks, so that a sample lies in one minute.
      const waitMs = everyMs - (this.#options.clock.wallMs() % everyMs)
      this.#sampler = setTimeout(() => void this.sample().then(again), waitMs)
      this.#sampler.unref()
    }
    again()
  }

  /** Adds the peaks since the last sample to the minute that they were measured in; never rejects. */
  async sample(): Promise<void> {
    const { clock, log } = this.#options
    const edge = this.#edge
    if (edge === undefined) return
    const at = clock.wallMs() - bound('statisticsSampleMs') / 2
    try {
      const uses = await edge.ask('usage', null)
      const happenings = uses.map((use): Happening => {
        const { channelsPeak, callsPerSecondPeak, breaches } = use
        const figures = { ...noFigures(), channelsPeak, callsPerSecondPeak, breaches }
        return { subject: subjectOfUse(use), at, figures }
      })
      this.#waiting.push(...happenings)
      const excess = this.#waiting.length - bound('statisticsQueueMax')
      if (excess > 0) {
        this.#waiting.splice(0, excess)
        log.error('measured peaks dropped: too many wait for the database', { count: excess })
      }
      await this.#write()
      this.#sampleFailed = false
    } catch (error) {
      if (!this.#sampleFailed) log.error('statistics could not be sampled', { error: String(error) })
      this.#sampleFailed = true
    }
  }

  /** One after the other: what two batches hold in common would be added twice. */
  #write(): Promise<void> {
    const { store, clock } = this.#options
    return this.#writers.run(async () => {
      const batch = this.#waiting
      if (batch.length === 0) return
      const oldest = oldestOf('minute', clock.wallMs())
      this.#waiting = []
      try {
        await store.batch((connection) => addStatistics(connection, batch, oldest))
      } catch (error) {
        this.#waiting = [...batch, ...this.#waiting]
        throw error
      }
    })
  }

  /** Writes what waits; never rejects. */
  flush(): Promise<void> {
    return this.#write().catch(() => undefined)
  }

  /** Removes what is too old or too much, in small transactions; never rejects. */
  async cleanUp(): Promise<void> {
    const { store, clock, log } = this.#options
    try {
      for (const step of ['minute', 'hour'] as const) {
        const rowsMax = bound(step === 'minute' ? 'statisticsMinuteRowsMax' : 'statisticsHourRowsMax')
        const limits = { before: oldestOf(step, clock.wallMs()), rowsMax, most: cleanUpRows }
        let removed: number
        do {
          // oxlint-disable-next-line no-await-in-loop -- small transactions, so that others get their turn between them
          removed = await store.batch((connection) => deleteStatistics(connection, steps[step], limits))
        } while (removed >= cleanUpRows)
      }
      await store.batch((connection) => deleteSubjects(connection))
    } catch (error) {
      log.error('old statistics cannot be removed', { error: String(error) })
    }
  }

  async series(query: SeriesQuery): Promise<Series> {
    const span = spanOf(query, this.#options.clock.wallMs())
    const { step, from, to } = span
    const stepMs = steps[step] * 1_000
    const points = Array.from({ length: Math.round((to - from) / stepMs) }, (_, i) => ({
      at: from + i * stepMs,
      figures: noFigures(),
    }))
    for (const { at, figures } of await this.#rows(query, step, span)) {
      const point = points[(at - from) / stepMs]
      if (point !== undefined) addFigures(point.figures, figures)
    }
    const totals = noFigures()
    for (const { figures } of points) addFigures(totals, figures)
    return { ...span, points, totals }
  }

  /** Sum over a time span: whole hours by the hour, the rest by the minute while minutes are kept. */
  async total(scope: StatsScope, span: TimeSpan): Promise<Figures> {
    const totals = noFigures()
    const firstHour = Math.ceil(span.from / hourMs) * hourMs
    const lastHour = Math.max(firstHour, bucketOf(span.to, steps.hour))
    const parts: [StepName, TimeSpan][] = [
      ['minute', { from: bucketOf(span.from, steps.minute), to: Math.min(firstHour, span.to) }],
      ['hour', { from: firstHour, to: lastHour }],
      ['minute', { from: lastHour, to: span.to }],
    ]
    const rows = await Promise.all(
      parts.filter(([, part]) => part.from < part.to).map(([step, part]) => this.#rows(scope, step, part)),
    )
    for (const { figures } of rows.flat()) addFigures(totals, figures)
    return totals
  }

  async #rows(scope: StatsScope, step: StepName, span: TimeSpan) {
    const read = (subject: Subject) =>
      this.#options.store.read((database) => readStatistics(database, subject, step, span))
    const rows = (await Promise.all(subjectsOf(scope).map((subject) => read(subject)))).flat()
    if (scope.senderId === undefined) return rows
    const shared = await read({ kind: 'gateway', id: scope.senderId })
    return [...rows, ...shared.map(({ at, figures }) => ({ at, figures: peaksOf(figures) }))]
  }

  async lastHour(side: StatsSide, accountIds: readonly string[]): Promise<ReadonlyMap<string, RecentFigures>> {
    const to = this.#options.clock.wallMs()
    const subjects = { kind: side === 'caller' ? 'fromAccount' : 'toAccount', ids: accountIds } as const
    const sums = await this.#options.store.read((database) =>
      sumStatistics(database, subjects, { from: bucketOf(to, steps.minute) - hourMs, to }),
    )
    return new Map(
      sums.map((sum) => {
        const figures = { ...noFigures(), ...sum }
        const [asr, acdSeconds, pddMs] = (['asr', 'acdSeconds', 'pddMs'] as const).map((name) =>
          metricValue(name, figures),
        ) as [number | null, number | null, number | null]
        return [sum.id, { asr, acdSeconds, pddMs }]
      }),
    )
  }

  /** Writes what waits, once more. */
  async close(): Promise<void> {
    clearInterval(this.#cleaner)
    clearTimeout(this.#sampler)
    await this.flush()
  }
}

/** Carriers are looked at as gateways, customers as callers, unless somebody asks otherwise. */
export const usualSide = (kind: 'carrier' | 'customer'): StatsSide => (kind === 'carrier' ? 'gateway' : 'caller')
