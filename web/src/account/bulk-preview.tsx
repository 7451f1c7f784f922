// The preview of bulk entry: one row for each line; of many only those on screen are drawn.
import { useVirtualizer } from '@tanstack/react-virtual'
import type { ReactNode } from 'react'
import { useMemo, useRef, useState } from 'react'
import type { BulkEntryResult, BulkEntryRow } from '../../../src/contract/api-bulk.ts'
import { formatCount, formatShare } from '../kit/format.ts'
import { GreenIcon, RedIcon, WarningIcon } from '../kit/icons.tsx'
import type { RowTone } from './bulk-view.ts'
import { countRows, rowText, toneOf, weightShares } from './bulk-view.ts'

type Shown = RowTone | 'all'

const words: Readonly<Record<RowTone, string>> = { ok: 'Ok', overlap: 'Look', error: 'Error' }

const pictures: Readonly<Record<RowTone, () => ReactNode>> = { ok: GreenIcon, overlap: WarningIcon, error: RedIcon }

export function BulkPreview({ result }: { result: BulkEntryResult }): ReactNode {
  const [shown, setShown] = useState<Shown>('all')
  const counts = useMemo(() => countRows(result), [result])
  const rows = useMemo(
    () => (shown === 'all' ? result.rows : result.rows.filter((row) => toneOf(row) === shown)),
    [result, shown],
  )
  const filters: readonly (readonly [Shown, string])[] = [
    ['all', `${formatCount(result.rows.length)} in all`],
    ['ok', `${formatCount(counts.ok)} ok`],
    ['overlap', `${formatCount(counts.overlap)} to look at`],
    ['error', `${formatCount(counts.error)} wrong`],
  ]
  return (
    <>
      <div className="bulk-filters" role="group" aria-label="Rows shown">
        {filters.map(([filter, text]) => (
          <button
            key={filter}
            type="button"
            className="chip"
            aria-pressed={shown === filter}
            onClick={() => setShown(filter)}
          >
            {text}
          </button>
        ))}
      </div>
      <PreviewRows rows={rows} all={result.rows} />
    </>
  )
}

const rowHeight = 38

/** Narrow screens draw the table as blocks, which would take its roles away. */
const asTable = { role: 'table' }
const asGroup = { role: 'rowgroup' }
const asRow = { role: 'row' }
const asHead = { role: 'columnheader' }
const asCell = { role: 'cell' }

function PreviewRows({ rows, all }: { rows: readonly BulkEntryRow[]; all: readonly BulkEntryRow[] }): ReactNode {
  const frame = useRef<HTMLDivElement>(null)
  const share = useMemo(() => weightShares(all), [all])
  // oxlint-disable-next-line react/incompatible-library -- no compiler keeps what it returns
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  })
  const items = virtual.getVirtualItems()
  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
    <div ref={frame} className="bulk-frame" tabIndex={0} role="region" aria-label="Preview">
      <table className="bulk-table" {...asTable} aria-rowcount={rows.length + 1}>
        <caption className="only-heard">Preview of the rows</caption>
        <thead {...asGroup}>
          <tr {...asRow}>
            <th scope="col" {...asHead} data-column="line">
              Line
            </th>
            <th scope="col" {...asHead} data-column="result">
              Result
            </th>
            <th scope="col" {...asHead} data-column="name">
              Name
            </th>
            <th scope="col" {...asHead} data-column="address">
              Address
            </th>
            <th scope="col" {...asHead} data-column="number">
              Port
            </th>
            <th scope="col" {...asHead} data-column="number">
              Weight
            </th>
            <th scope="col" {...asHead} data-column="text">
              Remarks
            </th>
          </tr>
        </thead>
        <tbody {...asGroup}>
          <Spacer height={before} />
          {items.map((item) => {
            const row = rows[item.index]
            return row === undefined ? null : (
              <PreviewRow
                key={row.line}
                row={row}
                share={share(row)}
                index={item.index}
                measure={virtual.measureElement}
              />
            )
          })}
          <Spacer height={after} />
        </tbody>
      </table>
    </div>
  )
}

function Spacer({ height }: { height: number }): ReactNode {
  if (height <= 0) return null
  return (
    <tr aria-hidden="true">
      {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- it only keeps the place of rows off screen */}
      <td colSpan={7} style={{ height: `${height}px` }} />
    </tr>
  )
}

interface RowProps {
  readonly row: BulkEntryRow
  readonly share: number | undefined
  readonly index: number
  readonly measure: (element: Element | null) => void
}

function PreviewRow({ row, share, index, measure }: RowProps): ReactNode {
  const tone = toneOf(row)
  const Picture = pictures[tone]
  return (
    <tr ref={measure} {...asRow} data-index={index} data-tone={tone} aria-rowindex={index + 2}>
      <td {...asCell} data-column="line">
        {row.line}
      </td>
      <td {...asCell} data-column="result">
        <span className="bulk-result">
          <Picture />
          {words[tone]}
        </span>
      </td>
      <td {...asCell} data-column="name">
        {row.name}
      </td>
      <td {...asCell} data-column="address">
        <code>{row.addresses.length > 0 ? row.addresses.join(', ') : row.input}</code>
      </td>
      <td {...asCell} data-column="number">
        {row.port ?? ''}
      </td>
      <td {...asCell} data-column="number">
        {row.status === 'error' || row.direction === 'sends' ? '' : row.weight}
        {share === undefined ? null : <span className="faint"> {formatShare(share)}</span>}
      </td>
      <td {...asCell} data-column="text">
        {rowText(row)}
      </td>
    </tr>
  )
}
