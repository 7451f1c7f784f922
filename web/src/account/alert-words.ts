// The words of alert rules: what each kind measures, in what unit, and on which side it is raised. Pure.
import type { AlertKind, AlertRule } from '../../../src/contract/alert-rule.ts'

interface KindWords {
  readonly label: string
  /** Undefined: this kind has no threshold. */
  readonly unit?: string
  readonly raised: 'at or above' | 'at or below' | ''
  /** It looks back over a window of calls. */
  readonly window: boolean
}

export const kindWords: Readonly<Record<AlertKind, KindWords>> = {
  consecutiveFailures: { label: 'Consecutive failures', unit: 'calls', raised: 'at or above', window: false },
  balance: { label: 'Balance', unit: 'currency', raised: 'at or below', window: false },
  asr: { label: 'ASR', unit: '0 to 1', raised: 'at or below', window: true },
  acd: { label: 'ACD', unit: 's', raised: 'at or below', window: true },
  pdd: { label: 'PDD', unit: 'ms', raised: 'at or above', window: true },
  channels: { label: 'Channels', unit: 'calls', raised: 'at or above', window: false },
  callsPerSecond: { label: 'Calls per second', unit: 'calls/s', raised: 'at or above', window: false },
  gatewayRed: { label: 'Gateway red', raised: '', window: false },
}

export const kindOptions = (Object.keys(kindWords) as AlertKind[]).map((value) => ({
  value,
  label: kindWords[value].label,
}))

export const newRule: AlertRule = {
  name: '',
  kind: 'consecutiveFailures',
  threshold: 10,
  resetThreshold: null,
  windowMinutes: 15,
  minimumCalls: 20,
  email: [],
  webhook: null,
  penaltyMinutes: 0,
  enabled: true,
}

/** Another kind has other thresholds. */
export const withKind = (rule: AlertRule, kind: AlertKind): AlertRule => ({
  ...rule,
  kind,
  threshold: null,
  resetThreshold: null,
})
