// AuditService (services.ts): who changed what, newest first. What is done already, and cannot be undone because the disk
// takes nothing, waits here for its entry.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import { appendAudit, auditFilters, listAudit } from '../store/audit-rows.ts'
import type { AuditFilter, AuditRow } from '../store/audit-rows.ts'
import type { Store } from '../store/store.ts'
import { invalid } from './input-errors.ts'
import { Mutex } from './mutex.ts'
import type { Actor, AuditedAction, AuditEntry, AuditService, ListQuery, Page } from './services.ts'

const isFilter = (name: string): name is AuditFilter => Object.hasOwn(auditFilters, name)

function filterOf(query: ListQuery): Partial<Record<AuditFilter, string>> {
  const filter: Partial<Record<AuditFilter, string>> = {}
  for (const [name, value] of Object.entries(query.filter ?? {})) {
    if (!isFilter(name))
      throw invalid([{ path: name, message: `unknown field; accepted: ${Object.keys(auditFilters).join(', ')}` }])
    filter[name] = value
  }
  return filter
}

function entryOf(row: AuditRow & { readonly seq: number }): AuditEntry {
  const { seq, actorId: _, actorKind, objectId = null, ...rest } = row
  return { ...rest, objectId, id: String(seq), actorKind: actorKind as Actor['kind'] }
}

export class Audit implements AuditService {
  readonly #store: Store
  readonly #clock: Clock
  #waiting: AuditRow[] = []
  readonly #writers = new Mutex()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async add({ actor, after = null, ...action }: AuditedAction): Promise<void> {
    const { address, id: actorId, kind: actorKind } = actor
    const who = { actor: actor.name, actorKind, actorId, address }
    const entry = { ...who, at: this.#clock.wallMs(), ...action, after }
    this.#waiting.push(entry)
    try {
      await this.#write()
    } catch (error) {
      if (this.#store.writes.trouble !== undefined && this.#waiting.length <= bound('auditQueueMax')) return
      this.#waiting = this.#waiting.filter((one) => one !== entry)
      throw error
    }
  }

  /** In the order in which it happened. */
  #write(): Promise<void> {
    return this.#writers.run(async () => {
      const batch = [...this.#waiting]
      if (batch.length === 0) return
      await this.#store.write((transaction) => appendAudit(transaction, batch))
      const written = new Set(batch)
      this.#waiting = this.#waiting.filter((one) => !written.has(one))
    })
  }

  /** Writes what waits; never rejects. */
  flush(): Promise<void> {
    return this.#write().catch(() => undefined)
  }

  async list(query: ListQuery & { from?: number; to?: number }): Promise<Page<AuditEntry>> {
    if (query.sort !== undefined && query.sort !== '-at')
      throw invalid([{ path: 'sort', message: 'the audit is sorted by -at only' }])
    if (query.cursor !== undefined && !/^\d{1,15}$/.test(query.cursor))
      throw invalid([{ path: 'cursor', message: 'not a cursor of this list' }])
    const limit = Math.max(1, Math.min(Math.trunc(query.limit), bound('pageItemsMax')))
    const { rows, total } = await this.#store.read((database) =>
      listAudit(database, {
        limit: limit + 1,
        beforeSeq: query.cursor === undefined ? undefined : Number(query.cursor),
        filter: filterOf(query),
        search: query.search,
        from: query.from,
        to: query.to,
      }),
    )
    const page = rows.slice(0, limit)
    return {
      total,
      nextCursor: rows.length > limit ? String(page.at(-1)?.seq) : null,
      items: page.map((row) => entryOf(row)),
    }
  }
}
