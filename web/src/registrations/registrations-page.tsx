// Registrations in both directions: ours at carriers, and the devices of SIP users here.
import type { ReactNode } from 'react'
import type { RegistrationItem } from '../../../src/contract/api-live.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { SelectField } from '../kit/form-field.tsx'
import { plural } from '../kit/format.ts'
import { Lasting } from '../kit/light.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { StateWord } from '../kit/state-word.tsx'
import type { StateTone } from '../kit/state-word.tsx'
import { Until } from '../kit/until.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'

const pollMs = 3_000

type State = RegistrationItem['state']

const states: Readonly<Record<State, { readonly tone: StateTone; readonly word: string }>> = {
  registered: { tone: 'good', word: 'Registered' },
  registering: { tone: 'waiting', word: 'Registering' },
  ending: { tone: 'waiting', word: 'Ending' },
  ended: { tone: 'quiet', word: 'Ended' },
  failing: { tone: 'bad', word: 'Failing' },
  refused: { tone: 'bad', word: 'Refused' },
}

const columns: readonly DataColumn<RegistrationItem>[] = [
  {
    id: 'state',
    title: 'State',
    sort: 'state',
    width: '8rem',
    cell: ({ state }) => <StateWord tone={states[state].tone}>{states[state].word}</StateWord>,
  },
  {
    id: 'name',
    title: 'Who',
    sort: 'name',
    cell: ({ name, account }) => (
      <>
        {name}
        <span className="second-line">{account}</span>
      </>
    ),
  },
  {
    id: 'direction',
    title: 'Direction',
    sort: 'direction',
    width: '9rem',
    cell: ({ direction }) => (direction === 'out' ? 'we at a carrier' : 'a device here'),
  },
  {
    id: 'contact',
    title: 'Registrar and contact',
    cell: ({ registrar, contact }) => (
      <>
        {registrar}
        <code className="second-line">{contact}</code>
      </>
    ),
  },
  { id: 'reason', title: 'Reason', cell: ({ reason }) => reason },
  { id: 'since', title: 'Since', sort: 'since', width: '7rem', cell: ({ since }) => <Lasting since={since} /> },
  {
    id: 'ends',
    title: 'Expires',
    sort: 'expiresAt',
    width: '7rem',
    cell: ({ expiresAt }) => <Until at={expiresAt} none="–" />,
  },
  {
    id: 'next',
    title: 'Next try',
    width: '7rem',
    help: 'When we refresh the registration or try again',
    cell: ({ nextAt }) => <Until at={nextAt} none="–" />,
  },
]

const directions = [
  { value: '', label: 'Both directions' },
  { value: 'out', label: 'We at carriers' },
  { value: 'in', label: 'Devices here' },
] as const

export function RegistrationsPage(): ReactNode {
  const [view, change] = useView()
  const { search = '', direction = '', sort = 'account' } = view
  const list = useList<RegistrationItem>('/registrations', { search, direction, sort }, { pollMs })
  const filtered = search !== '' || direction !== ''
  return (
    <Page
      title="Registrations"
      lead="Where we are registered as a customer of a carrier, and which devices are registered here."
    >
      <div className="page-tools">
        <SearchBox label="Search registrations" value={search} onChange={(text) => change({ search: text })} />
        <SelectField
          label="Direction"
          value={direction}
          options={directions}
          onChange={(value) => change({ direction: value })}
        />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'registration')}</p>}
      </div>
      <DataTable
        label="Registrations"
        columns={columns}
        rows={list.rows}
        rowId={(row) => `${row.direction} ${row.endpointId} ${row.contact}`}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        tone={({ state }) => (states[state].tone === 'bad' ? 'red' : undefined)}
        empty={
          filtered ? (
            <Empty title="No registration fits">
              Nothing of this name, account, contact or direction is registered.
            </Empty>
          ) : (
            <Empty title="No registrations">
              We register at a carrier when one of its gateways has Register switched on. A device appears here when it
              registers with the name and password of a SIP user.
            </Empty>
          )
        }
      />
    </Page>
  )
}
