// AlertService (services.ts): keeps what the engine finds, tells whom the rule names, and takes the account out if the rule
// says so. Open alerts and messages that wait are in the store, so that a restart neither repeats nor forgets one.
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Sample } from '../base/metrics.ts'
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { CallRecord } from '../call/record.ts'
import { alertKinds, type AlertKind, type AlertRule } from '../contract/alert-rule.ts'
import type { Directory } from '../directory/directory.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import type { AlertRow, DeliveryRow } from '../store/alert-rows.ts'
import type { AlertBook } from './alert-book.ts'
import { AlertEngine } from './alert-engine.ts'
import type { Finding } from './alert-engine.ts'
import { placeholderOf, rulesOfAccount } from './alert-rules.ts'
import type { WatchedRule } from './alert-rules.ts'
import type { Configuration } from './configuration.ts'
import { Deliveries } from './deliveries.ts'
import type { AlertMessage, Channel } from './deliveries.ts'
import { oneLine } from './one-line.ts'
import { pageOf } from './paging.ts'
import type { Listing } from './paging.ts'
import type { AlertQuery, AlertService, Page, SuspensionService } from './services.ts'

export interface AlertOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly book: AlertBook
  readonly mail: Channel
  readonly webhook: Channel
  readonly suspensions: SuspensionService
  readonly configuration: () => Configuration
  readonly directory: () => Directory
  readonly balance: (accountId: string) => bigint | undefined
}

const listing: Listing<AlertRow> = {
  fields: {
    openedAt: (alert) => alert.openedAt,
    closedAt: (alert) => alert.closedAt,
    account: (alert) => alert.account,
    accountKind: (alert) => alert.accountKind,
    name: (alert) => alert.name,
    kind: (alert) => alert.kind,
    subject: (alert) => alert.subject,
    text: (alert) => alert.text,
  },
  sort: '-openedAt',
  id: ({ id }) => id,
}

const placesOf = ({ email, webhook }: AlertRule): string[] => [...email, ...(webhook === null ? [] : [webhook])]

const waiting = (to: string, event: DeliveryRow['event'], at: number): DeliveryRow => ({
  to,
  event,
  at,
  ok: false,
  detail: 'waits to be sent',
  pending: true,
  tries: 0,
})

const messageOf = (alert: AlertRow, event: DeliveryRow['event']): AlertMessage =>
  event === 'recovered'
    ? { event, alert, text: alert.closedText ?? alert.text, at: alert.closedAt ?? alert.openedAt }
    : { event, alert, text: alert.text, at: alert.openedAt }

export class Alerts implements AlertService {
  readonly #options: AlertOptions
  readonly #engine: AlertEngine
  readonly #deliveries: Deliveries
  readonly #listeners = new Set<(alert: AlertRow) => void>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: AlertOptions) {
    const { clock, log, mail, webhook, book, configuration, directory, balance } = options
    this.#options = options
    this.#deliveries = new Deliveries({
      clock,
      log,
      mail,
      webhook,
      onResult: ({ alert }, delivery) => book.addDelivery(alert.id, delivery),
    })
    this.#engine = new AlertEngine({
      clock,
      log,
      configuration,
      directory,
      balance,
      openAlerts: () => book.openOnes,
      findOpen: (key) => book.findOpen(key),
      onRaise: (watched, finding) => this.#raise(watched, finding),
      onClose: (alert, watched, text) => this.#close(alert, watched, text),
    })
    for (const alert of book.all)
      for (const { to, event, pending, tries } of alert.deliveries)
        if (pending) this.#deliveries.add(to, messageOf(alert, event), tries)
  }

  /** Once the signalling thread has its directory: before, every gateway would seem to be gone. */
  attach(edge: Pick<EdgeHandle, 'ask'>): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => void this.look(edge), bound('alertLookMs'))
    this.#timer.unref()
  }

  look(edge: Pick<EdgeHandle, 'ask'>): Promise<void> {
    return this.#engine.look(edge)
  }

  /** Writes what waits; never rejects. */
  flush(): Promise<void> {
    return this.#options.book.flush()
  }

  /** Once, at start: what calls came to before. */
  fillWindows(read: Parameters<AlertEngine['fillWindows']>[0]): Promise<void> {
    return this.#engine.fillWindows(read)
  }

  addRecords(records: readonly CallRecord[]): void {
    this.#engine.addRecords(records)
  }

  onFailuresReset(accountId: string): void {
    this.#engine.onFailuresReset(accountId)
  }

  #raise({ account, rule }: WatchedRule, finding: Finding): void {
    const { clock, random, log, book, suspensions } = this.#options
    const text = oneLine(finding.text)
    log.warn('alert raised', { alert: rule.name, text })
    if (book.isFull) return log.error('too many open alerts: this one is not kept and nobody is told', { text })
    const openedAt = clock.wallMs()
    const places = placesOf(rule)
    const alert: AlertRow = {
      id: `al_${randomToken(random, 16)}`,
      accountId: account.id,
      account: account.name,
      accountKind: account.kind,
      name: rule.name,
      kind: rule.kind,
      subjectKey: finding.subjectKey,
      subject: finding.subject,
      value: finding.value,
      threshold: rule.threshold,
      openedAt,
      closedAt: null,
      text,
      closedText: null,
      deliveries: places.map((to) => waiting(to, 'raised', openedAt)),
    }
    book.put(alert)
    for (const to of places) this.#deliveries.add(to, messageOf(alert, 'raised'))
    if (rule.penaltyMinutes > 0)
      void suspensions.set(account.id, 'penalty', `alert ${rule.name}`, openedAt + rule.penaltyMinutes * 60_000)
    this.#tell(alert)
  }

  #close(alert: AlertRow, watched: WatchedRule | undefined, text: string): void {
    const { clock, log, book } = this.#options
    const closedAt = clock.wallMs()
    const closedText = oneLine(text)
    log.info('alert over', { alert: alert.name, text: closedText })
    const places = watched === undefined ? [] : placesOf(watched.rule)
    const deliveries = [...alert.deliveries, ...places.map((to) => waiting(to, 'recovered', closedAt))]
    const closed = { ...alert, closedAt, closedText, deliveries }
    book.put(closed)
    for (const to of places) this.#deliveries.add(to, messageOf(closed, 'recovered'))
    this.#tell(closed)
  }

  #tell(alert: AlertRow): void {
    for (const listener of this.#listeners) listener(alert)
  }

  listen(listener: (alert: AlertRow) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async list({ account, state, ...query }: AlertQuery): Promise<Page<AlertRow>> {
    const isWanted = (alert: AlertRow): boolean =>
      (account === undefined || alert.accountId === account || alert.account === account) &&
      (state === undefined || (state === 'open') === (alert.closedAt === null))
    return pageOf(
      this.#options.book.all.filter((alert) => isWanted(alert)),
      query,
      listing,
    )
  }

  #findRule(accountIdOrName: string, ruleName: string): WatchedRule {
    const configuration = this.#options.configuration()
    const rows = [...configuration.accounts.values()]
    const accounts = rows.filter(({ id, config }) => id === accountIdOrName || config.name === accountIdOrName)
    const found = accounts
      .flatMap((row) => rulesOfAccount(configuration, row))
      .find(({ rule }) => rule.name === ruleName)
    if (found !== undefined) return found
    if (accounts.length === 0) throw new Fault('not_found', `No account "${accountIdOrName}"`)
    throw new Fault('not_found', `No alert "${ruleName}" of account "${accountIdOrName}"`)
  }

  #findSystemRule(ruleName: string): WatchedRule {
    const rule = this.#options.configuration().system.config.alerts.find(({ name }) => name === ruleName)
    if (rule === undefined) throw new Fault('not_found', `No alert "${ruleName}" for all accounts`)
    return { account: placeholderOf(rule), rule }
  }

  async test(accountIdOrName: string | undefined, ruleName: string): Promise<readonly DeliveryRow[]> {
    const { clock, random } = this.#options
    const { account, rule } =
      accountIdOrName === undefined ? this.#findSystemRule(ruleName) : this.#findRule(accountIdOrName, ruleName)
    const at = clock.wallMs()
    const alert = {
      id: `test_${randomToken(random, 16)}`,
      accountId: account.id,
      account: account.name,
      accountKind: account.kind,
      name: rule.name,
      kind: rule.kind,
      subjectKey: null,
      subject: null,
      value: null,
      threshold: rule.threshold,
      openedAt: at,
      closedAt: null,
      text: `${account.kind} ${account.name}: test of alert ${rule.name}`,
      closedText: null,
    }
    const message = { event: 'test', alert, text: alert.text, at } as const
    return Promise.all(placesOf(rule).map((to) => this.#deliveries.tryOnce(to, message)))
  }

  samples(): Sample[] {
    const open = Map.groupBy(this.#options.book.openOnes, ({ kind }) => kind)
    const kinds = Object.keys(alertKinds) as AlertKind[]
    return [
      ...kinds.map((kind) => ({
        metric: 'alertsOpen' as const,
        labels: [kind],
        values: [open.get(kind)?.length ?? 0],
      })),
      ...this.#deliveries.samples(),
    ]
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#deliveries.close()
    await this.#options.book.close()
  }
}
