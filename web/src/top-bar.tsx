// The bar on top: where one is, whether the page is live, who one is.
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Me } from '../../src/contract/api-people.ts'
import { ColourSchemeToggle } from './colour-scheme-toggle.tsx'
import { LogOutIcon, Mark } from './icons.tsx'
import type { LiveState } from './live-stream.ts'
import { logOut } from './session.ts'
import './top-bar.css'

const liveWords: Readonly<Record<LiveState, string>> = { connecting: 'Connecting', live: 'Live', lost: 'Retrying' }

export function TopBar({ me, state }: { me: Me; state: LiveState }): ReactNode {
  const client = useQueryClient()
  return (
    <header className="top-bar">
      <a className="top-brand" href="/">
        <Mark />
        <span>Tollgate</span>
      </a>
      <nav aria-label="Pages" className="top-pages">
        <a href="/" aria-current="page">
          Gateways
        </a>
      </nav>
      <div className="top-side">
        <span className="live" data-state={state}>
          {liveWords[state]}
        </span>
        <span className="top-person">
          {me.name} <span className="faint">{me.role}</span>
        </span>
        <ColourSchemeToggle />
        <Button
          variant="subtle"
          color="gray"
          className="log-out"
          leftSection={<LogOutIcon />}
          aria-label="Log out"
          onClick={() => void logOut(client)}
        >
          <span className="log-out-word">Log out</span>
        </Button>
      </div>
    </header>
  )
}
