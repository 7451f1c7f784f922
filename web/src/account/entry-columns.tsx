// The columns of the entries: light, share and use are live.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { LastProbe, Lasting, Share, StatusLight, Usage } from '../kit/light.tsx'
import { WarningIcon } from '../kit/icons.tsx'
import type { AuthRow } from './auth-rows.ts'
import { addressesText, directionWords } from './auth-rows.ts'

interface Actions {
  readonly onEdit: (endpoint: EndpointItem) => void
  readonly onTest: (endpoint: EndpointItem) => void
}

const none = <span className="faint">–</span>

function NameCell({ row, onEdit }: { row: AuthRow; onEdit: Actions['onEdit'] }): ReactNode {
  const { endpoint } = row
  return (
    <>
      <button type="button" className="link-button entry-name" onClick={() => onEdit(endpoint)}>
        {endpoint.name}
      </button>
      {endpoint.warnings.length === 0 ? null : (
        <span className="entry-warning" title={endpoint.warnings.map((one) => one.message).join('. ')}>
          <WarningIcon />
          <span className="only-heard">{endpoint.warnings.map((one) => one.message).join('. ')}</span>
        </span>
      )}
    </>
  )
}

function AddressCell({ row }: { row: AuthRow }): ReactNode {
  const { addresses, direction, transport, port } = row.endpoint
  return (
    <>
      <code title={addresses.slice(0, 50).join('\n')}>{addressesText(addresses)}</code>
      {direction === 'sends' ? null : (
        <span className="faint entry-port">
          {transport.toUpperCase()} {port ?? (transport === 'tls' ? 5061 : 5060)}
        </span>
      )}
    </>
  )
}

function StatusCell({ row }: { row: AuthRow }): ReactNode {
  const { endpoint, light, targetsText } = row
  if (endpoint.direction === 'sends')
    return (
      <span className="faint">
        {endpoint.state === 'off' ? 'Off' : endpoint.action === 'deny' ? 'Denied' : 'Admitted'}
      </span>
    )
  if (light === undefined) return <span className="faint">…</span>
  return (
    <div className="entry-status">
      <span className="entry-light">
        <StatusLight status={light.status} />{' '}
        <span className="faint">
          <Lasting since={light.since} />
        </span>
      </span>
      <span className="entry-reason">{light.reason}</span>
      {targetsText === undefined ? null : <span className="faint">{targetsText}</span>}
    </div>
  )
}

function ShareCell({ row }: { row: AuthRow }): ReactNode {
  if (row.endpoint.direction === 'sends') return none
  return (
    <>
      {row.share === undefined ? '…' : <Share share={row.share} />}
      <span className="faint entry-weight">
        weight {row.endpoint.weight}
        {row.endpoint.priority > 0 ? `, priority ${row.endpoint.priority}` : ''}
      </span>
    </>
  )
}

const limitOf = (limit: number): number | undefined => (limit === 0 ? undefined : limit)

export const entryColumns = ({ onEdit, onTest }: Actions): DataColumn<AuthRow>[] => [
  { id: 'name', title: 'Name', sort: 'name', cell: (row) => <NameCell row={row} onEdit={onEdit} />, width: '12%' },
  { id: 'addresses', title: 'Address', cell: (row) => <AddressCell row={row} />, width: '13%' },
  {
    id: 'direction',
    title: 'Direction',
    sort: 'direction',
    cell: (row) => <span className="badge">{directionWords[row.endpoint.direction]}</span>,
    width: '5.5rem',
  },
  {
    id: 'status',
    title: 'Status',
    help: 'dr_gw_status: green = active and available for routing; red = inactive, unreachable or failing health checks',
    cell: (row) => <StatusCell row={row} />,
  },
  {
    id: 'share',
    title: 'Share',
    sort: 'weight',
    numeric: true,
    help: 'Part of the calls of this account that come here first, by weight',
    cell: (row) => <ShareCell row={row} />,
    width: '6rem',
  },
  {
    id: 'probe',
    title: 'Last probe',
    cell: (row) => (row.light === undefined ? none : <LastProbe probe={row.light.lastProbe} />),
    width: '7rem',
  },
  {
    id: 'channels',
    title: 'Channels',
    sort: 'channelsMax',
    numeric: true,
    cell: (row) => <Usage used={row.used?.channels ?? 0} limit={limitOf(row.endpoint.channelsMax)} />,
    width: '5.25rem',
  },
  {
    id: 'cps',
    title: 'CPS',
    sort: 'callsPerSecondMax',
    numeric: true,
    help: 'New calls per second',
    cell: (row) => <Usage used={row.used?.callsPerSecond ?? 0} limit={limitOf(row.endpoint.callsPerSecondMax)} />,
    width: '4.5rem',
  },
  {
    id: 'actions',
    title: 'Actions',
    cell: (row) =>
      row.endpoint.direction === 'sends' ? null : (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Test call to ${row.endpoint.name}`}
          onClick={() => onTest(row.endpoint)}
        >
          Test call
        </Button>
      ),
    width: '5.75rem',
  },
]
