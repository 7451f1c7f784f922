// All IP authentication entries, of carriers and customers: who may call from where, and which gateways get calls.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useCallback, useMemo, useState } from 'react'
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import type { AuthRow } from '../account/auth-rows.ts'
import { authRowOf } from '../account/auth-rows.ts'
import { entryColumns } from '../account/entry-columns.tsx'
import type { Opened } from '../account/entry-section.tsx'
import { OpenedWindow } from '../account/entry-section.tsx'
import { useGatewaysById, useUsed } from '../account/live-use.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { SelectField } from '../kit/form-field.tsx'
import { plural } from '../kit/format.ts'
import { Empty, Page } from '../kit/page.tsx'
import { FilterField, SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'

const directions = [
  { value: '', label: 'Any direction' },
  { value: 'receives', label: 'Receives' },
  { value: 'sends', label: 'Sends' },
  { value: 'both', label: 'Both' },
] as const

const states = [
  { value: '', label: 'Any state' },
  { value: 'on', label: 'On' },
  { value: 'drain', label: 'Drain' },
  { value: 'off', label: 'Off' },
] as const

const accountColumn: DataColumn<AuthRow> = {
  id: 'account',
  title: 'Account',
  sort: 'account',
  width: '12%',
  cell: ({ endpoint }) => (
    <>
      <Link to={`/${endpoint.accountKind}s/${endpoint.accountId}/auth`}>{endpoint.account}</Link>
      <span className="second-line">{endpoint.accountKind}</span>
    </>
  ),
}

/** Name, account, then the rest as on the page of an account; the last probe stands there. */
function columnsWith(open: (opened: Opened) => void): readonly DataColumn<AuthRow>[] {
  const [name, ...rest] = entryColumns({
    onEdit: (endpoint) => open({ kind: 'edit', endpoint }),
    onTest: (endpoint) => open({ kind: 'test', endpoint }),
  })
  return [...(name === undefined ? [] : [name]), accountColumn, ...rest.filter(({ id }) => id !== 'probe')]
}

export function EndpointsPage({ me }: { me: Me }): ReactNode {
  const [view, change] = useView()
  const [opened, setOpened] = useState<Opened>()
  const { search = '', direction = '', state = '', contains = '', sort = 'name' } = view
  const list = useList<EndpointItem>('/endpoints', { search, direction, state, contains, sort })
  const gateways = useGatewaysById()
  const used = useUsed('endpoint')
  const rows = useMemo(
    () => list.rows.map((endpoint) => authRowOf(endpoint, gateways, used)),
    [list.rows, gateways, used],
  )
  const [columns] = useState(() => columnsWith(setOpened))
  const setContains = useCallback((text: string) => change({ contains: text }), [change])
  const filtered = search + direction + state + contains !== ''
  const owner = opened !== undefined && 'endpoint' in opened ? opened.endpoint : undefined
  const [last, setLast] = useState<EndpointItem>()
  if (owner !== undefined && owner !== last) setLast(owner)
  return (
    <Page
      title="IP authentication"
      lead="Every entry of every account: authorised sources, and gateways that get calls."
    >
      <div className="page-tools">
        <SearchBox label="Search entries" value={search} onChange={(text) => change({ search: text })} />
        <SelectField
          label="Direction"
          value={direction as ''}
          options={directions}
          onChange={(value) => change({ direction: value })}
        />
        <SelectField
          label="State"
          value={state as ''}
          options={states}
          onChange={(value) => change({ state: value })}
        />
        <FilterField label="Contains address" value={contains} onChange={setContains} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'entry', 'entries')}</p>}
      </div>
      <DataTable
        label="IP authentication"
        columns={columns}
        rows={rows}
        rowId={(row) => row.endpoint.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        onOpen={(row) => setOpened({ kind: 'edit', endpoint: row.endpoint })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        tone={(row) => (row.light?.status === 'red' ? 'red' : undefined)}
        empty={filtered ? <Empty title="No entry fits">Nothing has this name, address or note.</Empty> : <NoEntries />}
      />
      {last === undefined ? null : (
        <OpenedWindow
          me={me}
          kind={last.accountKind}
          path={`/${last.accountKind}s/${last.accountId}`}
          accountName={last.account}
          opened={opened}
          setOpened={setOpened}
        />
      )}
    </Page>
  )
}

const NoEntries = (): ReactNode => (
  <Empty
    title="No entries yet"
    action={
      <>
        <Link to="/carriers">Carriers</Link>
        <Link to="/customers">Customers</Link>
      </>
    }
  >
    Addresses belong to a carrier or a customer: open one and paste them on its Auth page.
  </Empty>
)
