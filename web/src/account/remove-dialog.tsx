// Asks, then removes one object of the API.
import type { ReactNode } from 'react'
import { ConfirmDialog } from '../kit/confirm-dialog.tsx'
import { useSave } from '../kit/use-save.ts'

interface RemoveProps {
  readonly title: string
  readonly path: string
  readonly etag: string
  readonly children: ReactNode
  readonly onClose: () => void
}

export function RemoveDialog({ title, path, etag, children, onClose }: RemoveProps): ReactNode {
  const save = useSave()
  const remove = async (): Promise<void> => {
    const answer = await save.run({ method: 'DELETE', path, etag })
    if (answer?.kind === 'value') onClose()
  }
  return (
    <ConfirmDialog
      title={title}
      action="Remove"
      busy={save.busy}
      problem={save.problem ?? save.conflict}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      {children}
    </ConfirmDialog>
  )
}
