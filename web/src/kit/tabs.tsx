// Tabs that are links, so that each has an address.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import './tabs.css'

interface Tab {
  readonly id: string
  readonly label: string
  readonly href: string
  /** A number or light beside the word. */
  readonly badge?: ReactNode
}

/** A tab whose address begins another tab's is not chosen with it; filters in the address do not matter. */
const exactly = { exact: true, includeSearch: false } as const

export function Tabs({ label, tabs, chosen }: { label: string; tabs: readonly Tab[]; chosen: string }): ReactNode {
  return (
    <nav aria-label={label} className="tabs">
      <ul>
        {tabs.map((tab) => (
          <li key={tab.id}>
            <Link to={tab.href} activeOptions={exactly} aria-current={tab.id === chosen ? 'page' : undefined}>
              {tab.label}
              {tab.badge === undefined ? null : <span className="tabs-badge">{tab.badge}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
