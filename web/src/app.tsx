// Decides what is shown: set-up, log-in, the console, or that the server does not answer.
import type { QueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { EntryFrame } from './entry-frame.tsx'
import { GatewaysPage } from './gateways-page.tsx'
import { WarningIcon } from './icons.tsx'
import { LogInPage } from './log-in-page.tsx'
import type { Problem } from './problem.ts'
import { describeProblem } from './problem.ts'
import { useSession } from './session.ts'
import { SetUpPage } from './set-up-page.tsx'

export function App({ client }: { client: QueryClient }): ReactNode {
  const session = useSession(client)
  if (session === undefined) return null
  if (session.kind === 'setUp') return <SetUpPage />
  if (session.kind === 'signedOut') return <LogInPage />
  if (session.kind === 'signedIn') return <GatewaysPage me={session.me} />
  return <NoConnection problem={session.problem} />
}

function NoConnection({ problem }: { problem: Problem }): ReactNode {
  return (
    <EntryFrame title="No connection">
      <p className="notice" data-tone="amber" role="alert">
        <WarningIcon />
        <span>{describeProblem(problem)} This page keeps trying.</span>
      </p>
    </EntryFrame>
  )
}
