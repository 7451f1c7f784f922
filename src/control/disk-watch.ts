// StorageService (services.ts): says when the disk takes nothing, tries again until it does, and then has everything written
// that waits in memory.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Sample } from '../base/metrics.ts'
import type { Store } from '../store/store.ts'
import type { StorageService } from './services.ts'

export interface DiskWatchOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** `lostCount`: since the start. */
  readonly records: Waiting & { readonly waitingCount: number; readonly lostCount: number }
  /** All others that keep in memory what the disk did not take. */
  readonly waiting: readonly Waiting[]
}

interface Waiting {
  /** Writes what waits; never rejects. */
  flush(): Promise<unknown>
}

const metaKey = 'lastWriteAfterTrouble'

export class DiskWatch implements StorageService {
  readonly #options: DiskWatchOptions
  #since = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: DiskWatchOptions) {
    this.#options = options
    options.store.writes.onChange = (trouble) => this.#onChange(trouble)
    // Writes may have failed before there was anybody to tell.
    if (options.store.writes.trouble !== undefined) this.#onChange(options.store.writes.trouble)
  }

  #onChange(trouble: string | undefined): void {
    const { clock, log, records } = this.#options
    if (trouble !== undefined) {
      this.#since = clock.wallMs()
      log.error('nothing can be stored: calls go on, changes are refused, call records wait in memory', {
        why: trouble,
      })
      return this.#later()
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    const seconds = Math.round((clock.wallMs() - this.#since) / 1_000)
    log.warn('the disk takes what is stored again', { seconds, waiting: records.waitingCount })
    void this.flush()
  }

  #later(): void {
    if (this.#closed) return
    this.#timer ??= setTimeout(() => void this.#tryAgain(), bound('storeRetryMs'))
    this.#timer.unref()
  }

  async #tryAgain(): Promise<void> {
    this.#timer = undefined
    const { store, clock } = this.#options
    try {
      await store.setMeta(metaKey, new Date(clock.wallMs()).toISOString())
    } catch {
      this.#later()
    }
  }

  /** Has everything written that waits. */
  async flush(): Promise<void> {
    const { records, waiting } = this.#options
    await Promise.all([records, ...waiting].map((one) => one.flush()))
  }

  troubles(): readonly string[] {
    const { store, records } = this.#options
    const { waitingCount: waiting, lostCount: lost } = records
    const { trouble } = store.writes
    if (trouble === undefined) return []
    const since = new Date(this.#since).toISOString().slice(0, 19)
    const dropped = lost === 0 ? '' : `, ${lost} are lost`
    return [`nothing can be stored since ${since}Z: ${trouble}; ${waiting} call records wait in memory${dropped}`]
  }

  samples(): Sample[] {
    const { waitingCount: waiting, lostCount: lost } = this.#options.records
    const writable = this.#options.store.writes.trouble === undefined ? 1 : 0
    return [
      { metric: 'databaseWritable', labels: [], values: [writable] },
      { metric: 'callRecordsWaiting', labels: [], values: [waiting] },
      { metric: 'callRecordsLost', labels: [], values: [lost] },
    ]
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#options.store.writes.onChange = undefined
  }
}
