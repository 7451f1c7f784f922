// Of what and of when statistics are shown: between the address of the page and the query of the API.
import type { MetricName } from '../../../src/contract/api-stats.ts'

const hourMs = 3_600_000

/** How far back, and how wide a point is: minutes are kept for 48 hours, hours for 400 days. */
const ranges = {
  '1h': { label: 'Last hour', ms: hourMs, step: 'minute' },
  '6h': { label: 'Last 6 hours', ms: 6 * hourMs, step: 'minute' },
  '24h': { label: 'Last 24 hours', ms: 24 * hourMs, step: 'hour' },
  '7d': { label: 'Last 7 days', ms: 7 * 24 * hourMs, step: 'hour' },
  '30d': { label: 'Last 30 days', ms: 30 * 24 * hourMs, step: 'hour' },
  '400d': { label: 'Last 400 days', ms: 400 * 24 * hourMs, step: 'hour' },
} as const

export type RangeName = keyof typeof ranges

export const rangeOptions = (Object.keys(ranges) as RangeName[]).map((value) => ({ value, label: ranges[value].label }))

const whoseNames = ['system', 'carrier', 'customer', 'gateway', 'endpoint', 'sipUser'] as const

export type Whose = (typeof whoseNames)[number]

/** Under which name the API asks for it. */
const fieldOf = {
  carrier: 'account',
  customer: 'account',
  gateway: 'gateway',
  endpoint: 'endpoint',
  sipUser: 'sipUser',
} as const

export interface Scope {
  readonly whose: Whose
  /** Name or id; '' = not chosen yet. */
  readonly name: string
  readonly side: '' | 'gateway' | 'caller'
  readonly range: RangeName
}

const isWhose = (text: string | undefined): text is Whose => whoseNames.some((name) => name === text)
const isRange = (text: string | undefined): text is RangeName => text !== undefined && Object.hasOwn(ranges, text)

export function scopeOf(view: Readonly<Record<string, string>>): Scope {
  const { whose, name = '', side, range } = view
  return {
    whose: isWhose(whose) ? whose : 'system',
    name,
    side: side === 'gateway' || side === 'caller' ? side : '',
    range: isRange(range) ? range : '24h',
  }
}

/** As the API takes it; `nowMs` in milliseconds since 1970. undefined: nobody is chosen. */
export function queryOf({ whose, name, side, range }: Scope, nowMs: number): Record<string, string> | undefined {
  if (whose !== 'system' && name === '') return undefined
  const { ms, step } = ranges[range]
  const widthMs = step === 'minute' ? 60_000 : hourMs
  const to = Math.floor(nowMs / widthMs) * widthMs + widthMs
  return {
    ...(whose === 'system' ? {} : { [fieldOf[whose]]: name }),
    ...((whose === 'carrier' || whose === 'customer') && side !== '' ? { side } : {}),
    from: new Date(to - ms).toISOString(),
    to: new Date(to).toISOString(),
  }
}

export const stepOf = ({ range }: Scope): 'minute' | 'hour' => ranges[range].step

/** The values of one metric, point by point. */
export function valuesOf(
  answer: {
    readonly metrics: readonly MetricName[]
    readonly points: readonly { readonly values: readonly (number | null)[] }[]
  },
  metric: MetricName,
): (number | null)[] {
  const at = answer.metrics.indexOf(metric)
  return answer.points.map(({ values }) => values[at] ?? null)
}
