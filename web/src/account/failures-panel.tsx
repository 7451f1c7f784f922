// Consecutive failures: the number, what it means, and setting it back by hand.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { formatCount } from '../kit/format.ts'
import { ProblemNotice } from '../kit/notice.tsx'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'
import type { AccountTabProps } from './account-page.tsx'

export function FailuresPanel({ kind, account, path, me }: AccountTabProps): ReactNode {
  const save = useSave()
  const denied = whyNot(me, `POST /${kind}s/:id/reset-failures`)
  const count = account.consecutiveFailures
  return (
    <section className="panel" aria-label="Consecutive failures">
      <h2>
        Consecutive failures: <span>{formatCount(count)}</span>
      </h2>
      <p className="faint">
        Calls in a row that failed at its gateways. An answer or ringing sets it to 0; from 50 on few calls go there
        until one succeeds.
      </p>
      <div>
        <Button
          size="xs"
          variant="default"
          loading={save.busy}
          disabled={denied !== undefined || count === 0}
          title={denied}
          onClick={() => void save.run({ method: 'POST', path: `${path}/reset-failures` })}
        >
          Reset
        </Button>
      </div>
      <ProblemNotice problem={save.problem} />
    </section>
  )
}
