// To the simulation of a call from this address: why it is refused, and what it would take.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** Of a range the first address. */
export function SimulateLink({ address }: { address: string }): ReactNode {
  const source = address.split('/')[0] ?? address
  return (
    <Link to={`/simulate?source=${encodeURIComponent(source)}`} aria-label={`Simulate a call from ${source}`}>
      Simulate
    </Link>
  )
}
