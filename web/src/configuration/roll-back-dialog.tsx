// Back to an earlier revision: first what that would change, then the change.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ApplyAnswer } from '../../../src/contract/api-config.ts'
import { callApi } from '../kit/api-client.ts'
import { Dialog } from '../kit/dialog.tsx'
import { ProblemNotice } from '../kit/notice.tsx'
import { useSave } from '../kit/use-save.ts'
import { PlanView } from './plan-view.tsx'

const path = '/config/rollback'

export function RollBackDialog({ revision, onClose }: { revision: number; onClose: () => void }): ReactNode {
  const plan = useQuery({
    queryKey: ['rollback', revision],
    queryFn: () => callApi<ApplyAnswer>('POST', path, { revision, dryRun: true }),
    gcTime: 0,
  })
  const save = useSave<ApplyAnswer>()
  const answer = plan.data
  const lines = answer?.kind === 'value' ? answer.value.plan : undefined
  const rollBack = async (): Promise<void> => {
    const done = await save.run({ method: 'POST', path, body: { revision } })
    if (done?.kind === 'value') onClose()
  }
  return (
    <Dialog
      wide
      title={`Roll back to revision ${revision}?`}
      onClose={onClose}
      actions={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            className="danger"
            loading={save.busy}
            disabled={lines === undefined || lines.length === 0}
            onClick={() => void rollBack()}
          >
            Roll back
          </Button>
        </>
      }
    >
      <p>
        All revisions after it are undone, passwords included. This makes a new revision, so that it can be undone, too.
      </p>
      <ProblemNotice problem={answer?.kind === 'problem' ? answer.problem : save.problem} />
      {lines === undefined ? null : (
        <PlanView plan={lines} nothing="Nothing would change: the configuration is the same." />
      )}
    </Dialog>
  )
}
