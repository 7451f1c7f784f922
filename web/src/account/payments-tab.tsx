// Payments: the balance, what was paid, and what calls cost.
import type { ReactNode } from 'react'
import type { BalanceItem } from '../../../src/contract/api-money.ts'
import { formatInstant } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { Facts } from '../kit/page.tsx'
import { useObject } from '../kit/use-object.ts'
import { AccountForm } from './account-form.tsx'
import type { AccountTabProps } from './account-page.tsx'
import type { FieldSpec } from './form-model.ts'
import { PaymentList } from './payment-list.tsx'

const fields: readonly FieldSpec[] = [
  { path: 'rates', label: 'Rates', tab: 'Rates', kind: 'own', usual: [] },
  {
    path: 'creditStop',
    label: 'Stop without credit',
    tab: 'Rates',
    kind: 'check',
    usual: false,
    help: 'It gets no calls while its balance is 0 or less. Else the balance informs only.',
  },
]

const pollMs = 5_000

export function PaymentsTab(props: AccountTabProps): ReactNode {
  const balance = useObject<BalanceItem>(`${props.path}/balance`, { pollMs })
  return (
    <>
      <section className="panel" aria-label="Balance">
        <h2>Balance</h2>
        <ProblemNotice problem={balance.problem} />
        {balance.value === undefined ? null : <BalanceFacts balance={balance.value} />}
      </section>
      <PaymentList {...props} />
      <AccountForm
        {...props}
        title="Rates"
        lead="What calls to this account cost."
        fields={fields}
        action="Save rates"
      />
    </>
  )
}

function BalanceFacts({ balance }: { balance: BalanceItem }): ReactNode {
  const { currency } = balance
  return (
    <>
      {balance.stopped ? (
        <Notice>It gets no calls: its balance is used up, and it is set to stop without credit.</Notice>
      ) : null}
      <Facts
        items={[
          ['Balance', <strong key="balance">{`${balance.balance} ${currency}`}</strong>],
          ['Completed payments', `${balance.payments} ${currency}`],
          ['Cost of calls', `${balance.cost} ${currency}`],
          ['Last call charged', balance.chargedAt === null ? 'none yet' : formatInstant(balance.chargedAt)],
        ]}
      />
    </>
  )
}
