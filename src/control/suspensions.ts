// SuspensionService (services.ts): who is out for a time. In force at once and told to the signalling thread by a message of
// its own; the store follows, so that a restart changes nothing. What has an end ends by itself.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import { suspensionText, Suspensions as Table } from '../policy/suspensions.ts'
import type { Suspension } from '../policy/suspensions.ts'
import type { Store } from '../store/store.ts'
import { loadSuspensions, writeSuspensions } from '../store/suspension-rows.ts'
import type { Actor, AuditedAction, AuditService, LiftOptions, SuspensionService } from './services.ts'

/** Longest wait of a Node timer is 24.8 days. */
const lookAgainMs = 86_400_000

export interface SuspensionOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly audit: AuditService
  /** Kind and name of an account, undefined = there is none (any more). */
  readonly nameOf: (accountId: string) => { readonly kind: string; readonly name: string } | undefined
}

interface Change {
  readonly accountId: string
  /** What is over or replaced, what stays, and what comes. */
  readonly before: readonly Suspension[]
  readonly left: readonly Suspension[]
  readonly added: readonly Suspension[]
  readonly actor: Actor
  readonly reason: string | null
}

const textOf = (all: readonly Suspension[]): string | null =>
  all.length === 0 ? null : all.map((one) => `${one.kind}: ${suspensionText(one)}`).join('; ')

export class Suspensions implements SuspensionService {
  readonly #options: SuspensionOptions
  readonly #table: Table
  readonly #byAccount = new Map<string, readonly Suspension[]>()
  #edge: Partial<Pick<EdgeHandle, 'suspend'>> | undefined
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  /** In force, but not in the database yet. */
  #unwritten = new Map<string, readonly Suspension[]>()
  #failing = false
  #closed = false

  private constructor(options: SuspensionOptions) {
    this.#options = options
    this.#table = new Table(options.clock)
  }

  static async open(options: SuspensionOptions): Promise<Suspensions> {
    const suspensions = new Suspensions(options)
    const rows = (await options.store.read(loadSuspensions)).filter(
      (row) => options.nameOf(row.accountId) !== undefined,
    )
    for (const [accountId, all] of Map.groupBy(rows, (row) => row.accountId))
      suspensions.#keep(
        accountId,
        all.map(({ kind, reason, until }) => ({ kind, reason, until })),
      )
    suspensions.#schedule()
    return suspensions
  }

  /** Before the directory is published for the first time, so that no call slips through. */
  attach(edge: Partial<Pick<EdgeHandle, 'suspend'>>): void {
    this.#edge = edge
    if (this.#byAccount.size > 0) edge.suspend?.(this.#byAccount)
  }

  findPenalty(accountId: string): Suspension | undefined {
    return this.#table.findPenalty(accountId)
  }

  findAny(accountId: string): Suspension | undefined {
    return this.#table.findAny(accountId)
  }

  async set(accountId: string, kind: Suspension['kind'], reason: string, until: number | null): Promise<void> {
    const present = this.#byAccount.get(accountId) ?? []
    const before = present.filter((one) => one.kind === kind)
    if (before.some((one) => one.reason === reason && one.until === until)) return
    const actor = { kind: 'system', id: null, name: kind === 'penalty' ? 'alerts' : 'credit', address: null } as const
    const left = present.filter((one) => one.kind !== kind)
    await this.#change({ accountId, before, left, added: [{ kind, reason, until }], actor, reason: null })
  }

  async lift(accountId: string, { actor, reason = null, kind }: LiftOptions): Promise<boolean> {
    const present = this.#byAccount.get(accountId) ?? []
    const isMeant = (one: Suspension): boolean => kind === undefined || one.kind === kind
    const before = present.filter((one) => isMeant(one))
    if (before.length === 0) return false
    const left = present.filter((one) => !isMeant(one))
    await this.#change({ accountId, before, left, added: [], actor, reason })
    return true
  }

  async #change({ accountId, before, left, added, actor, reason }: Change): Promise<void> {
    const { log, nameOf } = this.#options
    const changes = new Map([[accountId, [...left, ...added]]])
    this.#keep(accountId, [...left, ...added])
    this.#edge?.suspend?.(changes)
    this.#schedule()
    const { kind, name } = nameOf(accountId) ?? { kind: 'account', name: accountId }
    const action = added.length === 0 ? 'lift suspension' : 'suspend'
    log.warn(action, { [kind]: name, detail: textOf(added) ?? textOf(before) ?? '', by: actor.name })
    const what = { kind, objectId: accountId, accountId, name }
    const entry = { actor, action, ...what, reason, before: textOf(before), after: textOf(added) }
    this.#unwritten.set(accountId, [...left, ...added])
    this.#writing = this.#writing.then(() => this.#write()).then(() => this.#audit(entry))
    await this.#writing
  }

  /** Never rejects. One after the other, so that the last one said is the last one stored. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const changes = this.#unwritten
    if (changes.size === 0) return
    this.#unwritten = new Map()
    try {
      await writeSuspensions(this.#options.store, changes)
      this.#failing = false
    } catch (error) {
      this.#unwritten = new Map([...changes, ...this.#unwritten])
      if (!this.#failing)
        this.#options.log.error('a suspension could not be stored: it waits, and a restart would forget it', {
          error: String(error),
        })
      this.#failing = true
    }
  }

  async #audit(entry: AuditedAction): Promise<void> {
    try {
      await this.#options.audit.add(entry)
    } catch (error) {
      this.#options.log.error('a suspension is not in the audit', { error: String(error) })
    }
  }

  #keep(accountId: string, all: readonly Suspension[]): void {
    this.#table.apply(new Map([[accountId, all]]))
    if (all.length === 0) this.#byAccount.delete(accountId)
    else this.#byAccount.set(accountId, all)
  }

  /** The next end of a suspension. */
  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    const ends = [...this.#byAccount.values()].flatMap((all) => all.flatMap(({ until }) => until ?? []))
    if (ends.length === 0) return
    const waitMs = Math.min(...ends.map((end) => Math.max(0, end - this.#options.clock.wallMs())), lookAgainMs)
    this.#timer = setTimeout(() => void this.endThoseThatAreOver(), waitMs)
    this.#timer.unref()
  }

  /** Removes what is over; the policy has ended it by its own clock already. */
  async endThoseThatAreOver(): Promise<void> {
    const nowMs = this.#options.clock.wallMs()
    const isOver = ({ until }: Suspension): boolean => until !== null && until <= nowMs
    const actor = { kind: 'system', id: null, name: 'clock', address: null } as const
    const over = [...this.#byAccount].filter(([, all]) => all.some((one) => isOver(one)))
    await Promise.all(
      over.map(([accountId, all]) => {
        const before = all.filter((one) => isOver(one))
        const left = all.filter((one) => !isOver(one))
        return this.#change({ accountId, before, left, added: [], actor, reason: null })
      }),
    )
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.flush()
  }
}
