// Calls as they are now. A call can be looked at and ended.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { CallItem } from '../../../src/contract/api-live.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatTalk, plural } from '../kit/format.ts'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { useTicking } from '../kit/ticking.ts'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { CallDialog } from './call-dialog.tsx'
import './calls.css'

const pollMs = 2_000

function Running({ since }: { since: string }): ReactNode {
  const at = Date.parse(since)
  return useTicking(() => formatTalk(Date.now() - at))
}

const columnsWith = (open: (call: CallItem) => void): readonly DataColumn<CallItem>[] => [
  {
    id: 'destination',
    title: 'Destination',
    sort: 'destination',
    cell: (call) => (
      <>
        <button type="button" className="link-button" onClick={() => open(call)}>
          {call.destination === '' ? 'no number' : call.destination}
        </button>
        {call.dialled === call.destination ? null : <span className="second-line">dialled {call.dialled}</span>}
      </>
    ),
  },
  { id: 'cli', title: 'CLI', sort: 'cli', cell: (call) => call.cli },
  {
    id: 'caller',
    title: 'Caller',
    sort: 'callerAccount',
    cell: (call) => (
      <>
        {call.callerAccount}
        <span className="second-line">{call.callerSipUser ?? call.callerEndpoint ?? call.source}</span>
      </>
    ),
  },
  {
    id: 'gateway',
    title: 'Gateway',
    sort: 'gateway',
    cell: (call) => call.gateway ?? <span className="faint">none yet</span>,
  },
  { id: 'state', title: 'State', sort: 'state', width: '9rem', cell: (call) => call.state },
  {
    id: 'duration',
    title: 'Duration',
    sort: 'startedAt',
    numeric: true,
    reversed: true,
    width: '6.5rem',
    cell: (call) => <Running since={call.startedAt} />,
  },
  {
    id: 'talk',
    title: 'Talk',
    sort: 'answeredAt',
    numeric: true,
    reversed: true,
    width: '6rem',
    cell: (call) => (call.answeredAt === null ? '–' : <Running since={call.answeredAt} />),
  },
]

export function LiveCallsPage({ me }: { me: Me }): ReactNode {
  const [view, change] = useView()
  const [chosen, setChosen] = useState<CallItem>()
  const [columns] = useState(() => columnsWith(setChosen))
  const { search = '', sort = '-startedAt' } = view
  const list = useList<CallItem>('/calls', { search, sort }, { pollMs })
  return (
    <Page title="Live calls" lead="Every call that holds a channel now.">
      <div className="page-tools">
        <SearchBox label="Search live calls" value={search} onChange={(text) => change({ search: text })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'call')}</p>}
      </div>
      <DataTable
        label="Live calls"
        columns={columns}
        rows={list.rows}
        rowId={(call) => call.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        onOpen={setChosen}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          search === '' ? (
            <Empty
              title="No call at the moment"
              action={
                <Button component={Link} to="/simulate" variant="default">
                  Simulate a call
                </Button>
              }
            >
              Calls appear here by themselves. What ended is in the <Link to="/records">call records</Link>.
            </Empty>
          ) : (
            <Empty title="No call fits">No live call has this number, account or gateway.</Empty>
          )
        }
      />
      {chosen === undefined ? null : <CallDialog me={me} call={chosen} onClose={() => setChosen(undefined)} />}
    </Page>
  )
}
