// Latest calls: those that run now, and the last that ended. Records: all that ended.
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { RecordRow } from '../calls/record-row.ts'
import { recordPath } from '../calls/record-row.ts'
import { recordColumns } from '../calls/records-page.tsx'
import { pathWith } from '../kit/api-client.ts'
import { DataTable } from '../kit/data-table.tsx'
import { Download } from '../kit/download.tsx'
import { plural } from '../kit/format.ts'
import { Empty } from '../kit/page.tsx'
import { useList } from '../kit/use-list.ts'
import type { AccountTabProps } from './account-page.tsx'

const latestMax = 25
const pollMs = 3_000

export function LatestCallsTab({ account }: AccountTabProps): ReactNode {
  const list = useList<RecordRow>('/call-records', { account: account.id }, { pollMs, pageItems: latestMax })
  return (
    <section className="auth-part" aria-label="Latest calls">
      <p className="faint">
        The last {latestMax} calls from or to this account, newest first, as they end. Those that run now are under{' '}
        <Link to="/calls" search={{ search: account.name }}>
          Live calls
        </Link>
        .
      </p>
      <RecordTable rows={list.rows.slice(0, latestMax)} list={list} label="Latest calls" />
    </section>
  )
}

export function RecordsTab({ account }: AccountTabProps): ReactNode {
  const list = useList<RecordRow>('/call-records', { account: account.id })
  return (
    <section className="auth-part" aria-label="Records">
      <div className="auth-head">
        <p className="faint">{list.total === undefined ? '' : plural(list.total, 'call')}</p>
        <Link to="/records" search={{ account: account.name }}>
          Filter by number, gateway, outcome and time
        </Link>
        <div className="auth-buttons">
          <Download path={pathWith('/call-records.csv', { account: account.id })}>Download as CSV</Download>
        </div>
      </div>
      <RecordTable rows={list.rows} list={list} label="Records" onMore={list.more} />
    </section>
  )
}

interface TableProps {
  readonly rows: readonly RecordRow[]
  readonly list: Pick<ReturnType<typeof useList>, 'loading' | 'problem' | 'total'>
  readonly label: string
  readonly onMore?: () => void
}

function RecordTable({ rows, list, label, onMore }: TableProps): ReactNode {
  const navigate = useNavigate()
  return (
    <DataTable
      label={label}
      columns={recordColumns}
      rows={rows}
      rowId={(record) => record.id}
      total={list.total}
      onOpen={(record) => void navigate({ to: recordPath(record.id) })}
      loading={list.loading}
      problem={list.problem}
      {...(onMore === undefined ? {} : { onMore })}
      empty={<Empty title="No calls yet">Every call from or to this account leaves a record here when it ends.</Empty>}
    />
  )
}
