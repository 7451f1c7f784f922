// All alerts that are kept: open ones by their key, closed ones up to a bound. In memory and in the store; a store that cannot
// be written is told of once, and what is not written is written with the next change or when the disk takes it again.
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { loadAlerts, writeAlerts } from '../store/alert-rows.ts'
import type { AlertRow, DeliveryRow } from '../store/alert-rows.ts'
import type { Store } from '../store/store.ts'
import { episodeKey } from './alert-rules.ts'

const keyOf = ({ accountId, name, subjectKey }: AlertRow): string => episodeKey(accountId, name, subjectKey)

export class AlertBook {
  readonly #store: Store
  readonly #log: Log
  /** By id, the oldest first. */
  readonly #alerts = new Map<string, AlertRow>()
  readonly #open = new Map<string, AlertRow>()
  #unwritten = new Map<string, AlertRow>()
  #writing: Promise<void> | undefined
  #failing = false

  private constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  static async open(store: Store, log: Log): Promise<AlertBook> {
    const book = new AlertBook(store, log)
    for (const row of await store.read(loadAlerts)) book.#keep(row)
    return book
  }

  get all(): readonly AlertRow[] {
    return [...this.#alerts.values()]
  }

  get openOnes(): readonly AlertRow[] {
    return [...this.#open.values()]
  }

  get isFull(): boolean {
    return this.#open.size >= bound('alertsOpenMax')
  }

  findOpen(key: string): AlertRow | undefined {
    return this.#open.get(key)
  }

  put(row: AlertRow): void {
    this.#keep(row)
    this.#forgetOldest()
    this.#unwritten.set(row.id, row)
    void this.flush()
  }

  /** What became of one message; it takes the place of what was said of it before. */
  addDelivery(id: string, delivery: DeliveryRow): void {
    const row = this.#alerts.get(id)
    if (row === undefined) return
    const others = row.deliveries.filter(({ to, event }) => to !== delivery.to || event !== delivery.event)
    this.put({ ...row, deliveries: [...others, delivery] })
  }

  #keep(row: AlertRow): void {
    this.#alerts.set(row.id, row)
    if (row.closedAt === null) this.#open.set(keyOf(row), row)
    else if (this.#open.get(keyOf(row))?.id === row.id) this.#open.delete(keyOf(row))
  }

  #forgetOldest(): void {
    let excess = this.#alerts.size - this.#open.size - bound('alertsClosedMax')
    if (excess <= 0) return
    for (const [id, { closedAt }] of this.#alerts) {
      if (excess === 0) return
      if (closedAt === null) continue
      this.#alerts.delete(id)
      this.#unwritten.delete(id)
      excess -= 1
    }
  }

  /** Writes what is not written; never rejects. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
      if (this.#unwritten.size > 0 && !this.#failing) void this.flush()
    })
    return this.#writing
  }

  async #write(): Promise<void> {
    const rows = this.#unwritten
    if (rows.size === 0) return
    this.#unwritten = new Map()
    try {
      await this.#store.batch((connection) => writeAlerts(connection, [...rows.values()], bound('alertsClosedMax')))
      this.#failing = false
    } catch (error) {
      if (!this.#failing) this.#log.error('alerts cannot be written; they wait', { error: String(error) })
      this.#failing = true
      this.#unwritten = new Map([...rows, ...this.#unwritten])
    }
  }

  async close(): Promise<void> {
    await this.flush()
    await this.flush()
  }
}
