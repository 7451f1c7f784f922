// Says of one value what a rule makes of it, with two thresholds, and in words. Balances are whole millionths here, all else
// is in the unit of `alertKinds`.
import { alertKinds, type AlertKind, type AlertRule } from '../contract/alert-rule.ts'
import { formatMoney, parseMoney } from '../contract/money.ts'
import type { Figures } from '../store/statistics-rows.ts'
import type { WatchedAccount } from './alert-rules.ts'

type ValueKind = Exclude<AlertKind, 'gatewayRed'>

/** Where values come from; undefined = nothing that can be judged now. */
export interface Measures {
  readonly failures: ReadonlyMap<string, number>
  readonly use: ReadonlyMap<string, { readonly channels: number; readonly callsPerSecond: number }>
  readonly calls: (accountId: string, minutes: number) => Figures
  readonly balance: (accountId: string) => bigint | undefined
}

const millionths = (amount: number): number => Number(parseMoney(String(amount)) ?? 0n)

/** A threshold as it is compared. */
const comparable = (kind: AlertKind, value: number): number => (kind === 'balance' ? millionths(value) : value)

/** A value as it is shown: balances in whole units of the currency. */
export const shown = (kind: AlertKind, value: number): number => (kind === 'balance' ? value / 1_000_000 : value)

export function valueOf(accountId: string, rule: AlertRule, measures: Measures): number | undefined {
  const { kind, windowMinutes, minimumCalls } = rule
  const windowed = (): Figures => measures.calls(accountId, windowMinutes)
  switch (kind) {
    case 'consecutiveFailures':
      return measures.failures.get(accountId) ?? 0
    case 'channels':
      return measures.use.get(accountId)?.channels ?? 0
    case 'callsPerSecond':
      return measures.use.get(accountId)?.callsPerSecond ?? 0
    case 'balance': {
      const balance = measures.balance(accountId)
      return balance === undefined ? undefined : Number(balance)
    }
    case 'asr': {
      const { attempts, answered } = windowed()
      return attempts < minimumCalls ? undefined : answered / attempts
    }
    case 'acd': {
      const { answered, talkMs } = windowed()
      return answered < minimumCalls ? undefined : talkMs / answered / 1_000
    }
    case 'pdd': {
      const { setups, setupMs } = windowed()
      return setups < minimumCalls ? undefined : setupMs / setups
    }
    case 'gatewayRed':
      return undefined
    default:
      return kind satisfies never
  }
}

/** Two thresholds: between them everything stays as it is. */
export function judge(rule: AlertRule, value: number, isOpen: boolean): 'raise' | 'recover' | 'stay' {
  const { kind, threshold, resetThreshold } = rule
  if (threshold === null) return 'stay'
  const sign = alertKinds[kind].side === 'above' ? 1 : -1
  const distance = sign * (value - comparable(kind, threshold))
  if (!isOpen) return distance >= 0 ? 'raise' : 'stay'
  const reset = sign * (value - comparable(kind, resetThreshold ?? threshold))
  return distance < 0 && reset <= 0 ? 'recover' : 'stay'
}

const percent = (share: number): string => `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`
const rounded = (value: number): string => String(Math.round(value * 10) / 10)
const money = (value: number, { currency }: WatchedAccount): string => `${formatMoney(BigInt(value))} ${currency}`

const words: Record<ValueKind, (value: number, account: WatchedAccount) => string> = {
  consecutiveFailures: (value) => `${value} calls in a row failed`,
  balance: (value, account) => `balance ${money(value, account)}`,
  asr: (value) => `ASR ${percent(value)}`,
  acd: (value) => `ACD ${rounded(value)} s`,
  pdd: (value) => `PDD ${Math.round(value)} ms`,
  channels: (value) => `${value} live calls`,
  callsPerSecond: (value) => `${value} calls per second`,
}

const label = ({ kind, name }: WatchedAccount): string => `${kind} ${name}`

/** `carrier Acme: ASR 25 % in 15 minutes (alert at 40 %)`; for people, on one line. */
export function valueText(account: WatchedAccount, rule: AlertRule, value: number): string {
  const kind = rule.kind as ValueKind
  const window = alertKinds[kind].window ? ` in ${rule.windowMinutes} minutes` : ''
  const limit = words[kind](comparable(kind, rule.threshold ?? 0), account).replace(/^(balance|ASR|ACD|PDD) /, '')
  return `${label(account)}: ${words[kind](value, account)}${window} (alert at ${limit.replace(/ .*row failed$/, '')})`
}

export const gatewayText = (account: WatchedAccount, gateway: string, state: string): string =>
  `${label(account)}: gateway ${gateway} ${state}`
