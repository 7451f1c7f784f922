// The one way by which configuration changes: draft -> checks -> compile -> one transaction (objects, revision, audit)
// -> in force -> published and acknowledged. Writers go one after the other.
import type { Clock } from '../base/clock.ts'
import type { Warning } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import type { Cidr } from '../contract/address.ts'
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { appendAudit } from '../store/audit-rows.ts'
import type { AuditRow } from '../store/audit-rows.ts'
import { loadObjects, loadRevision, writeRevision } from '../store/config-rows.ts'
import type { Store } from '../store/store.ts'
import { changeFaults } from './checks.ts'
import { allRows, draftOf, findRow, parentOf, put } from './configuration.ts'
import type { Configuration, Draft, Row } from './configuration.ts'
import { changesBetween, objectChange, planLine, readable } from './diff.ts'
import type { RowChange } from './diff.ts'
import { DirectorySources } from './directory-source.ts'
import type { RowPaths } from './directory-source.ts'
import { Mutex } from './mutex.ts'
import { openNonceKey } from './nonce-key.ts'
import { invalid } from './input-errors.ts'
import { Publisher } from './publisher.ts'
import type { Examined } from './publisher.ts'
import { configurationOf } from './row-codec.ts'
import type { PlanLine, WriteOptions } from './services.ts'

export interface EngineOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** A media relay is configured. */
  readonly mediaRelay: boolean
  /** Private ranges that webhooks may go to. */
  readonly webhookAllow: readonly Cidr[]
  /** A mail server is configured. */
  readonly sendsMail: boolean
}

/** A finished draft on its way into force. */
export interface Change {
  readonly draft: Draft
  readonly paths: RowPaths
  readonly options: WriteOptions
  /** Set for changes of many objects: the audit gets one more entry for the whole. */
  readonly whole?: { readonly action: 'apply' | 'rollback' | 'import' | 'bulk change'; readonly text: string }
  readonly dryRun?: boolean
}

export interface Committed {
  readonly plan: readonly PlanLine[]
  readonly warnings: readonly Warning[]
}

const idPrefixes = {
  carrier: 'car',
  customer: 'cus',
  endpoint: 'ep',
  sipUser: 'su',
  route: 'rt',
  block: 'blk',
} as const

export class ConfigEngine {
  readonly store: Store
  readonly sources: DirectorySources
  readonly publisher: Publisher
  readonly #clock: Clock
  readonly random: Random
  readonly setUpFor: Pick<EngineOptions, 'mediaRelay' | 'webhookAllow' | 'sendsMail'>
  readonly #mutex = new Mutex()
  /** Told after every change that is in force, before it is published. */
  onChange: (() => void) | undefined
  #configuration: Configuration

  private constructor(options: EngineOptions, configuration: Configuration, nonceKey: string) {
    this.store = options.store
    this.#clock = options.clock
    this.random = options.random
    this.setUpFor = options
    this.#configuration = configuration
    this.sources = new DirectorySources(options.store.secrets, nonceKey)
    this.publisher = new Publisher(this.sources, configuration)
  }

  static async open(options: EngineOptions): Promise<ConfigEngine> {
    const configuration = await options.store.read(async (database) =>
      configurationOf(await loadRevision(database), await loadObjects(database)),
    )
    return new ConfigEngine(options, configuration, await openNonceKey(options.store))
  }

  /** Milliseconds since 1970. */
  wallMs(): number {
    return this.#clock.wallMs()
  }

  /** The configuration in force. */
  get configuration(): Configuration {
    return this.#configuration
  }

  /** A fresh id, for example `car_8k2...`. */
  newId(draft: Configuration, kind: keyof typeof idPrefixes): string {
    for (;;) {
      const id = `${idPrefixes[kind]}_${randomToken(this.random, 16)}`
      if (findRow(draft, kind, id) === undefined) return id
    }
  }

  /** Runs `work` when every earlier writer is done; it gets a draft of the configuration in force. */
  change<Result>(work: (draft: Draft) => Promise<Result>): Promise<Result> {
    return this.#mutex.run(() => work(draftOf(this.#configuration)))
  }

  /** What would keep a draft from being committed, and what it would become. */
  examine({ draft, paths }: Change): Examined {
    const examined = this.publisher.examine(draft, paths, bound('bulkRowsMax'))
    const changes = changesBetween(this.#configuration, draft)
    const faults = changeFaults(draft, changes, { paths, ...this.setUpFor })
    return faults.length === 0 ? examined : { ...examined, errors: [...examined.errors, ...faults] }
  }

  /** Only inside `change`. A draft without a difference is no revision. Fault edge_unavailable = stored, not acknowledged. */
  async commit(change: Change): Promise<Committed> {
    const before = this.#configuration
    const { draft } = change
    const changes = changesBetween(before, draft)
    const faults = changeFaults(draft, changes, { paths: change.paths, ...this.setUpFor })
    if (faults.length > 0) throw invalid(faults)
    if (changes.length === 0) {
      const { warnings } = this.publisher.compile(draft, before.revision, change.paths)
      return { plan: [], warnings }
    }
    const revision = before.revision + 1
    const { directory, warnings, rowWarnings } = this.publisher.compile(draft, revision, change.paths)
    const plan = changes.map((one) => planLine(before, draft, one))
    if (change.dryRun === true) return { plan, warnings }
    const at = this.#clock.wallMs()
    const next: Configuration = this.#stamp(before, draft, changes, at)
    await this.#write(before, next, change, at)
    this.#configuration = next
    this.onChange?.()
    await this.publisher.publish(directory, rowWarnings)
    return { plan, warnings }
  }

  /** The next configuration: changed rows carry its revision, rows that only look changed stay as they were. */
  #stamp(before: Configuration, draft: Draft, changes: readonly RowChange[], at: number): Configuration {
    const version = before.revision + 1
    const next: Draft = { ...draftOf(draft), revision: version }
    const changed = new Set<string>()
    for (const { before: old, after } of changes) {
      if (after === undefined) continue
      changed.add(after.id)
      const createdAt = old?.createdAt ?? (after.createdAt === 0 ? at : after.createdAt)
      put(next, { ...after, version, createdAt, updatedAt: at })
    }
    for (const row of allRows(draft)) {
      const old = findRow(before, row.kind, row.id)
      if (old !== undefined && old !== row && !changed.has(row.id)) put(next, old)
    }
    return next
  }

  async #write(before: Configuration, next: Configuration, change: Change, at: number): Promise<void> {
    const changes = changesBetween(before, next)
    const { actor } = change.options
    const summary = summaryOf(before, next, changes, change.whole?.text)
    const audit = changes.map((one) => auditRow(before, next, one, { options: change.options, at }))
    if (change.whole !== undefined)
      audit.push({
        ...auditBase(change.options, at),
        action: change.whole.action,
        kind: 'configuration',
        name: `revision ${next.revision}`,
        before: null,
        after: { summary },
      })
    await this.store.write(async (transaction) => {
      const row = { revision: next.revision, at, actor: actor.name, summary }
      await writeRevision(transaction, row, changes.map(objectChange))
      await appendAudit(transaction, audit)
    })
  }
}

const auditBase = (options: WriteOptions, at: number) => ({
  at,
  actor: options.actor.name,
  actorKind: options.actor.kind,
  actorId: options.actor.id,
  address: options.actor.address,
  reason: options.reason ?? null,
})

/** The account that a row is or belongs to. */
function accountIdOf(row: Row | undefined): string | null {
  if (row === undefined) return null
  if (row.kind === 'carrier' || row.kind === 'customer') return row.id
  return parentOf(row) === '' ? null : parentOf(row)
}

function auditRow(
  before: Configuration,
  next: Configuration,
  change: RowChange,
  rest: { options: WriteOptions; at: number },
): AuditRow {
  const { before: old, after } = change
  const line = planLine(before, next, change)
  return {
    ...auditBase(rest.options, rest.at),
    action: line.action,
    kind: line.kind,
    objectId: after?.id ?? old?.id ?? null,
    accountId: accountIdOf(after ?? old),
    name: line.name,
    before: old === undefined ? null : readable(before, old),
    after: after === undefined ? null : readable(next, after),
  }
}

/** `create carrier Acme`, or `apply: 2 created, 1 updated` for many. */
function summaryOf(
  before: Configuration,
  next: Configuration,
  changes: readonly RowChange[],
  whole: string | undefined,
): string {
  const [only] = changes
  if (whole === undefined && changes.length === 1 && only !== undefined) {
    const { action, kind, name } = planLine(before, next, only)
    return `${action} ${kind} ${name}`
  }
  const count = { create: 0, update: 0, delete: 0 }
  for (const { before: old, after } of changes)
    count[old === undefined ? 'create' : after === undefined ? 'delete' : 'update'] += 1
  const parts = [
    [count.create, 'created'],
    [count.update, 'updated'],
    [count.delete, 'deleted'],
  ] as const
  const text = parts.flatMap(([number, verb]) => (number === 0 ? [] : [`${number} ${verb}`])).join(', ')
  return `${whole ?? 'change'}: ${text}`
}
