// Many entries at once: how what was pasted is sent, and how the server's preview is shown. Pure.
import type { BulkEntryResult, BulkEntryRow, BulkOverlap } from '../../../src/contract/api-bulk.ts'

export type BulkDirection = 'receives' | 'sends' | 'both'

/** A first line that names columns makes it CSV; everything else is lines. */
function isCsv(pasted: string): boolean {
  const [first = ''] = pasted.trimStart().split(/\r?\n/, 1)
  const columns = first
    .toLowerCase()
    .split(/[,;\t]/)
    .map((column) => column.trim().replaceAll('"', ''))
  return columns.some((column) => column === 'address' || column === 'addresses')
}

export function bulkRequest(pasted: string, direction: BulkDirection, dryRun: boolean): Record<string, unknown> {
  return { ...(isCsv(pasted) ? { csv: pasted } : { text: pasted }), defaults: { direction }, dryRun }
}

/** Lines with something on them. */
export const countLines = (pasted: string): number => pasted.split('\n').filter((line) => line.trim() !== '').length

/** `Acme, acme-1 (192.0.2.0/24)`, `line 3 of this paste (192.0.2.1)`. */
const overlapText = ({ account, endpoint, line, address }: BulkOverlap): string =>
  line === null ? `${account}, ${endpoint} (${address})` : `line ${line} of this paste (${address})`

export type RowTone = 'ok' | 'overlap' | 'error'

export const toneOf = (row: BulkEntryRow): RowTone =>
  row.status === 'error' ? 'error' : row.overlaps.length + row.warnings.length > 0 ? 'overlap' : 'ok'

/** What is said of a row: its errors, then whom it overlaps, then other warnings. */
export function rowText(row: BulkEntryRow): string {
  const overlaps = row.overlaps.map((one) => `overlaps ${overlapText(one)}`)
  const rest =
    row.overlaps.length > 0
      ? row.warnings.filter((one) => one.path !== 'addresses' && !one.path.startsWith('addresses['))
      : row.warnings
  return [...row.errors.map((one) => one.message), ...overlaps, ...rest.map((one) => one.message)].join('; ')
}

export interface BulkCounts {
  readonly ok: number
  readonly overlap: number
  readonly error: number
}

export function countRows(result: BulkEntryResult): BulkCounts {
  const counts = { ok: 0, overlap: 0, error: 0 }
  for (const row of result.rows) counts[toneOf(row)] += 1
  return counts
}

/** Each row's part of the weights of all rows that are right, 0 to 1. */
export function weightShares(rows: readonly BulkEntryRow[]): (row: BulkEntryRow) => number | undefined {
  const receiving = rows.filter((row) => row.status === 'ok' && row.direction !== 'sends')
  const sum = receiving.reduce((total, row) => total + row.weight, 0)
  const known = new Set(receiving)
  return (row) => (!known.has(row) ? undefined : sum === 0 ? 1 / receiving.length : row.weight / sum)
}
