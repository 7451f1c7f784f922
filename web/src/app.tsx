// Decides what is shown: set-up, log-in, the console, or that the server does not answer.
import type { QueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo } from 'react'
import type { Me } from '../../src/contract/api-people.ts'
import { EntryFrame } from './sign-in/entry-frame.tsx'
import { WarningIcon } from './kit/icons.tsx'
import { LogInPage } from './sign-in/log-in-page.tsx'
import type { Problem } from './kit/problem.ts'
import { describeProblem } from './kit/problem.ts'
import { useSession } from './session.ts'
import { makeRouter } from './shell/router.tsx'
import { SetUpPage } from './sign-in/set-up-page.tsx'

export function App({ client }: { client: QueryClient }): ReactNode {
  const session = useSession(client)
  if (session === undefined) return null
  if (session.kind === 'setUp') return <SetUpPage />
  if (session.kind === 'signedOut') return <LogInPage ended={session.ended} />
  if (session.kind === 'signedIn') return <Console me={session.me} />
  return <NoConnection problem={session.problem} />
}

function Console({ me }: { me: Me }): ReactNode {
  const router = useMemo(() => makeRouter(me), [me])
  return <RouterProvider router={router} />
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
