// What one revision changed.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { RevisionDetail, RevisionItem } from '../../../src/contract/api-config.ts'
import { Dialog } from '../kit/dialog.tsx'
import { formatStamp } from '../kit/format.ts'
import { ProblemNotice } from '../kit/notice.tsx'
import { Facts } from '../kit/page.tsx'
import { useObject } from '../kit/use-object.ts'
import { PlanView } from './plan-view.tsx'

export function RevisionDialog({ revision, onClose }: { revision: RevisionItem; onClose: () => void }): ReactNode {
  const detail = useObject<RevisionDetail>(`/config/revisions/${revision.revision}`)
  return (
    <Dialog
      wide
      title={`Revision ${revision.revision}`}
      onClose={onClose}
      actions={
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      }
    >
      <Facts
        items={[
          ['When', formatStamp(Date.parse(revision.at))],
          ['Who', revision.actor],
          ['What', revision.summary],
        ]}
      />
      <ProblemNotice problem={detail.problem} />
      {detail.value === undefined ? null : (
        <PlanView plan={detail.value.changes} nothing="This revision changed no field." />
      )}
    </Dialog>
  )
}
