// The two views of who may use Tollgate.
import type { ReactNode } from 'react'
import { Tabs } from '../kit/tabs.tsx'

const tabs = [
  { id: 'users', label: 'Users', href: '/people' },
  { id: 'keys', label: 'API keys', href: '/people/keys' },
]

export const PeopleTabs = ({ chosen }: { chosen: 'users' | 'keys' }): ReactNode => (
  <Tabs label="People" tabs={tabs} chosen={chosen} />
)
