// Spans of time that reports and graphs offer.

const hourMs = 3_600_000

const hours = { '1h': 1, '6h': 6, '24h': 24, '7d': 168, '30d': 720 } as const

export type TimeRange = keyof typeof hours

export const rangeOptions: readonly { readonly value: TimeRange; readonly label: string }[] = [
  { value: '1h', label: 'Last hour' },
  { value: '6h', label: 'Last 6 hours' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
]

/** ISO time at which the span begins. */
const rangeStart = (range: TimeRange, nowMs: number): string => new Date(nowMs - hours[range] * hourMs).toISOString()

/** A chosen span with the moment at which it began, so that drawing again asks for the same. */
export interface ChosenRange {
  readonly range: TimeRange
  readonly from: string
}

export const choose = (range: TimeRange): ChosenRange => ({ range, from: rangeStart(range, Date.now()) })

/** Short spans are shown by the minute. */
export const stepOf = (range: TimeRange): 'minute' | 'hour' => (hours[range] <= 6 ? 'minute' : 'hour')
