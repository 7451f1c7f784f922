// Asks before something that cannot be taken back. The reason, where the system wants one, is asked for by `useSave`.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'
import { ProblemNotice } from './notice.tsx'
import type { Problem } from './problem.ts'

interface ConfirmProps {
  readonly title: string
  /** What will happen. */
  readonly children: ReactNode
  /** The word on the button: `Remove carrier`. */
  readonly action: string
  readonly busy?: boolean
  readonly problem?: Problem | undefined
  readonly onConfirm: () => void
  readonly onClose: () => void
}

export function ConfirmDialog(props: ConfirmProps): ReactNode {
  const { title, children, action, busy = false, problem, onConfirm, onClose } = props
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button className="danger" loading={busy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div>{children}</div>
      <ProblemNotice problem={problem} />
    </Dialog>
  )
}
