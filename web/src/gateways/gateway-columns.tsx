// The columns of the board: what each gateway is, its light with the reason, its share and its use.
import type { DataColumn } from '../kit/data-table.tsx'
import { LastProbe, Lasting, Share, StatusLight, Usage } from '../kit/light.tsx'
import type { Gateway } from './gateway.ts'
import { ProbeButton } from './probe-button.tsx'

const columns: readonly DataColumn<Gateway>[] = [
  {
    id: 'gateway',
    title: 'Gateway',
    sort: 'name',
    width: '11.5rem',
    cell: (gateway) => (
      <>
        <strong className="gateway-name">{gateway.name}</strong>
        <code className="second-line">{gateway.target}</code>
      </>
    ),
  },
  { id: 'carrier', title: 'Carrier', sort: 'carrier', width: '8.5rem', cell: (gateway) => gateway.carrier },
  {
    id: 'status',
    title: 'Status',
    sort: 'status',
    width: '6.75rem',
    help: 'dr_gw_status: green = active and available for routing; red = inactive, unreachable or failing health checks',
    cell: (gateway) => (
      <>
        <StatusLight status={gateway.status} />
        <span className="second-line">
          <Lasting since={gateway.since} />
        </span>
      </>
    ),
  },
  { id: 'reason', title: 'Reason', cell: (gateway) => gateway.reason },
  {
    id: 'probe',
    title: 'Last probe',
    width: '7.25rem',
    cell: (gateway) => <LastProbe probe={gateway.lastProbe} />,
  },
  {
    id: 'share',
    title: 'Share',
    sort: 'share',
    numeric: true,
    width: '4.5rem',
    help: 'Part of the calls of its carrier that come here first, by weight',
    cell: (gateway) => <Share share={gateway.share} />,
  },
  {
    id: 'channels',
    title: 'Channels',
    sort: 'channels',
    numeric: true,
    width: '5rem',
    cell: (gateway) => <Usage used={gateway.channels} limit={gateway.channelsMax} />,
  },
  {
    id: 'cps',
    title: 'Calls/s',
    sort: 'callsPerSecond',
    numeric: true,
    width: '4.25rem',
    cell: (gateway) => <Usage used={gateway.callsPerSecond} limit={gateway.callsPerSecondMax} />,
  },
]

const actions: DataColumn<Gateway> = {
  id: 'actions',
  title: 'Probe',
  width: '4rem',
  cell: (gateway) => <ProbeButton gateway={gateway} />,
}

export const gatewayColumns = (mayProbe: boolean): readonly DataColumn<Gateway>[] =>
  mayProbe ? [...columns, actions] : columns
