// The two views of alerts.
import type { ReactNode } from 'react'
import { Tabs } from '../kit/tabs.tsx'

const tabs = [
  { id: 'raised', label: 'Raised', href: '/alerts' },
  { id: 'rules', label: 'Rules for all', href: '/alerts/rules' },
]

export const AlertTabs = ({ chosen }: { chosen: 'raised' | 'rules' }): ReactNode => (
  <Tabs label="Alerts" tabs={tabs} chosen={chosen} />
)
