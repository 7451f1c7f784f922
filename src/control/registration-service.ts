// Keeps in the database what SIP users registered: the newest state of each user, written together every few hundred
// milliseconds. While the database cannot be written it waits here, with one alarm; calls never notice.
import type { Log } from '../base/log.ts'
import type { Binding } from '../registrar/binding.ts'
import { loadRegistrations, writeRegistrations } from '../store/registration-rows.ts'
import type { Store } from '../store/store.ts'

const flushMs = 400
const retryMs = 5_000

export class Registrations {
  readonly #store: Store
  readonly #log: Log
  #waiting = new Map<string, readonly Binding[]>()
  #timer: NodeJS.Timeout | undefined
  #failing = false
  #closed = false

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** What was registered when the process ended last. */
  load(): Promise<readonly Binding[]> {
    return this.#store.read(loadRegistrations)
  }

  /** All contacts of one SIP user from now on. */
  set(userId: string, bindings: readonly Binding[]): void {
    this.#waiting.set(userId, bindings)
    this.#later(flushMs)
  }

  /** Writes what waits; never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const changes = this.#waiting
    if (changes.size === 0) return
    this.#waiting = new Map()
    try {
      await this.#store.batch((connection) => writeRegistrations(connection, changes))
      this.#failing = false
    } catch (error) {
      this.#waiting = new Map([...changes, ...this.#waiting])
      if (!this.#failing) this.#log.error('registrations cannot be stored', { error: String(error) })
      this.#failing = true
      this.#later(retryMs)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
  }

  #later(ms: number): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.flush(), ms)
  }
}
