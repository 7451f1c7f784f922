// LedgerService (services.ts): payments, balances, and the stop of accounts whose credit is used up. A payment is never
// removed: it is cancelled. Each write changes the payment, the balance and the audit in one transaction.
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { paymentChanges, paymentInput } from '../contract/api-money.ts'
import { formatMoney, parseMoney } from '../contract/money.ts'
import type { Millionths } from '../contract/money.ts'
import { appendAudit } from '../store/audit-rows.ts'
import {
  countPayments,
  findPayment,
  insertPayment,
  listPayments,
  noTotals,
  readTotals,
  totalMax,
  updatePayment,
  writePaid,
} from '../store/ledger-rows.ts'
import type { Payment, Totals } from '../store/ledger-rows.ts'
import type { Store } from '../store/store.ts'
import type { AccountRow } from './configuration.ts'
import { invalid, parseInput } from './input-errors.ts'
import type { LedgerService, StoredPayment } from './account-services.ts'
import type { ListQuery, Page, WriteOptions } from './services.ts'

export interface LedgerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The accounts of today, by id. */
  readonly accounts: () => ReadonlyMap<string, AccountRow>
  /** Takes effect at once; both do nothing when nothing changes. */
  readonly stop: (accountId: string) => Promise<unknown>
  readonly release: (accountId: string) => Promise<unknown>
}

type Transaction = Parameters<Parameters<Store['write']>[0]>[0]

interface PaymentWrite {
  readonly before: Payment | undefined
  readonly after: Payment
  readonly options: WriteOptions
}

const etagOf = (payment: Payment): string => `p${payment.version}`

/** What a payment adds to the balance. */
const counted = (payment: Payment | undefined): Millionths => (payment?.status === 'completed' ? payment.amount : 0n)

const balanceOf = ({ paid, cost }: Totals): Millionths => paid - cost

function checkEtag(payment: Payment, { ifMatch }: WriteOptions): void {
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etagOf(payment))
    throw new Fault('precondition_failed', `it was changed meanwhile; the present version is ${etagOf(payment)}`)
}

const audited = (payment: Payment | undefined, currency: string) =>
  payment === undefined
    ? null
    : {
        description: payment.description,
        amount: formatMoney(payment.amount),
        currency,
        status: payment.status,
      }

/** Only `status` may be filtered, newest first is the only order. */
function filterOf(query: ListQuery): { status: string | undefined; beforeSeq: number | undefined } {
  if (query.sort !== undefined && query.sort !== '-createdAt')
    throw invalid([{ path: 'sort', message: 'payments are sorted by -createdAt only' }])
  if (query.cursor !== undefined && !/^\d{1,15}$/.test(query.cursor))
    throw invalid([{ path: 'cursor', message: 'not a cursor of this list' }])
  const { status, ...others } = query.filter ?? {}
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid([{ path: unknown, message: 'unknown field; accepted: status' }])
  return { status, beforeSeq: query.cursor === undefined ? undefined : Number(query.cursor) }
}

export class Ledger implements LedgerService {
  readonly #options: LedgerOptions
  #checking: Promise<unknown> = Promise.resolve()
  /** As of the last check, for those who look often. */
  readonly #balances = new Map<string, Millionths>()
  readonly #stopped = new Set<string>()

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  #account(accountId: string): AccountRow {
    const row = this.#options.accounts().get(accountId)
    if (row === undefined) throw new Fault('not_found', `there is no account ${accountId}`)
    return row
  }

  #view(payment: Payment): StoredPayment {
    const currency = this.#options.accounts().get(payment.accountId)?.config.currency ?? ''
    return { ...payment, etag: etagOf(payment), currency }
  }

  async list(accountId: string, query: ListQuery): Promise<Page<StoredPayment>> {
    const limit = Math.max(1, Math.min(Math.trunc(query.limit), bound('pageItemsMax')))
    const wanted = { accountId, limit, search: query.search, ...filterOf(query) }
    const page = await this.#options.store.read((database) => listPayments(database, wanted))
    return {
      items: page.payments.map((payment) => this.#view(payment)),
      nextCursor: page.nextSeq === null ? null : String(page.nextSeq),
      total: page.total,
    }
  }

  async get(id: string): Promise<StoredPayment> {
    const payment = await this.#options.store.read((database) => findPayment(database, id))
    if (payment === undefined) throw new Fault('not_found', `there is no payment ${id}`)
    return this.#view(payment)
  }

  async create(accountId: string, input: unknown, options: WriteOptions): Promise<StoredPayment> {
    const { description, amount, status } = parseInput(paymentInput, input)
    this.#account(accountId)
    const { clock, random, store } = this.#options
    const at = clock.wallMs()
    const after: Payment = {
      id: `pay_${randomToken(random, 16)}`,
      accountId,
      description,
      amount: parseMoney(amount) ?? 0n,
      status,
      version: 1,
      createdAt: at,
      updatedAt: at,
      createdBy: options.actor.name,
    }
    await store.write(async (transaction) => {
      const most = bound('paymentsPerAccountMax')
      if ((await countPayments(transaction, accountId)) >= most)
        throw new Fault('conflict', `this account has ${most} payments; more are not kept`)
      await insertPayment(transaction, after)
      await this.#settle(transaction, { before: undefined, after, options })
    })
    await this.check([accountId])
    return this.#view(after)
  }

  async change(id: string, input: unknown, options: WriteOptions): Promise<StoredPayment> {
    const changes = parseInput(paymentChanges, input)
    const { clock, store } = this.#options
    const after = await store.write(async (transaction) => {
      const before = await findPayment(transaction, id)
      if (before === undefined) throw new Fault('not_found', `there is no payment ${id}`)
      checkEtag(before, options)
      const { description = before.description, status = before.status } = changes
      if (description === before.description && status === before.status) return before
      const changed = { ...before, description, status, version: before.version + 1, updatedAt: clock.wallMs() }
      await updatePayment(transaction, changed)
      await this.#settle(transaction, { before, after: changed, options })
      return changed
    })
    await this.check([after.accountId])
    return this.#view(after)
  }

  /** The total of completed payments, and the audit. Fault invalid when the total cannot be held. */
  async #settle(transaction: Transaction, { before, after, options }: PaymentWrite): Promise<void> {
    const { accountId } = after
    const totals = (await readTotals(transaction, [accountId])).get(accountId) ?? noTotals
    const paid = totals.paid + counted(after) - counted(before)
    if (paid > totalMax || paid < -totalMax)
      throw invalid([{ path: 'amount', message: `the sum of all payments would be ${formatMoney(paid)}: too large` }])
    if (paid !== totals.paid) await writePaid(transaction, accountId, paid)
    const { actor, reason = null } = options
    const account = this.#options.accounts().get(accountId)
    const currency = account?.config.currency ?? ''
    await appendAudit(transaction, [
      {
        at: after.updatedAt,
        actor: actor.name,
        actorKind: actor.kind,
        actorId: actor.id,
        address: actor.address,
        action: before === undefined ? 'create' : 'update',
        kind: 'payment',
        objectId: accountId,
        accountId,
        name: `${account?.config.name ?? accountId}/${after.id}`,
        reason,
        before: audited(before, currency),
        after: audited(after, currency),
      },
    ])
  }

  /** By account id; an account without payments and calls has zeros. */
  async totals(accountIds: readonly string[]): Promise<ReadonlyMap<string, Totals>> {
    const known = await this.#options.store.read((database) => readTotals(database, accountIds))
    return new Map(accountIds.map((id) => [id, known.get(id) ?? noTotals]))
  }

  /**
   * Stops accounts whose credit is used up, releases those that have credit again; one check after the other, so that the
   * newest balance counts. Never rejects.
   */
  check(accountIds: readonly string[]): Promise<unknown> {
    this.#checking = this.#checking.then(() => this.#check(accountIds))
    return this.#checking
  }

  /** After a start, or when the configuration has changed: whoever may be stopped or is, and who is new. */
  checkAll(): Promise<unknown> {
    const accounts = this.#options.accounts()
    for (const id of [...this.#balances.keys()].filter((known) => !accounts.has(known))) {
      this.#balances.delete(id)
      this.#stopped.delete(id)
    }
    const rows = [...accounts.values()].filter(
      ({ id, config }) => config.creditStop || this.#stopped.has(id) || !this.#balances.has(id),
    )
    return this.check(rows.map(({ id }) => id))
  }

  /** In millionths, without asking the database; undefined = no such account. */
  knownBalance(accountId: string): Millionths | undefined {
    return this.#balances.get(accountId)
  }

  async settled(): Promise<void> {
    await this.#checking
  }

  async #check(accountIds: readonly string[]): Promise<void> {
    const { accounts, stop, release, log } = this.#options
    try {
      for (const [id, totals] of await this.totals(accountIds)) {
        const config = accounts().get(id)?.config
        const balance = balanceOf(totals)
        if (config !== undefined) this.#balances.set(id, balance)
        const isStopped = config?.creditStop === true && balance <= 0n
        if (isStopped) this.#stopped.add(id)
        else this.#stopped.delete(id)
        // oxlint-disable-next-line no-await-in-loop -- one account after the other, so that none is told twice
        await (isStopped ? stop(id) : release(id))
      }
    } catch (error) {
      log.error('credit could not be checked', { error: String(error) })
    }
  }
}
