// Calls that have ended: newest first, with filters in the address, as CSV, and the question why.
import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { pathWith } from '../kit/api-client.ts'
import { Download } from '../kit/download.tsx'
import { formatClock, formatDay, formatTalk, plural } from '../kit/format.ts'
import { Empty, Page } from '../kit/page.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import './calls.css'
import { OutcomeWord } from './outcome-word.tsx'
import { RecordFilters } from './record-filters.tsx'
import type { RecordRow } from './record-row.ts'
import { callerText, instantOf, lastGateway, recordPath } from './record-row.ts'

const pollMs = 3_000

export const recordColumns: readonly DataColumn<RecordRow>[] = [
  {
    id: 'started',
    title: 'Started',
    width: '7.5rem',
    cell: (record) => (
      <>
        <Link to={recordPath(record.id)}>{formatClock(record.startedAt)}</Link>
        <span className="second-line">{formatDay(record.startedAt)}</span>
      </>
    ),
  },
  {
    id: 'caller',
    title: 'Caller',
    cell: (record) => (
      <>
        {record.callerAccount ?? <span className="faint">unknown</span>}
        <span className="second-line">{callerText(record)}</span>
      </>
    ),
  },
  {
    id: 'destination',
    title: 'Destination and CLI',
    cell: ({ destination, cli }) => (
      <>
        <span className="number">{destination}</span>
        <span className="second-line number">from {cli === '' ? 'no number' : cli}</span>
      </>
    ),
  },
  {
    id: 'gateway',
    title: 'Gateway',
    cell: (record) => {
      const last = lastGateway(record)
      if (last === undefined) return <span className="faint">none</span>
      const others = record.attempts.length - 1
      return (
        <>
          {last.gateway}
          <span className="second-line">
            {last.account}
            {others === 0 ? '' : `, ${plural(others, 'failover')}`}
          </span>
        </>
      )
    },
  },
  {
    id: 'outcome',
    title: 'Outcome',
    width: '12.5rem',
    cell: (record) => <OutcomeWord record={record} />,
  },
  {
    id: 'talk',
    title: 'Talk',
    numeric: true,
    width: '5rem',
    cell: (record) => (record.answeredAt === null ? '–' : formatTalk(record.talkMs)),
  },
  {
    id: 'cost',
    title: 'Cost',
    numeric: true,
    width: '6.5rem',
    cell: ({ cost, costCurrency }) => (cost === null || cost === undefined ? '–' : `${cost} ${costCurrency ?? ''}`),
  },
]

const filterNames = ['account', 'gateway', 'outcome', 'number', 'from', 'to'] as const

export function RecordsPage(): ReactNode {
  const [view, change] = useView()
  const navigate = useNavigate()
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set())
  const filters = Object.fromEntries(filterNames.map((name) => [name, view[name] ?? '']))
  const asked = { ...filters, from: instantOf(filters['from'] ?? ''), to: instantOf(filters['to'] ?? '') }
  const filtered = Object.values(filters).some((value) => value !== '')
  const list = useList<RecordRow>('/call-records', asked, { pollMs })
  const [first, second] = [...selection]
  return (
    <Page
      title="Call records"
      lead="Every call that ended, newest first. Open one to see why it went as it did."
      actions={<Download path={pathWith('/call-records.csv', asked)}>Download as CSV</Download>}
    >
      <RecordFilters filters={filters} change={change} />
      <div className="page-tools">
        {first !== undefined && second !== undefined ? (
          <Button
            size="xs"
            disabled={selection.size !== 2}
            onClick={() => void navigate({ to: recordPath(first), search: { with: second } })}
          >
            Compare the two
          </Button>
        ) : (
          <p className="faint">Mark two calls to compare their traces.</p>
        )}
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'call')}</p>}
      </div>
      <DataTable
        label="Call records"
        columns={recordColumns}
        rows={list.rows}
        rowId={(record) => record.id}
        total={list.total}
        selection={selection}
        onSelect={setSelection}
        onOpen={(record) => void navigate({ to: recordPath(record.id) })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          filtered ? (
            <Empty
              title="No call fits"
              action={
                <Button
                  variant="default"
                  onClick={() => change(Object.fromEntries(filterNames.map((name) => [name, ''])))}
                >
                  Show all
                </Button>
              }
            >
              Account and gateway are whole names or ids; a number is what destination, dialled number or CLI begin
              with.
            </Empty>
          ) : (
            <Empty title="No calls yet" action={<Link to="/simulate">Simulate a call</Link>}>
              Every call leaves a record here when it ends, also those that were refused.
            </Empty>
          )
        }
      />
    </Page>
  )
}
