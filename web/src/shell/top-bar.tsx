// The bar on top: where one is, the quick jump, whether the page is live, who one is.
import { ActionIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import type { LiveState } from '../gateways/live-stream.ts'
import { ClearIcon, Mark, MenuIcon, SearchIcon } from '../kit/icons.tsx'
import { ColourSchemeToggle } from './colour-scheme-toggle.tsx'
import './top-bar.css'
import { UserMenu } from './user-menu.tsx'

const liveWords: Readonly<Record<LiveState, string>> = { connecting: 'Connecting', live: 'Live', lost: 'Retrying' }

interface BarProps {
  readonly me: Me
  readonly state: LiveState
  readonly menu: boolean
  readonly onMenu: () => void
  readonly onJump: () => void
}

export function TopBar({ me, state, menu, onMenu, onJump }: BarProps): ReactNode {
  return (
    <header className="top-bar">
      <ActionIcon
        className="top-menu"
        variant="subtle"
        color="gray"
        aria-label={menu ? 'Close the menu' : 'Open the menu'}
        aria-expanded={menu}
        aria-controls="navigation"
        onClick={onMenu}
      >
        {menu ? <ClearIcon /> : <MenuIcon />}
      </ActionIcon>
      <Link className="top-brand" to="/">
        <Mark />
        <span>Tollgate</span>
      </Link>
      <button type="button" className="top-jump" onClick={onJump} aria-keyshortcuts="Control+K">
        <SearchIcon />
        <span className="top-jump-word">Go to a page, carrier, number …</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <div className="top-side">
        <span className="live" data-state={state}>
          {liveWords[state]}
        </span>
        <ColourSchemeToggle />
        <UserMenu me={me} />
      </div>
    </header>
  )
}
