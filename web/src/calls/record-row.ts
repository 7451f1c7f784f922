// Words for call records. Pure.
import type { CallRecordItem } from '../../../src/contract/api-live.ts'

export type RecordRow = CallRecordItem & {
  /** Decimal text, or null when no rate applied. */
  readonly cost?: string | null
  readonly costCurrency?: string | null
}

export type Outcome = CallRecordItem['outcome']

export const outcomeOptions: readonly { value: Outcome | ''; label: string }[] = [
  { value: '', label: 'Any' },
  { value: 'answered', label: 'Answered' },
  { value: 'failed', label: 'Failed' },
  { value: 'cancelled', label: 'Cancelled' },
  { value: 'refused', label: 'Refused' },
]

/** Where the call went in the end. */
export const lastGateway = (record: RecordRow): { gateway: string; account: string } | undefined =>
  record.attempts.at(-1)

export const callerText = (record: RecordRow): string =>
  record.callerSipUser ?? record.callerEndpoint ?? `${record.sourceAddress}:${record.sourcePort}`

export const recordPath = (id: string): string => `/records/${encodeURIComponent(id)}`

/** `2026-01-31T12:00` of a date field, in the reader's zone, as the API wants it; '' for none. */
export function instantOf(local: string): string {
  const at = local === '' ? Number.NaN : new Date(local).getTime()
  return Number.isNaN(at) ? '' : new Date(at).toISOString()
}

const outcomeWords = { answered: 'Answered', failed: 'Failed', cancelled: 'Cancelled', refused: 'Refused' } as const

export const outcomeWord = ({ outcome }: RecordRow): string => outcomeWords[outcome]

/** `Failed: 503 Service Unavailable`. */
export const outcomeText = (record: RecordRow): string =>
  record.outcome === 'answered'
    ? outcomeWord(record)
    : `${outcomeWord(record)}: ${record.status} ${record.reasonPhrase}`
