// A list of any length: only the rows on screen are drawn (TanStack Table and Virtual), further pages are fetched while
// one scrolls. Sorting is the server's. Narrow screens show a card for each row, with the column's title at each value.
import { tableFeatures, useTable } from '@tanstack/react-table'
import type { ColumnDef } from '@tanstack/react-table'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import type { KeyboardEvent, MouseEvent, ReactNode, RefObject } from 'react'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import './data-table.css'
import type { DataColumn } from './table-head.tsx'
import { NarrowSort, TableHead } from './table-head.tsx'
import { ProblemNotice } from './notice.tsx'
import type { Problem } from './problem.ts'
import { TableRow } from './table-row.tsx'

export type { DataColumn } from './table-head.tsx'

export interface DataTableProps<Row> {
  /** Stable between draws: a constant of the module, or kept by useMemo. */
  readonly columns: readonly DataColumn<Row>[]
  readonly rows: readonly Row[]
  readonly rowId: (row: Row) => string
  /** What the list holds, for people who hear the page: `Carriers`. */
  readonly label: string
  /** How many there are in all. */
  readonly total?: number | undefined
  /** Field that the server sorts by, `-` before it for descending. */
  readonly sort?: string | undefined
  readonly onSort?: ((sort: string) => void) | undefined
  readonly selection?: ReadonlySet<string> | undefined
  readonly onSelect?: ((selection: ReadonlySet<string>) => void) | undefined
  /** A click anywhere on the row; the first cell should hold a link or button for the keyboard. */
  readonly onOpen?: ((row: Row) => void) | undefined
  /** Shown when there is no row. */
  readonly empty: ReactNode
  readonly loading?: boolean
  readonly problem?: Problem | undefined
  /** Fetches the next page. */
  readonly onMore?: (() => void) | undefined
  /** `red` marks the row. */
  readonly tone?: (row: Row) => 'red' | 'amber' | undefined
}

const features = tableFeatures({})
type Features = typeof features

/** Heights in pixels until a row was drawn: of a line, and of a card on a narrow screen. */
const rowEstimate = 52
const cardEstimate = 200
const isNarrow = (): boolean => window.matchMedia('(max-width: 48em)').matches

export function DataTable<Row extends object>(props: DataTableProps<Row>): ReactNode {
  const { rows, loading = false, problem, empty } = props
  if (rows.length === 0)
    return (
      <div className="data-frame-empty">
        <ProblemNotice problem={problem} />
        {problem === undefined ? loading ? <p className="data-loading">Loading …</p> : empty : null}
      </div>
    )
  return (
    <>
      <ProblemNotice problem={problem} />
      <FilledTable {...props} />
    </>
  )
}

/** How far from the top of the page it stands. What is above may grow: another list of the same page, a notice. */
function useOffset(frame: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const measure = (): void => setTop(frame.current?.offsetTop ?? 0)
    const observer = new ResizeObserver(measure)
    measure()
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [frame])
  return top
}

function FilledTable<Row extends object>(props: DataTableProps<Row>): ReactNode {
  const { columns, rows, rowId, label, total, selection, onMore } = props
  const frame = useRef<HTMLDivElement>(null)
  const top = useOffset(frame)
  const definitions = useMemo(
    () => columns.map((column): ColumnDef<Features, Row> => ({ id: column.id, header: column.title })),
    [columns],
  )
  const table = useTable<Features, Row>({ features, columns: definitions, data: rows, getRowId: rowId })
  const models = table.getRowModel().rows
  // oxlint-disable-next-line react/incompatible-library -- no compiler keeps what it returns
  const virtual = useWindowVirtualizer({
    count: models.length,
    estimateSize: () => (isNarrow() ? cardEstimate : rowEstimate),
    overscan: 12,
    scrollMargin: top,
    getItemKey: (at) => models[at]?.id ?? at,
  })
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= rows.length - 30) onMore?.()
  }, [last, rows.length, onMore])
  const before = (shown[0]?.start ?? top) - top
  const after = virtual.getTotalSize() - ((shown.at(-1)?.end ?? top) - top)
  return (
    <div className="data-frame" ref={frame}>
      <NarrowSort columns={columns} sort={props.sort} onSort={props.onSort} />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows and clicks only lead to the links inside */}
      <table
        className="data-table"
        aria-rowcount={(total ?? rows.length) + 1}
        onKeyDown={walkRows}
        onClick={(event) => {
          const row = rows[clickedRow(event)]
          if (row !== undefined) props.onOpen?.(row)
        }}
      >
        <caption className="only-heard">{label}</caption>
        <colgroup>
          {selection === undefined ? null : <col style={{ width: '2.5rem' }} />}
          {columns.map((column) => (
            <col key={column.id} style={column.width === undefined ? {} : { width: column.width }} />
          ))}
        </colgroup>
        <TableHead {...props} />
        <tbody>
          <Spacer height={before} />
          {shown.map((item) => {
            const model = models[item.index]
            if (model === undefined) return null
            return (
              <TableRow
                key={item.key}
                id={model.id}
                row={model.original}
                index={item.index}
                measure={virtual.measureElement}
                table={props}
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
    <tr aria-hidden="true" className="data-spacer">
      {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- no control: room for rows that are not drawn */}
      <td style={{ height: `${height}px` }} />
    </tr>
  )
}

/** Arrow up and down go from row to row, to the link or button in the same place. */
function walkRows(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const from = event.target
  if (step === 0 || !(from instanceof HTMLElement) || from.matches('input:not([type=checkbox]), select, textarea'))
    return
  const present = from.closest('tr')
  const next = step > 0 ? present?.nextElementSibling : present?.previousElementSibling
  const column = from.closest('td, th')?.getAttribute('data-column')
  const inside = next?.querySelector<HTMLElement>(`[data-column="${column ?? ''}"] :is(a, button, input)`)
  if (inside === null || inside === undefined) return
  event.preventDefault()
  inside.focus()
}

/** The row that a click means; a click on a link, a button or marked text means that instead (-1). */
function clickedRow(event: MouseEvent): number {
  const target = event.target
  if (!(target instanceof Element) || target.closest('a, button, input, label, summary') !== null) return -1
  if (window.getSelection()?.isCollapsed === false) return -1
  return Number(target.closest('tr')?.getAttribute('data-index') ?? -1)
}
