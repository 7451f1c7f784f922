// Two people have changed the same thing: what the second one would overwrite, field by field, before anything happens.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'
import type { Problem } from './problem.ts'
import { valueText } from './format.ts'

interface ConflictProps {
  readonly conflict: Problem
  readonly busy?: boolean
  /** Throws the own changes away and shows the object as it is now. */
  readonly onTakeTheirs: () => void
  /** Saves the own changes on top of the others'; the entity tag of the object as it is now. */
  readonly onKeepMine: (etag: string | undefined) => void
  readonly onClose: () => void
}

const etagOf = (current: unknown): string | undefined => {
  const tag = (current as { etag?: unknown } | undefined)?.etag
  return typeof tag === 'string' ? tag : undefined
}

export function ConflictDialog({
  conflict,
  busy = false,
  onTakeTheirs,
  onKeepMine,
  onClose,
}: ConflictProps): ReactNode {
  const changes = conflict.changes ?? []
  return (
    <Dialog
      title="Someone else has changed this"
      wide
      onClose={onClose}
      actions={
        <>
          <Button variant="default" onClick={onClose}>
            Back to the form
          </Button>
          <Button variant="default" onClick={onTakeTheirs}>
            Take theirs
          </Button>
          <Button loading={busy} onClick={() => onKeepMine(etagOf(conflict.current))}>
            Keep mine
          </Button>
        </>
      }
    >
      <p>
        Nothing was saved. It was changed after you opened it.
        {changes.length === 0 ? ' None of your fields differ from it.' : ' These fields differ:'}
      </p>
      {changes.length === 0 ? null : (
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Yours</th>
              <th scope="col">As it is now</th>
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <tr key={change.field}>
                <th scope="row">{change.field}</th>
                <td>{valueText(change.yours)}</td>
                <td>{valueText(change.theirs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Dialog>
  )
}
