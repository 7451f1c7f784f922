// What is left to do until calls pass, with the way there; nothing when everything is there.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { RouteItem } from '../../../src/contract/api-config.ts'
import { GreenIcon } from '../kit/icons.tsx'
import { useList } from '../kit/use-list.ts'
import type { AccountTabProps } from './account-page.tsx'
import { stepsToAir } from './on-air.ts'
import './next-steps.css'

/** Enough to tell whether there is one. */
const single = { pageItems: 1 }

export function NextSteps({ kind, account, path }: AccountTabProps): ReactNode {
  const entries = useList<unknown>(`${path}/endpoints`, {}, single)
  const users = useList<unknown>(`${path}/sip-users`, {}, single)
  const customers = useList<unknown>('/customers', {}, single)
  const routes = useList<RouteItem>('/routes', {}, { pageItems: 1_000 })
  if ([entries, users, customers, routes].some((list) => list.total === undefined)) return null
  const steps = stepsToAir({
    kind,
    name: account.name,
    hasEntries: (entries.total ?? 0) > 0,
    hasSipUsers: (users.total ?? 0) > 0,
    customers: customers.total ?? 0,
    routes: routes.rows,
  })
  if (steps.length === 0 || routes.hasMore) return null
  return (
    <section className="next-steps" aria-label="Until calls pass">
      <h2>Until calls pass</h2>
      <ol>
        {steps.map((step) => (
          <li key={step.text} data-done={step.done}>
            {step.done ? <GreenIcon /> : <span className="next-open" aria-hidden="true" />}
            <span>
              {step.text}
              {step.done ? <span className="only-heard"> (done)</span> : null}
              {step.done || step.link === undefined ? null : (
                <>
                  : <Link to={step.link[0]}>{step.link[1]}</Link>
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
