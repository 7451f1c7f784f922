// All routes: which numbers go where.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { RouteItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatShare, plural } from '../kit/format.ts'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { whyNot } from '../session.ts'
import { fromText, sharesOf, targetName, targetWords } from './route-draft.ts'
import { RouteEditor } from './route-editor.tsx'
import './routes.css'

function Targets({ route }: { route: RouteItem }): ReactNode {
  const shares = sharesOf(route.targets)
  const best = Math.min(...route.targets.map(({ priority }) => priority))
  const rows = route.targets.map((target, at) => ({ target, share: shares[at] ?? 0, key: `${at}` }))
  return (
    <ul className="route-targets">
      {rows.map(({ target, share, key }) => (
        <li key={key}>
          <span>{targetName(target)}</span>
          <span className="faint">
            {targetWords(target)}, {formatShare(share)}
            {target.priority === best ? '' : ` of what fails over to priority ${target.priority}`}
          </span>
        </li>
      ))}
    </ul>
  )
}

const columnsWith = (open: (route: RouteItem) => void): readonly DataColumn<RouteItem>[] => [
  {
    id: 'prefix',
    title: 'Number begins with',
    sort: 'prefix',
    width: '12rem',
    cell: (route) => (
      <button type="button" className="link-button" onClick={() => open(route)}>
        {route.prefix === '' ? 'any number' : route.prefix}
      </button>
    ),
  },
  { id: 'from', title: 'Calls from', width: '14rem', cell: (route) => fromText(route.from) },
  { id: 'targets', title: 'Go to', cell: (route) => <Targets route={route} /> },
  {
    id: 'limits',
    title: 'Limits',
    width: '12rem',
    cell: ({ channelsMax, callsPerSecondMax }) =>
      [
        channelsMax === 0 ? '' : plural(channelsMax, 'channel'),
        callsPerSecondMax === 0 ? '' : `${callsPerSecondMax} calls/s`,
      ]
        .filter((text) => text !== '')
        .join(', ') || <span className="faint">none</span>,
  },
  { id: 'enabled', title: 'State', sort: 'enabled', width: '6rem', cell: ({ enabled }) => (enabled ? 'on' : 'off') },
]

export function RoutesPage({ me }: { me: Me }): ReactNode {
  const [view, change] = useView()
  const [edited, setEdited] = useState<RouteItem | 'new'>()
  const [columns] = useState(() => columnsWith(setEdited))
  const { search = '', sort = 'prefix' } = view
  const list = useList<RouteItem>('/routes', { search, sort })
  const denied = whyNot(me, 'POST /routes')
  const newButton = (
    <Button disabled={denied !== undefined} title={denied} onClick={() => setEdited('new')}>
      New route
    </Button>
  )
  return (
    <Page
      title="Routes"
      lead="The longest prefix wins. A call never goes back to the account it came from."
      actions={newButton}
    >
      <div className="page-tools">
        <SearchBox label="Search routes" value={search} onChange={(text) => change({ search: text })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'route')}</p>}
      </div>
      <DataTable
        label="Routes"
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        onOpen={setEdited}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          search === '' ? (
            <Empty title="No routes yet" action={newButton}>
              Without a route every call is refused with 404. One route for all numbers is enough to begin with; it
              needs a <Link to="/carriers">carrier</Link>.
            </Empty>
          ) : (
            <Empty title="No route fits">Nothing of that prefix or name.</Empty>
          )
        }
      />
      {edited === undefined ? null : (
        <RouteEditor me={me} route={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </Page>
  )
}
