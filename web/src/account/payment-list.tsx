// Payments of an account: entered, confirmed, cancelled; never removed.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { PaymentItem } from '../../../src/contract/api-money.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { FormDialog } from '../kit/form-dialog.tsx'
import { errorsAt, SelectField, TextField } from '../kit/form-field.tsx'
import { formatInstant } from '../kit/format.ts'
import { ProblemNotice } from '../kit/notice.tsx'
import { Empty } from '../kit/page.tsx'
import { StateWord } from '../kit/state-word.tsx'
import { useList } from '../kit/use-list.ts'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'
import type { AccountTabProps } from './account-page.tsx'

const tones = { completed: 'good', pending: 'waiting', cancelled: 'quiet' } as const
const titles = { completed: 'Completed', pending: 'Pending', cancelled: 'Cancelled' } as const

type Status = PaymentItem['status']

interface ChangeProps {
  readonly denied: string | undefined
  readonly onChange: (payment: PaymentItem, status: Status) => void
}

const columnsWith = ({ denied, onChange }: ChangeProps): DataColumn<PaymentItem>[] => [
  { id: 'at', title: 'When', width: '11rem', cell: ({ createdAt }) => formatInstant(createdAt) },
  { id: 'description', title: 'Description', cell: ({ description }) => description },
  {
    id: 'amount',
    title: 'Amount',
    numeric: true,
    width: '9rem',
    cell: ({ amount, currency }) => `${amount} ${currency}`,
  },
  {
    id: 'status',
    title: 'Status',
    width: '8rem',
    cell: ({ status }) => <StateWord tone={tones[status]}>{titles[status]}</StateWord>,
  },
  { id: 'by', title: 'Entered by', width: '9rem', cell: ({ createdBy }) => createdBy },
  {
    id: 'actions',
    title: 'Actions',
    width: '11rem',
    cell: (payment) => (
      <span className="rows-add">
        {payment.status === 'pending' ? (
          <Button
            size="compact-xs"
            variant="default"
            disabled={denied !== undefined}
            onClick={() => onChange(payment, 'completed')}
          >
            Complete
          </Button>
        ) : null}
        {payment.status === 'cancelled' ? null : (
          <Button
            size="compact-xs"
            variant="default"
            disabled={denied !== undefined}
            onClick={() => onChange(payment, 'cancelled')}
          >
            Cancel it
          </Button>
        )}
      </span>
    ),
  },
]

export function PaymentList({ kind, path, me }: AccountTabProps): ReactNode {
  const [adding, setAdding] = useState(false)
  const list = useList<PaymentItem>(`${path}/payments`)
  const save = useSave<PaymentItem>()
  const denied = whyNot(me, `POST /${kind}s/:id/payments`)
  const { run } = save
  const columns = useMemo(
    () =>
      columnsWith({
        denied,
        onChange: ({ id, etag }, status) =>
          void run({ method: 'PATCH', path: `/payments/${id}`, body: { status }, etag }),
      }),
    // oxlint-disable-next-line react/exhaustive-deps -- run does the same in every drawing
    [denied],
  )
  const button = (
    <Button disabled={denied !== undefined} title={denied} onClick={() => setAdding(true)}>
      New payment
    </Button>
  )
  return (
    <section className="auth-part" aria-labelledby="payments">
      <div className="auth-head">
        <h2 id="payments">Payments</h2>
        <div className="auth-buttons">{list.total === 0 ? null : button}</div>
      </div>
      <ProblemNotice problem={save.problem ?? save.conflict} />
      <DataTable
        label="Payments"
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        total={list.total}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          <Empty title="No payments yet" action={button}>
            Balance is what was paid and completed, less what calls cost.
          </Empty>
        }
      />
      {adding ? <NewPayment path={path} onClose={() => setAdding(false)} /> : null}
    </section>
  )
}

const statusOptions = [
  { value: 'completed', label: 'Completed' },
  { value: 'pending', label: 'Pending' },
] as const

function NewPayment({ path, onClose }: { path: string; onClose: () => void }): ReactNode {
  const [description, setDescription] = useState('')
  const [amount, setAmount] = useState('')
  const [status, setStatus] = useState<'completed' | 'pending'>('completed')
  const save = useSave<PaymentItem>()
  const submit = async (): Promise<void> => {
    const body = { description, amount, status }
    const answer = await save.run({ method: 'POST', path: `${path}/payments`, body })
    if (answer?.kind === 'value') onClose()
  }
  return (
    <FormDialog
      title="New payment"
      action="Enter payment"
      save={save}
      shown={['description', 'amount', 'status']}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <TextField
        label="Description"
        autoFocus
        placeholder="Bank transfer of May"
        value={description}
        error={errorsAt(save.problem, 'description')}
        onChange={setDescription}
      />
      <TextField
        label="Amount"
        placeholder="500.00"
        help="Negative: money that goes back."
        value={amount}
        error={errorsAt(save.problem, 'amount')}
        onChange={setAmount}
      />
      <SelectField label="Status" options={statusOptions} value={status} onChange={setStatus} />
    </FormDialog>
  )
}
