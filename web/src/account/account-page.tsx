// The page of one carrier or customer: its state on top, then the tabs.
import { Link, Navigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { CarrierItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import type { AccountKind } from '../accounts/account-row.ts'
import { pathOf, wordsOf } from '../accounts/account-row.ts'
import { ProblemNotice } from '../kit/notice.tsx'
import { Page } from '../kit/page.tsx'
import { Tabs } from '../kit/tabs.tsx'
import { useObject } from '../kit/use-object.ts'
import { AccountBadges } from './account-badges.tsx'
import './account-page.css'
import { AlertsTab } from './alerts-tab.tsx'
import { AuthTab } from './auth-tab.tsx'
import { LatestCallsTab, RecordsTab } from './calls-tab.tsx'
import { FailoverTab } from './failover-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { MainTab } from './main-tab.tsx'
import { PaymentsTab } from './payments-tab.tsx'
import { ReplyTab } from './reply-tab.tsx'
import { StatsTab } from './stats-tab.tsx'

interface AccountPageProps {
  readonly kind: AccountKind
  /** Or its name. */
  readonly id: string
  readonly tab: string
  readonly me: Me
}

/** What every tab gets. */
export interface AccountTabProps {
  readonly kind: AccountKind
  readonly account: CarrierItem
  /** `/carriers/ID`. */
  readonly path: string
  readonly me: Me
}

const tabs: readonly (readonly [id: string, label: string, tab: (props: AccountTabProps) => ReactNode])[] = [
  ['main', 'Main', MainTab],
  ['auth', 'Auth', AuthTab],
  ['replies', 'Reply management', ReplyTab],
  ['failover', 'Failover report', FailoverTab],
  ['latest', 'Latest calls', LatestCallsTab],
  ['payments', 'Payments', PaymentsTab],
  ['stats', 'Stats', StatsTab],
  ['alerts', 'Alerts', AlertsTab],
  ['records', 'Records', RecordsTab],
  ['history', 'History', HistoryTab],
]

const pollMs = 5_000

export function AccountPage({ kind, id, tab, me }: AccountPageProps): ReactNode {
  const base = `${pathOf(kind)}/${encodeURIComponent(id)}`
  const object = useObject<CarrierItem>(base, { pollMs })
  const account = object.value
  const [, , Shown] = tabs.find(([one]) => one === tab) ?? []
  if (Shown === undefined) return <Navigate to={`${base}/main`} replace />
  return (
    <Page
      title={account?.name ?? '…'}
      above={<Link to={pathOf(kind)}>{wordsOf(kind).title}</Link>}
      actions={account === undefined ? undefined : <AccountBadges account={account} path={base} me={me} />}
    >
      <ProblemNotice problem={object.problem} />
      <Tabs
        label={`Parts of this ${kind}`}
        chosen={tab}
        tabs={tabs.map(([one, label]) => ({ id: one, label, href: `${base}/${one}` }))}
      />
      {account === undefined ? null : <Shown kind={kind} account={account} path={base} me={me} />}
    </Page>
  )
}
