// One entry of the audit: all that is known of a change.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AuditItem } from '../../../src/contract/api-people.ts'
import { Dialog } from '../kit/dialog.tsx'
import { differencesOf } from '../kit/difference.ts'
import { DifferenceTable } from '../kit/difference-table.tsx'
import { formatStamp } from '../kit/format.ts'
import { Facts } from '../kit/page.tsx'
import { actionText, actorText } from './audit-words.ts'

export function AuditEntryDialog({ entry, onClose }: { entry: AuditItem; onClose: () => void }): ReactNode {
  const { at, actor, reason, before, after } = entry
  const title = actionText(entry)
  const hasMore = (before !== null && before !== undefined) || (after !== null && after !== undefined)
  return (
    <Dialog
      wide
      title={title}
      onClose={onClose}
      actions={
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      }
    >
      <Facts
        items={[
          ['When', formatStamp(Date.parse(at))],
          ['Who', `${actor}, ${actorText(entry)}`],
          ['Why', reason === null || reason === '' ? 'no reason given' : reason],
        ]}
      />
      {hasMore ? (
        <DifferenceTable label={title} rows={differencesOf(before, after)} />
      ) : (
        <p className="faint">Nothing more is known of it.</p>
      )}
    </Dialog>
  )
}
