// The columns of the lists of accounts. What happens now and in the last hour comes with the list.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { DataColumn } from '../kit/data-table.tsx'
import { formatMaybe, formatRatio } from '../kit/format.ts'
import { Lights, Usage } from '../kit/light.tsx'
import type { AccountKind, AccountRow } from './account-row.ts'
import { pathOf } from './account-row.ts'
import { StatusWord } from './status-word.tsx'

const limitOf = (limit: number): number | undefined => (limit === 0 ? undefined : limit)

function NameCell({ row, kind }: { row: AccountRow; kind: AccountKind }): ReactNode {
  return (
    <>
      <Link to={`${pathOf(kind)}/${row.id}/main`}>{row.name}</Link>
      {row.notes === '' ? null : <span className="second-line one-line">{row.notes}</span>}
    </>
  )
}

function Failures({ count }: { count: number }): ReactNode {
  if (count === 0) return '0'
  return <span className={count >= 50 ? 'bad-number' : undefined}>{formatMaybe(count)}</span>
}

const name = (kind: AccountKind): DataColumn<AccountRow> => ({
  id: 'name',
  title: 'Name',
  sort: 'name',
  cell: (row) => <NameCell row={row} kind={kind} />,
})

const status: DataColumn<AccountRow> = {
  id: 'status',
  title: 'Status',
  sort: 'status',
  width: '6.75rem',
  cell: (row) => <StatusWord status={row.status} suspension={row.suspension} />,
}

const lights: DataColumn<AccountRow> = {
  id: 'lights',
  title: 'Gateways',
  width: '5.75rem',
  help: 'Gateways that are green and red',
  cell: ({ summary }) => (summary === undefined ? '–' : <Lights {...summary.lights} />),
}

const credit: DataColumn<AccountRow> = {
  id: 'balance',
  title: 'Credit',
  numeric: true,
  width: '6.5rem',
  help: 'Completed payments minus the cost of calls',
  cell: ({ summary, currency }) =>
    summary === undefined ? (
      '–'
    ) : (
      <span className={summary.balance.startsWith('-') ? 'bad-number' : undefined}>
        {summary.balance} <span className="faint">{currency}</span>
      </span>
    ),
}

const channels: DataColumn<AccountRow> = {
  id: 'channels',
  title: 'Channels',
  numeric: true,
  sort: 'channelsMax',
  width: '5.75rem',
  cell: ({ summary, channelsMax }) => <Usage used={summary?.channels ?? 0} limit={limitOf(channelsMax)} />,
}

const callsPerSecond: DataColumn<AccountRow> = {
  id: 'cps',
  title: 'Calls/s',
  numeric: true,
  sort: 'callsPerSecondMax',
  width: '4.75rem',
  cell: ({ summary, callsPerSecondMax }) => (
    <Usage used={summary?.callsPerSecond ?? 0} limit={limitOf(callsPerSecondMax)} />
  ),
}

const figures: readonly DataColumn<AccountRow>[] = [
  {
    id: 'asr',
    title: 'ASR',
    numeric: true,
    width: '3.75rem',
    help: 'Answer-seizure ratio of the last hour',
    cell: ({ summary }) => formatRatio(summary?.asr),
  },
  {
    id: 'acd',
    title: 'ACD',
    numeric: true,
    width: '4.25rem',
    help: 'Average duration of answered calls in the last hour',
    cell: ({ summary }) => formatMaybe(summary?.acdSeconds, 's'),
  },
  {
    id: 'pdd',
    title: 'PDD',
    numeric: true,
    width: '5rem',
    help: 'Post-dial delay: until it rings, average of the last hour',
    cell: ({ summary }) => formatMaybe(summary?.pddMs, 'ms'),
  },
]

const failures: DataColumn<AccountRow> = {
  id: 'failures',
  title: 'Failures',
  numeric: true,
  width: '5.25rem',
  help: 'Calls in a row that failed; from 50 on it gets few calls (backoff)',
  cell: (row) => <Failures count={row.consecutiveFailures} />,
}

export const accountColumns = (kind: AccountKind): readonly DataColumn<AccountRow>[] => [
  name(kind),
  status,
  ...(kind === 'carrier' ? [lights] : []),
  credit,
  channels,
  callsPerSecond,
  ...figures,
  failures,
]
