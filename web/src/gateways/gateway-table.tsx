// The board on a wide screen.
import type { ReactNode } from 'react'
import { memo } from 'react'
import { LastProbe, Lasting, Share, StatusLight, Usage } from '../kit/light.tsx'
import type { BoardRow } from './gateway-row.ts'
import './gateway-table.css'
import type { BoardView, SortKey } from './gateway.ts'
import { SortIcon } from '../kit/icons.tsx'
import { ProbeButton } from './probe-button.tsx'

interface Column {
  readonly name: string
  readonly title: string
  readonly sort?: SortKey
  /** Numbers: the first click shows the largest. */
  readonly numeric?: true
}

const columns: readonly Column[] = [
  { name: 'status', title: 'Status', sort: 'status' },
  { name: 'gateway', title: 'Gateway', sort: 'name' },
  { name: 'carrier', title: 'Carrier', sort: 'carrier' },
  { name: 'reason', title: 'Reason' },
  { name: 'probe', title: 'Last probe' },
  { name: 'share', title: 'Share', sort: 'share', numeric: true },
  { name: 'channels', title: 'Channels', sort: 'channels', numeric: true },
  { name: 'cps', title: 'Calls/s', sort: 'callsPerSecond', numeric: true },
]

interface TableProps {
  readonly rows: readonly BoardRow[]
  readonly view: BoardView
  readonly change: (part: Partial<BoardView>) => void
}

export function GatewayTable({ rows, view, change }: TableProps): ReactNode {
  const mayProbe = rows[0]?.mayProbe === true
  return (
    <div className="gateway-frame">
      <table className="gateway-table">
        <caption className="only-heard">Gateways</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <ColumnHead key={column.name} column={column} view={view} change={change} />
            ))}
            {mayProbe ? (
              <th scope="col" data-column="actions">
                <span className="only-heard">Actions</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.key} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface HeadProps {
  readonly column: Column
  readonly view: BoardView
  readonly change: (part: Partial<BoardView>) => void
}

function ColumnHead({ column, view, change }: HeadProps): ReactNode {
  const { name, title, sort, numeric } = column
  if (sort === undefined)
    return (
      <th scope="col" data-column={name}>
        {title}
      </th>
    )
  const active = view.sort === sort
  const descending = active ? !view.descending : numeric === true
  return (
    <th scope="col" data-column={name} aria-sort={active ? (view.descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" className="sort-button" onClick={() => change({ sort, descending })}>
        {title}
        {active ? <SortIcon descending={view.descending} /> : null}
      </button>
    </th>
  )
}

const Row = memo(function Row({ row }: { row: BoardRow }): ReactNode {
  const { gateway, limits, mayProbe } = row
  return (
    <tr data-status={gateway.status}>
      <td data-column="status">
        <StatusLight status={gateway.status} />
        <span className="faint since">
          <Lasting since={gateway.since} />
        </span>
      </td>
      <th scope="row" data-column="gateway">
        <span className="gateway-name">{gateway.name}</span>
        <code className="faint">{gateway.target}</code>
      </th>
      <td data-column="carrier">{gateway.carrier}</td>
      <td data-column="reason">{gateway.reason}</td>
      <td data-column="probe">
        <LastProbe probe={gateway.lastProbe} />
      </td>
      <td data-column="share">
        <Share share={gateway.share} />
      </td>
      <td data-column="channels">
        <Usage used={gateway.channels} limit={limits.channels} />
      </td>
      <td data-column="cps">
        <Usage used={gateway.callsPerSecond} limit={limits.callsPerSecond} />
      </td>
      {mayProbe ? (
        <td data-column="actions">
          <ProbeButton gateway={gateway} />
        </td>
      ) : null}
    </tr>
  )
})
