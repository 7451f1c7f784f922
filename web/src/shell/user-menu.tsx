// Who is logged in, and the way out. The browser's own popover closes it on Escape and on a click elsewhere.
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import { LogOutIcon, PersonIcon } from '../kit/icons.tsx'
import { logOut } from '../session.ts'

export function UserMenu({ me }: { me: Me }): ReactNode {
  const client = useQueryClient()
  return (
    <>
      <button
        type="button"
        className="top-person"
        popoverTarget="user-menu"
        aria-label={`${me.name}, ${me.role}: menu`}
      >
        <PersonIcon />
        <span className="top-name">
          {me.name} <span className="faint">{me.role}</span>
        </span>
      </button>
      <div id="user-menu" className="user-menu" popover="auto">
        <p className="user-menu-name">
          {me.name} <span className="faint">{me.role}</span>
        </p>
        <Link to="/me" onClick={() => document.querySelector<HTMLElement>('#user-menu')?.hidePopover()}>
          <PersonIcon />
          Your account
        </Link>
        <button type="button" onClick={() => void logOut(client)}>
          <LogOutIcon />
          Log out
        </button>
      </div>
    </>
  )
}
