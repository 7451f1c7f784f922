// All limits with what is used of them: what is full first, and the calls behind a number.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { LimitItem } from '../../../src/contract/api-live.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { SelectField } from '../kit/form-field.tsx'
import { fillOf, formatShare, plural } from '../kit/format.ts'
import { Usage } from '../kit/light.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { CallsBehind } from './calls-behind.tsx'
import { kindWord, limitName, limitOwner, limitPlace } from './limit-words.ts'

const pollMs = 3_000

const columnsWith = (show: (limit: LimitItem) => void): readonly DataColumn<LimitItem>[] => [
  {
    id: 'name',
    title: 'Whose',
    sort: 'name',
    cell: (row) => (
      <>
        <LimitLink limit={row} />
        {row.scope === 'system' ? null : <span className="second-line">{limitOwner(row)}</span>}
      </>
    ),
  },
  { id: 'kind', title: 'Limit of', sort: 'kind', width: '10rem', cell: ({ kind }) => kindWord(kind) },
  {
    id: 'used',
    title: 'Used',
    sort: 'used',
    numeric: true,
    width: '11rem',
    cell: ({ used, limit }) => <Usage used={used} limit={limit} />,
  },
  {
    id: 'fill',
    title: 'Full',
    sort: 'fill',
    numeric: true,
    width: '6rem',
    cell: ({ used, limit }) =>
      limit === 0 ? <span className="faint">no limit</span> : formatShare(fillOf(used, limit)),
  },
  {
    id: 'calls',
    title: 'Calls behind it',
    width: '10rem',
    cell: (row) =>
      row.kind !== 'channels' || row.calls.length === 0 ? (
        <span className="faint">{row.kind === 'channels' ? 'none' : '–'}</span>
      ) : (
        <button type="button" className="link-button" onClick={() => show(row)}>
          {plural(row.used, 'call')}
        </button>
      ),
  },
]

function LimitLink({ limit }: { limit: LimitItem }): ReactNode {
  const place = limitPlace(limit)
  return place === undefined ? limitName(limit) : <Link {...place}>{limitName(limit)}</Link>
}

const shows = [
  { value: '', label: 'With a limit' },
  { value: 'all', label: 'All, also unlimited' },
] as const

const scopes = [
  { value: '', label: 'Any kind' },
  { value: 'system', label: 'Whole system' },
  { value: 'account', label: 'Carriers and customers' },
  { value: 'endpoint', label: 'IP authentication' },
  { value: 'sipUser', label: 'SIP users' },
  { value: 'route', label: 'Routes' },
] as const

export function LimitsPage(): ReactNode {
  const [view, change] = useView()
  const [shown, setShown] = useState<LimitItem>()
  const [columns] = useState(() => columnsWith(setShown))
  const { search = '', scope = '', show = '', sort = '-fill' } = view
  const params = { search, scope, sort, ...(show === 'all' ? {} : { limited: true }) }
  const list = useList<LimitItem>('/limits', params, { pollMs })
  const filtered = search !== '' || scope !== ''
  return (
    <Page
      title="Limits"
      lead="What is full comes first. A call that finds no room is refused with 503, or goes to the next gateway."
    >
      <div className="page-tools">
        <SearchBox label="Search limits" value={search} onChange={(text) => change({ search: text })} />
        <SelectField label="Whose" value={scope} options={scopes} onChange={(value) => change({ scope: value })} />
        <SelectField label="Show" value={show} options={shows} onChange={(value) => change({ show: value })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'limit')}</p>}
      </div>
      <DataTable
        label="Limits"
        columns={columns}
        rows={list.rows}
        rowId={(row) => `${row.scope} ${row.id} ${row.kind}`}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        tone={({ used, limit }) => (limit > 0 && used >= limit ? 'amber' : undefined)}
        empty={
          filtered ? (
            <Empty title="No limit fits">Nothing of this name has a limit.</Empty>
          ) : (
            <Empty title="Nothing is limited">
              Channels and calls per second are limited at <Link to="/carriers">carriers</Link>,{' '}
              <Link to="/customers">customers</Link>, their entries and SIP users, and for the{' '}
              <Link to="/system">whole system</Link>.
            </Empty>
          )
        }
      />
      {shown === undefined ? null : <CallsBehind limit={shown} onClose={() => setShown(undefined)} />}
    </Page>
  )
}
