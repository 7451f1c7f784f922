// RecordService (services.ts): takes batches from the signalling thread and writes them, one transaction for up to 1,000
// records or 500 ms. While the database cannot be written they wait, up to a bound, with one alarm; calls never notice.
import type { CallRecord } from '../call/record.ts'
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { addCosts } from '../store/ledger-rows.ts'
import { deleteRecords, findRecord, listRecords, writeRecords } from '../store/record-rows.ts'
import type { NameFilter, RecordPosition, StoredRecord } from '../store/record-rows.ts'
import { addStatistics } from '../store/statistics-rows.ts'
import type { Store } from '../store/store.ts'
import { happeningsOf } from './happenings.ts'
import { invalid } from './input-errors.ts'
import { rated } from './rating.ts'
import type { TariffOf } from './rating.ts'
import type { Page, RecordQuery, RecordService } from './services.ts'

const batchMax = 1_000
const flushMs = 400
const retryMs = { first: 500, most: 10_000 }
const cleanUpEveryMs = 600_000
const cleanUpRows = 2_000
const dayMs = 86_400_000

/** What names mean today: the ids of accounts and gateways, and how long records are kept. */
export interface RecordNames {
  accountIds(idOrName: string): readonly string[]
  gatewayIds(idOrName: string): readonly string[]
  recordsDays(): number
}

export interface RecordOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly names: RecordNames
  /** Prices in force when the record is written. */
  readonly tariffOf: TariffOf
  /** Calls of these accounts were charged; it is on the disk. */
  readonly onCharged?: (accountIds: readonly string[]) => void
}

const encodeCursor = ({ startedAt, seq }: RecordPosition): string => `${startedAt}-${seq}`

function decodeCursor(cursor: string): RecordPosition {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(cursor)
  if (match === null) throw invalid([{ path: 'cursor', message: 'not a cursor of this list' }])
  return { startedAt: Number(match[1]), seq: Number(match[2]) }
}

export class Records implements RecordService {
  readonly #options: RecordOptions
  #waiting: CallRecord[] = []
  #flushing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #cleaner: NodeJS.Timeout
  #retryMs = retryMs.first
  #failing = false
  #dropped = 0
  #lost = 0
  #closed = false

  constructor(options: RecordOptions) {
    this.#options = options
    this.#cleaner = setInterval(() => void this.cleanUp(), cleanUpEveryMs)
    this.#cleaner.unref()
  }

  /** Records that are not yet in the database. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Records that were dropped, here or on the signalling thread. */
  get lostCount(): number {
    return this.#lost
  }

  add(records: readonly CallRecord[], lost: number): void {
    this.#lost += lost
    if (lost > 0) this.#options.log.error('call records lost on the signalling thread', { lost })
    for (const record of records) this.#waiting.push(record)
    const excess = this.#waiting.length - bound('recordQueueMax')
    if (excess > 0) this.#drop(excess)
    if (this.#failing) return
    if (this.#waiting.length >= batchMax) void this.flush()
    else this.#later(flushMs)
  }

  #drop(count: number): void {
    this.#waiting.splice(0, count)
    if (this.#dropped === 0) this.#options.log.error('call records dropped: too many wait for the database', { count })
    this.#dropped += count
    this.#lost += count
  }

  #later(ms: number): void {
    if (this.#timer !== undefined || this.#closed) return
    this.#timer = setTimeout(() => void this.flush(), ms)
  }

  /** Writes what waits; never rejects. Resolves when it is written or the database refused. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, batchMax)
      // oxlint-disable-next-line no-await-in-loop -- the next batch starts when this one is on the disk
      if (!(await this.#write(batch))) return
      // Meanwhile the oldest may have been dropped, so that the batch is no longer at the front.
      const written = new Set(batch)
      this.#waiting = this.#waiting.filter((record) => !written.has(record))
    }
  }

  async #write(batch: readonly CallRecord[]): Promise<boolean> {
    const { log } = this.#options
    let charged: string[]
    try {
      charged = await this.#store(batch)
    } catch (error) {
      if (!this.#failing) log.error('call records cannot be written; they wait', { error: String(error) })
      this.#failing = true
      this.#later(this.#retryMs)
      this.#retryMs = Math.min(this.#retryMs * 2, retryMs.most)
      return false
    }
    if (this.#failing)
      log.warn('call records are written again', { waiting: this.#waiting.length, dropped: this.#dropped })
    this.#failing = false
    this.#dropped = 0
    this.#retryMs = retryMs.first
    if (charged.length > 0) this.#options.onCharged?.(charged)
    return true
  }

  /**
   * Records, what they cost and what they add to the statistics in one transaction: a batch that is written again after an
   * unknown outcome, or after a crash, is neither charged nor counted twice. Gives the accounts that were charged.
   */
  #store(batch: readonly CallRecord[]): Promise<string[]> {
    const { store, clock, tariffOf } = this.#options
    const all = batch.map((record) => rated(record, tariffOf))
    const oldestMinute = clock.wallMs() - bound('statisticsMinutesSeconds') * 1_000
    return store.batch((connection) => {
      const fresh = writeRecords(connection, all)
      addStatistics(connection, happeningsOf(fresh), oldestMinute)
      return addCosts(connection, fresh)
    })
  }

  /** Removes records older than `recordsDays`, in small transactions; never rejects. */
  async cleanUp(): Promise<void> {
    const { store, clock, log, names } = this.#options
    const before = clock.wallMs() - names.recordsDays() * dayMs
    try {
      let removed: number
      do {
        // oxlint-disable-next-line no-await-in-loop -- small transactions, so that others get their turn between them
        removed = await store.batch((connection) => deleteRecords(connection, before, cleanUpRows))
      } while (removed === cleanUpRows && !this.#closed)
    } catch (error) {
      log.error('old call records cannot be removed', { error: String(error) })
    }
  }

  async list(query: RecordQuery): Promise<Page<StoredRecord>> {
    const { store, names } = this.#options
    const limit = Math.max(1, Math.min(Math.trunc(query.limit), bound('pageItemsMax')))
    const name = (text: string | undefined, find: (text: string) => readonly string[]): NameFilter | undefined =>
      text === undefined || text === '' ? undefined : { text, ids: find(text) }
    const account = name(query.account, (text) => names.accountIds(text))
    const gateway = name(query.gateway, (text) => names.gatewayIds(text))
    const filter = {
      ...(account === undefined ? {} : { account }),
      ...(gateway === undefined ? {} : { gateway }),
      ...(query.outcome === undefined ? {} : { outcome: query.outcome }),
      ...(query.number === undefined ? {} : { number: query.number }),
      ...(query.from === undefined ? {} : { from: query.from }),
      ...(query.to === undefined ? {} : { to: query.to }),
    }
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor)
    const page = await store.read((database) => listRecords(database, filter, limit, after))
    return { items: page.records, nextCursor: page.next === null ? null : encodeCursor(page.next), total: page.total }
  }

  get(id: string): Promise<StoredRecord | undefined> {
    return this.#options.store.read((database) => findRecord(database, id))
  }

  /** Writes what waits, once more, and stops the timers. Gives the records that the database did not take. */
  async close(): Promise<readonly CallRecord[]> {
    this.#closed = true
    clearInterval(this.#cleaner)
    await this.flush()
    await this.flush()
    clearTimeout(this.#timer)
    return this.#waiting
  }
}
