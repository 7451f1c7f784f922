// One row of a list. Each cell carries its column's title, which narrow screens show beside the value.
import { Checkbox } from '@mantine/core'
import type { ReactNode } from 'react'
import type { DataTableProps } from './data-table.tsx'

interface RowProps<Row> {
  readonly id: string
  readonly row: Row
  readonly index: number
  readonly measure: (element: Element | null) => void
  readonly table: DataTableProps<Row>
}

export function TableRow<Row>({ id, row, index, measure, table }: RowProps<Row>): ReactNode {
  const { columns, selection, onSelect, onOpen, tone } = table
  const chosen = selection?.has(id) === true
  const toggle = (): void => {
    const next = new Set(selection)
    if (!next.delete(id)) next.add(id)
    onSelect?.(next)
  }
  return (
    <tr
      ref={measure}

      data-index={index}
      aria-rowindex={index + 2}
      data-tone={tone?.(row)}
      data-chosen={chosen}
      data-opens={onOpen !== undefined}
    >
      {selection === undefined ? null : (
        <td className="data-select" data-column="select">
          <Checkbox size="xs" aria-label="Select this row" checked={chosen} onChange={toggle} />
        </td>
      )}
      {columns.map((column) => (
        <td
          key={column.id}

          data-column={column.id}
          data-numeric={column.numeric === true}
          data-title={column.title}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}
