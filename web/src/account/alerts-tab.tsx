// Alerts: what was raised, the rules of the account, and a test of who is told.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { AlertItem } from '../../../src/contract/api-alerts.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatInstant } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { Empty } from '../kit/page.tsx'
import { StateWord } from '../kit/state-word.tsx'
import { useList } from '../kit/use-list.ts'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'
import { AccountForm } from './account-form.tsx'
import type { AccountTabProps } from './account-page.tsx'
import type { FieldSpec } from './form-model.ts'

const fields: readonly FieldSpec[] = [{ path: 'alerts', label: 'Alerts', tab: 'Alerts', kind: 'own', usual: [] }]

type Delivery = AlertItem['deliveries'][number]

const deliveryText = ({ to, ok, detail }: Delivery): string => `${ok ? 'told' : 'failed'}: ${to} (${detail})`

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
      {account.alerts.length === 0 ? null : <TestAlerts {...props} />}
    </>
  )
}

function TestAlerts({ account, me }: AccountTabProps): ReactNode {
  const [told, setTold] = useState<readonly Delivery[]>()
  const save = useSave<{ deliveries: Delivery[] }>()
  const denied = whyNot(me, 'POST /alerts/test')
  const test = async (name: string): Promise<void> => {
    setTold(undefined)
    const answer = await save.run({ method: 'POST', path: '/alerts/test', body: { accountId: account.id, name } })
    if (answer?.kind === 'value') setTold(answer.value.deliveries)
  }
  return (
    <section className="panel" aria-label="Test an alert">
      <h2>Test an alert</h2>
      <p className="faint">Sends what the saved rule would send, marked as a test. Nothing is raised.</p>
      <div className="rows-add">
        {account.alerts.map(({ name }) => (
          <Button
            key={name}
            size="xs"
            variant="default"
            loading={save.busy}
            disabled={denied !== undefined}
            title={denied}
            onClick={() => void test(name)}
          >
            Test {name}
          </Button>
        ))}
      </div>
      <ProblemNotice problem={save.problem} />
      {told === undefined ? null : told.length === 0 ? (
        <Notice tone="amber">This rule tells nobody: it has no e-mail address and no webhook.</Notice>
      ) : (
        told.map((one) => (
          <Notice key={one.to} tone={one.ok ? 'green' : 'red'}>
            {deliveryText(one)}
          </Notice>
        ))
      )}
    </section>
  )
}
