// Which rules hold for which account: its own, and those of the system that it does not replace by the same name.
import type { AccountKind } from '../contract/account.ts'
import type { AlertRule, SystemAlertRule } from '../contract/alert-rule.ts'
import type { AccountRow, Configuration } from './configuration.ts'

export interface WatchedAccount {
  readonly id: string
  readonly name: string
  readonly kind: AccountKind
  readonly currency: string
}

export interface WatchedRule {
  readonly account: WatchedAccount
  readonly rule: AlertRule
}

const covers = ({ accounts }: SystemAlertRule, kind: AccountKind): boolean =>
  accounts === 'any' || accounts === `${kind}s`

/** Stands for the account in a test of a rule that holds for many. */
export const placeholderOf = ({ accounts }: SystemAlertRule): WatchedAccount => ({
  id: '',
  name: `(any ${accounts === 'any' ? 'account' : accounts.slice(0, -1)})`,
  kind: accounts === 'customers' ? 'customer' : 'carrier',
  currency: 'USD',
})

/** All rules of one account, also those that are switched off. */
export function rulesOfAccount(configuration: Configuration, { id, kind, config }: AccountRow): WatchedRule[] {
  const account = { id, kind, name: config.name, currency: config.currency }
  const own = new Set(config.alerts.map(({ name }) => name))
  const common = configuration.system.config.alerts.filter((rule) => covers(rule, kind) && !own.has(rule.name))
  return [...config.alerts, ...common].map((rule) => ({ account, rule }))
}

/** What is looked at: rules that are on, of accounts that take calls. */
export function rulesInForce(configuration: Configuration): WatchedRule[] {
  return [...configuration.accounts.values()]
    .filter((row) => row.config.status === 'active')
    .flatMap((row) => rulesOfAccount(configuration, row))
    .filter(({ rule }) => rule.enabled)
}

/** The one key of an episode that is open: one rule of one account, and for gateways one target. */
export const episodeKey = (accountId: string, name: string, subjectKey: string | null): string =>
  JSON.stringify([accountId, name, subjectKey])
