// The two views of the firewall.
import type { ReactNode } from 'react'
import { Tabs } from '../kit/tabs.tsx'

const tabs = [
  { id: 'blocked', label: 'Blocked', href: '/firewall' },
  { id: 'refused', label: 'Refused sources', href: '/firewall/refused' },
]

export const FirewallTabs = ({ chosen }: { chosen: 'blocked' | 'refused' }): ReactNode => (
  <Tabs label="Firewall" tabs={tabs} chosen={chosen} />
)
