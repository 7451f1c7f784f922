// Looks at what rules watch and says what is raised and what is over; each episode once. Values come from the signalling
// thread, from call records as they arrive and from the ledger. It sends nothing and stores nothing itself.
import type { Log } from '../base/log.ts'
import type { Clock } from '../base/clock.ts'
import type { CallRecord } from '../call/record.ts'
import type { AccountKind } from '../contract/account.ts'
import { alertKinds } from '../contract/alert-rule.ts'
import type { Directory } from '../directory/directory.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import type { Watched } from '../edge/seam.ts'
import type { AlertRow } from '../store/alert-rows.ts'
import { gatewaysOf, recoveryOf, UnresolvedNames } from './alert-gateways.ts'
import { gatewayText, judge, shown, valueOf, valueText } from './alert-judgement.ts'
import { episodeKey, rulesInForce } from './alert-rules.ts'
import type { WatchedRule } from './alert-rules.ts'
import { CallWindows } from './alert-windows.ts'
import type { Configuration } from './configuration.ts'

/** What came true. */
export interface Finding {
  readonly subjectKey: string | null
  readonly subject: string | null
  readonly value: number | null
  readonly text: string
}

export interface AlertEngineParts {
  readonly clock: Clock
  readonly log: Log
  readonly configuration: () => Configuration
  readonly directory: () => Directory
  /** Whole millionths; undefined = nobody knows. */
  readonly balance: (accountId: string) => bigint | undefined
  readonly openAlerts: () => readonly AlertRow[]
  readonly findOpen: (key: string) => AlertRow | undefined
  readonly onRaise: (watched: WatchedRule, finding: Finding) => void
  /** `rule` undefined = it is gone, and nobody is told. */
  readonly onClose: (alert: AlertRow, rule: WatchedRule | undefined, text: string) => void
}

const missesToTell = 3

const ruleKey = (accountId: string, name: string, kind: string): string => JSON.stringify([accountId, name, kind])

export class AlertEngine {
  readonly #parts: AlertEngineParts
  readonly #windows: CallWindows
  readonly #names = new UnresolvedNames()
  #configuration: Configuration | undefined
  #rules = new Map<string, WatchedRule>()
  /** Accounts whose count of failures a restart has set to 0, until a call gets through. */
  readonly #uncounted: Set<string>
  #busy = false
  #misses = 0

  constructor(parts: AlertEngineParts) {
    this.#parts = parts
    this.#windows = new CallWindows(parts.clock)
    const counted = parts.openAlerts().filter(({ kind }) => kind === 'consecutiveFailures')
    this.#uncounted = new Set(counted.map(({ accountId }) => accountId))
    this.#useRules()
  }

  /** Once, at start. */
  fillWindows(read: Parameters<CallWindows['fill']>[0]): Promise<void> {
    return this.#windows.fill(read)
  }

  addRecords(records: readonly CallRecord[]): void {
    this.#useRules()
    this.#windows.add(records)
    if (this.#uncounted.size === 0) return
    for (const { attempts } of records)
      for (const { accountId, ringingAt, status } of attempts)
        if (ringingAt !== null || (status !== null && status >= 200 && status < 300)) this.#uncounted.delete(accountId)
  }

  /** An operator set the failures of this account to 0. */
  onFailuresReset(accountId: string): void {
    this.#uncounted.delete(accountId)
  }

  /** One look; one at a time. Never rejects. */
  async look(edge: Pick<EdgeHandle, 'ask'>): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    const { log, openAlerts } = this.#parts
    try {
      const targetKeys = openAlerts().flatMap(({ subjectKey }) => subjectKey ?? [])
      const watched = await edge.ask('watched', { targetKeys })
      this.#useRules()
      this.#closeThoseWithoutRule()
      this.#lookAtValues(watched)
      this.#lookAtGateways(watched)
      this.#misses = 0
    } catch (error) {
      // One look that fails is no news: the signalling thread ends before this one does.
      this.#misses += 1
      if (this.#misses === missesToTell) log.error('alerts cannot be looked at', { error: String(error) })
    } finally {
      this.#busy = false
    }
  }

  #useRules(): void {
    const configuration = this.#parts.configuration()
    if (configuration === this.#configuration) return
    this.#configuration = configuration
    const rules = rulesInForce(configuration)
    this.#rules = new Map(rules.map((one) => [ruleKey(one.account.id, one.rule.name, one.rule.kind), one]))
    const windows = new Map<string, { minutes: number; kind: AccountKind }>()
    for (const { account, rule } of rules)
      if (alertKinds[rule.kind].window) {
        const minutes = Math.max(rule.windowMinutes, windows.get(account.id)?.minutes ?? 0)
        windows.set(account.id, { minutes, kind: account.kind })
      }
    this.#windows.watch(windows)
  }

  #ruleOf({ accountId, name, kind }: AlertRow): WatchedRule | undefined {
    return this.#rules.get(ruleKey(accountId, name, kind))
  }

  #closeThoseWithoutRule(): void {
    for (const alert of this.#parts.openAlerts())
      if (this.#ruleOf(alert) === undefined)
        this.#parts.onClose(alert, undefined, 'nobody watches this any more: the rule or the account is off or gone')
  }

  #lookAtValues({ failures, use }: Watched): void {
    const { balance, findOpen, onRaise, onClose } = this.#parts
    const calls = this.#windows.figures.bind(this.#windows)
    for (const watched of this.#rules.values()) {
      const { account, rule } = watched
      if (rule.kind === 'consecutiveFailures' && this.#uncounted.has(account.id)) continue
      const value = valueOf(account.id, rule, { failures, use, calls, balance })
      if (value === undefined) continue
      const open = findOpen(episodeKey(account.id, rule.name, null))
      const verdict = judge(rule, value, open !== undefined)
      if (verdict === 'stay') continue
      const text = valueText(account, rule, value)
      if (open !== undefined) onClose(open, watched, text)
      else onRaise(watched, { subjectKey: null, subject: null, value: shown(rule.kind, value), text })
    }
  }

  #lookAtGateways({ targets }: Watched): void {
    const { configuration, directory, findOpen, openAlerts, onRaise, onClose } = this.#parts
    const gateways = gatewaysOf(configuration(), [...targets, ...this.#names.of(directory())])
    const byKey = new Map(gateways.map((gateway) => [gateway.targetKey, gateway]))
    for (const alert of openAlerts()) {
      const { kind, subjectKey, subject } = alert
      const watched = this.#ruleOf(alert)
      if (kind !== 'gatewayRed' || subjectKey === null || watched === undefined) continue
      const ended = recoveryOf(byKey.get(subjectKey), subjectKey)
      if (ended !== undefined) onClose(alert, watched, gatewayText(watched.account, subject ?? '', ended))
    }
    const failing = gateways.filter(({ state }) => state === 'failing')
    if (failing.length === 0) return
    const rules = Map.groupBy(
      [...this.#rules.values()].filter(({ rule }) => rule.kind === 'gatewayRed'),
      ({ account }) => account.id,
    )
    for (const { accountId, targetKey: subjectKey, label: subject, reason } of failing)
      for (const watched of rules.get(accountId) ?? []) {
        if (findOpen(episodeKey(accountId, watched.rule.name, subjectKey)) !== undefined) continue
        const text = gatewayText(watched.account, subject, `is red: ${reason}`)
        onRaise(watched, { subjectKey, subject, value: null, text })
      }
  }
}
