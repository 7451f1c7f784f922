// The head of a list: titles that sort, and the box that selects all rows that are loaded.
import { Checkbox, NativeSelect } from '@mantine/core'
import type { ReactNode } from 'react'
import type { DataTableProps } from './data-table.tsx'
import { SortIcon } from './icons.tsx'

export interface DataColumn<Row> {
  readonly id: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** The field the server sorts by; absent: this column does not sort. */
  readonly sort?: string
  /** Numbers stand at the right, and their first click shows the largest. */
  readonly numeric?: boolean
  /** What is shown grows while the server's field falls: a duration, by the time of its beginning. */
  readonly reversed?: boolean
  /** CSS width; columns without one share the rest. */
  readonly width?: string
  /** Explains the title. */
  readonly help?: string
}

const flipped = (column: DataColumn<never>, sort: string | undefined): string => {
  const field = column.sort ?? ''
  if (sort === field) return `-${field}`
  if (sort === `-${field}`) return field
  return (column.numeric === true) === (column.reversed === true) ? field : `-${field}`
}

export function TableHead<Row>(props: DataTableProps<Row>): ReactNode {
  const { columns, selection } = props
  return (
    <thead>
      <tr aria-rowindex={1}>
        {selection === undefined ? null : (
          <th scope="col" className="data-select">
            <SelectAll {...props} />
          </th>
        )}
        {columns.map((column) => (
          <HeadCell key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
        ))}
      </tr>
    </thead>
  )
}

function SelectAll<Row>({ rows, rowId, selection, onSelect }: DataTableProps<Row>): ReactNode {
  const chosen = selection?.size ?? 0
  const all = rows.length > 0 && rows.every((row) => selection?.has(rowId(row)) === true)
  return (
    <Checkbox
      size="xs"
      aria-label="Select all rows that are loaded"
      checked={all}
      indeterminate={chosen > 0 && !all}
      onChange={() => onSelect?.(all ? new Set() : new Set(rows.map(rowId)))}
    />
  )
}

interface SortProps<Row> {
  readonly sort: string | undefined
  readonly onSort: ((sort: string) => void) | undefined
  readonly column: DataColumn<Row>
}

function HeadCell<Row>({ column, sort, onSort }: SortProps<Row>): ReactNode {
  const active = column.sort !== undefined && sort?.replace(/^-/, '') === column.sort
  const descending = (sort?.startsWith('-') === true) !== (column.reversed === true)
  const common = {
    scope: 'col',
    role: 'columnheader',
    'data-column': column.id,
    'data-numeric': column.numeric === true,
    ...(column.help === undefined ? {} : { title: column.help }),
  }
  if (column.sort === undefined || onSort === undefined) return <th {...common}>{column.title}</th>
  return (
    <th {...common} aria-sort={active ? (descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" className="sort-button" onClick={() => onSort(flipped(column, sort))}>
        {column.title}
        {active ? <SortIcon descending={descending} /> : null}
      </button>
    </th>
  )
}

interface NarrowProps<Row> {
  readonly columns: readonly DataColumn<Row>[]
  readonly sort: string | undefined
  readonly onSort: ((sort: string) => void) | undefined
}

/** Cards have no head to click on: a select sorts them. */
export function NarrowSort<Row>({ columns, sort, onSort }: NarrowProps<Row>): ReactNode {
  const sorting = columns.filter((column) => column.sort !== undefined)
  if (onSort === undefined || sorting.length === 0) return null
  const options = sorting.flatMap(({ sort: field = '', title, numeric, reversed }) => {
    const [rising, falling] = reversed === true ? [`-${field}`, field] : [field, `-${field}`]
    return [
      { value: rising, label: numeric === true ? `${title}, least first` : title },
      { value: falling, label: numeric === true ? `${title}, most first` : `${title}, backwards` },
    ]
  })
  const known = options.some((one) => one.value === sort)
  return (
    <div className="data-narrow-sort">
      <NativeSelect
        aria-label="Sort by"
        data={known ? options : [{ value: '', label: 'Sort by …' }, ...options]}
        value={known ? (sort ?? '') : ''}
        onChange={(event) => onSort(event.currentTarget.value)}
      />
    </div>
  )
}
