// The two views of the configuration as a whole.
import type { ReactNode } from 'react'
import { Tabs } from '../kit/tabs.tsx'

const tabs = [
  { id: 'revisions', label: 'Revisions', href: '/revisions' },
  { id: 'file', label: 'As a file', href: '/revisions/file' },
]

export const FileTabs = ({ chosen }: { chosen: 'revisions' | 'file' }): ReactNode => (
  <Tabs label="Configuration" tabs={tabs} chosen={chosen} />
)
