// The status of an account as a word with a mark; a suspension outweighs it.
import type { ReactNode } from 'react'
import type { AccountRow } from './account-row.ts'
import './accounts.css'

interface StatusProps {
  readonly status: AccountRow['status']
  readonly suspension?: AccountRow['suspension']
}

const titles = { active: 'Active', inactive: 'Inactive', pending: 'Pending' } as const

export function StatusWord({ status, suspension }: StatusProps): ReactNode {
  if (suspension !== null && suspension !== undefined)
    return (
      <span className="status-word" data-status="suspended" title={suspension.reason}>
        Suspended
      </span>
    )
  return (
    <span className="status-word" data-status={status}>
      {titles[status]}
    </span>
  )
}
