// Alerts: what was raised, the rules of the account, and a test of who is told.
import type { ReactNode } from 'react'
import type { AlertItem } from '../../../src/contract/api-alerts.ts'
import { deliveryText, TestAlerts } from '../alerts/test-alerts.tsx'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatInstant } from '../kit/format.ts'
import { Empty } from '../kit/page.tsx'
import { StateWord } from '../kit/state-word.tsx'
import { useList } from '../kit/use-list.ts'
import { AccountForm } from './account-form.tsx'
import type { AccountTabProps } from './account-page.tsx'
import type { FieldSpec } from './form-model.ts'

const fields: readonly FieldSpec[] = [{ path: 'alerts', label: 'Alerts', tab: 'Alerts', kind: 'own', usual: [] }]

const columns: readonly DataColumn<AlertItem>[] = [
  {
    id: 'state',
    title: 'State',
    width: '6.5rem',
    cell: ({ state }) => (
      <StateWord tone={state === 'open' ? 'bad' : 'quiet'}>{state === 'open' ? 'Open' : 'Over'}</StateWord>
    ),
  },
  {
    id: 'text',
    title: 'What',
    cell: ({ name, text }) => (
      <>
        {text}
        <span className="second-line">{name}</span>
      </>
    ),
  },
  { id: 'opened', title: 'Raised', width: '11rem', cell: ({ openedAt }) => formatInstant(openedAt) },
  {
    id: 'closed',
    title: 'Over',
    width: '11rem',
    cell: ({ closedAt }) => (closedAt === null ? '–' : formatInstant(closedAt)),
  },
  {
    id: 'deliveries',
    title: 'Told',
    cell: ({ deliveries }) =>
      deliveries.length === 0 ? (
        <span className="faint">nobody</span>
      ) : (
        deliveries.map((one) => (
          <span key={`${one.to} ${one.event}`} className="second-line">
            {one.event}, {deliveryText(one)}
          </span>
        ))
      ),
  },
]

const pollMs = 5_000

export function AlertsTab(props: AccountTabProps): ReactNode {
  const { account } = props
  const list = useList<AlertItem>('/alerts', { account: account.id }, { pollMs })
  return (
    <>
      <section className="auth-part" aria-labelledby="alert-history">
        <h2 id="alert-history" className="part-title">
          History
        </h2>
        <DataTable
          label="Alerts"
          columns={columns}
          rows={list.rows}
          rowId={(row) => row.id}
          total={list.total}
          loading={list.loading}
          problem={list.problem}
          onMore={list.more}
          tone={(row) => (row.state === 'open' ? 'red' : undefined)}
          empty={<Empty title="No alert was raised">What a rule finds appears here, with whom it told.</Empty>}
        />
      </section>
      <AccountForm {...props} title="Alert rules" fields={fields} action="Save alerts" />
      {account.alerts.length === 0 ? null : (
        <TestAlerts names={account.alerts.map(({ name }) => name)} accountId={account.id} me={props.me} />
      )}
    </>
  )
}
