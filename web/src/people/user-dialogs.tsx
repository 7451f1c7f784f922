// Questions before a user is removed or logged out everywhere.
import type { ReactNode } from 'react'
import type { UserItem } from '../../../src/contract/api-people.ts'
import { ConfirmDialog } from '../kit/confirm-dialog.tsx'
import { plural } from '../kit/format.ts'
import { useSave } from '../kit/use-save.ts'

interface QuestionProps {
  readonly user: UserItem
  readonly onClose: () => void
  readonly onDone: () => void
}

/** The question that is being asked, if any. */
export function UserQuestion({
  asking,
  ...rest
}: QuestionProps & { readonly asking: 'remove' | 'sessions' | undefined }): ReactNode {
  if (asking === 'remove') return <RemoveUser {...rest} />
  return asking === 'sessions' ? <EndSessions {...rest} /> : null
}

function RemoveUser({ user, onClose, onDone }: QuestionProps): ReactNode {
  const save = useSave()
  const run = async (): Promise<void> => {
    const answer = await save.run({ method: 'DELETE', path: `/users/${user.id}` })
    if (answer?.kind === 'value') onDone()
  }
  return (
    <ConfirmDialog
      title={`Remove user ${user.username}?`}
      action="Remove user"
      busy={save.busy}
      problem={save.problem}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      Their sessions end at once. What they have changed stays, and the audit keeps their name.
    </ConfirmDialog>
  )
}

function EndSessions({ user, onClose, onDone }: QuestionProps): ReactNode {
  const save = useSave()
  const run = async (): Promise<void> => {
    const answer = await save.run({ method: 'DELETE', path: `/users/${user.id}/sessions` })
    if (answer?.kind === 'value') onDone()
  }
  return (
    <ConfirmDialog
      title={`Log ${user.username} out everywhere?`}
      action="Log out everywhere"
      busy={save.busy}
      problem={save.problem}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      {plural(user.sessions, 'session')} will end. They may log in again with their password.
    </ConfirmDialog>
  )
}
