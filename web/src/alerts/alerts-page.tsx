// All alerts: those that last, those that are over, and whether telling somebody has worked.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { AlertItem } from '../../../src/contract/api-alerts.ts'
import { kindWords } from '../account/alert-words.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { SelectField } from '../kit/form-field.tsx'
import { plural } from '../kit/format.ts'
import { Age, Lasting } from '../kit/light.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { StateWord } from '../kit/state-word.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { AlertDialog } from './alert-dialog.tsx'
import { AlertTabs } from './alert-tabs.tsx'

const pollMs = 3_000

function Told({ deliveries }: Pick<AlertItem, 'deliveries'>): ReactNode {
  if (deliveries.length === 0) return <span className="faint">nobody</span>
  const failed = deliveries.filter(({ ok }) => !ok).length
  if (failed === 0) return plural(deliveries.length, 'message')
  return (
    <StateWord tone="bad">
      {failed} of {deliveries.length} failed
    </StateWord>
  )
}

const columnsWith = (open: (alert: AlertItem) => void): readonly DataColumn<AlertItem>[] => [
  {
    id: 'state',
    title: 'State',
    width: '7rem',
    cell: ({ state, openedAt }) => (
      <>
        <StateWord tone={state === 'open' ? 'bad' : 'quiet'}>{state === 'open' ? 'Open' : 'Over'}</StateWord>
        {state === 'open' ? (
          <span className="second-line">
            <Lasting since={openedAt} />
          </span>
        ) : null}
      </>
    ),
  },
  {
    id: 'what',
    title: 'What',
    cell: (alert) => (
      <>
        <button type="button" className="link-button" onClick={() => open(alert)}>
          {alert.text}
        </button>
        <span className="second-line">
          {alert.name} ({kindWords[alert.kind].label})
        </span>
      </>
    ),
  },
  {
    id: 'account',
    title: 'Account',
    width: '10rem',
    cell: ({ account, accountId, accountKind }) => (
      <>
        <Link to={`/${accountKind}s/${accountId}/alerts`}>{account}</Link>
        <span className="second-line">{accountKind}</span>
      </>
    ),
  },
  { id: 'opened', title: 'Raised', width: '8rem', cell: ({ openedAt }) => <Age at={openedAt} /> },
  {
    id: 'closed',
    title: 'Over',
    width: '7.5rem',
    cell: ({ closedAt }) => (closedAt === null ? '–' : <Age at={closedAt} />),
  },
  { id: 'told', title: 'Told', width: '9rem', cell: ({ deliveries }) => <Told deliveries={deliveries} /> },
]

const states = [
  { value: '', label: 'Open and over' },
  { value: 'open', label: 'Open' },
  { value: 'closed', label: 'Over' },
] as const

export function AlertsPage(): ReactNode {
  const [view, change] = useView()
  const [opened, setOpened] = useState<AlertItem>()
  const [columns] = useState(() => columnsWith(setOpened))
  const { search = '', state = '' } = view
  const list = useList<AlertItem>('/alerts', { search, state }, { pollMs })
  const filtered = search !== '' || state !== ''
  const present = list.rows.find(({ id }) => id === opened?.id) ?? opened
  return (
    <Page title="Alerts" lead="What a rule has found: raised once, over once, with everybody who was told.">
      <AlertTabs chosen="raised" />
      <div className="page-tools">
        <SearchBox label="Search alerts" value={search} onChange={(text) => change({ search: text })} />
        <SelectField label="State" value={state} options={states} onChange={(value) => change({ state: value })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'alert')}</p>}
      </div>
      <DataTable
        label="Alerts"
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        total={list.total}
        onOpen={setOpened}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        tone={(row) => (row.state === 'open' ? 'red' : undefined)}
        empty={
          filtered ? (
            <Empty
              title="No alert fits"
              action={
                <Button variant="default" onClick={() => change({ search: '', state: '' })}>
                  Show all
                </Button>
              }
            >
              No alert with this text and state was raised.
            </Empty>
          ) : (
            <Empty title="No alert was raised" action={<Link to="/alerts/rules">Rules for all accounts</Link>}>
              Rules stand at each carrier and customer, and for all of them together.
            </Empty>
          )
        }
      />
      {present === undefined ? null : <AlertDialog alert={present} onClose={() => setOpened(undefined)} />}
    </Page>
  )
}
