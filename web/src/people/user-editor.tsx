// One user: another role, a new password, no more log-ins, all sessions ended, removed.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Me, UserItem } from '../../../src/contract/api-people.ts'
import { FormDialog } from '../kit/form-dialog.tsx'
import { CheckField, errorsAt, SecretField, SelectField } from '../kit/form-field.tsx'
import { plural } from '../kit/format.ts'
import { Notice } from '../kit/notice.tsx'
import { useSave } from '../kit/use-save.ts'
import { passwordHelp } from './new-user.tsx'
import type { Role } from './roles.ts'
import { roleHelp, roleOptions } from './roles.ts'
import './people.css'
import { EndSessions, RemoveUser } from './user-dialogs.tsx'

interface EditorProps {
  readonly me: Me
  readonly user: UserItem
  readonly onClose: () => void
}

export function UserEditor({ me, user, onClose }: EditorProps): ReactNode {
  const save = useSave()
  const [role, setRole] = useState<Role>(user.role)
  const [disabled, setDisabled] = useState(user.disabled)
  const [password, setPassword] = useState('')
  const [asking, setAsking] = useState<'remove' | 'sessions'>()
  const own = user.id === me.id
  const changes = {
    ...(role === user.role ? {} : { role }),
    ...(disabled === user.disabled ? {} : { disabled }),
    ...(password === '' ? {} : { password }),
  }
  const submit = async (): Promise<void> => {
    if (Object.keys(changes).length === 0) return onClose()
    const answer = await save.run({ method: 'PATCH', path: `/users/${user.id}`, body: changes })
    if (answer?.kind === 'value') onClose()
  }
  return (
    <>
      <FormDialog
        title={`User ${user.username}`}
        action="Save"
        save={save}
        shown={['role', 'disabled', 'password']}
        onSubmit={() => void submit()}
        onClose={onClose}
        aside={
          <Button
            variant="default"
            disabled={own}
            title={own ? 'You cannot remove yourself' : undefined}
            onClick={() => setAsking('remove')}
          >
            Remove
          </Button>
        }
      >
        {own ? <Notice tone="blue">This is you. Your password and sessions stand under your account.</Notice> : null}
        <SelectField
          label="Role"
          value={role}
          options={roleOptions}
          onChange={setRole}
          help={roleHelp[role]}
          disabled={own}
          error={errorsAt(save.problem, 'role')}
        />
        {own ? null : (
          <>
            <SecretField
              label="New password"
              generate
              value={password}
              onChange={setPassword}
              help={`${passwordHelp}. Empty: it stays. A new one ends all sessions.`}
              error={errorsAt(save.problem, 'password')}
            />
            <CheckField
              label="May not log in"
              help={
                user.sessions === 0
                  ? 'The user stays, with everything that the audit says of it.'
                  : `Ends ${plural(user.sessions, 'session')} at once.`
              }
              value={disabled}
              onChange={setDisabled}
              error={errorsAt(save.problem, 'disabled')}
            />
            <p className="user-sessions">
              {user.sessions === 0 ? 'Logged in nowhere.' : `Logged in with ${plural(user.sessions, 'session')}.`}{' '}
              {user.sessions === 0 ? null : (
                <Button size="compact-sm" variant="default" onClick={() => setAsking('sessions')}>
                  Log out everywhere
                </Button>
              )}
            </p>
          </>
        )}
      </FormDialog>
      {asking === 'remove' ? (
        <RemoveUser user={user} onClose={() => setAsking(undefined)} onDone={onClose} />
      ) : asking === 'sessions' ? (
        <EndSessions user={user} onClose={() => setAsking(undefined)} onDone={onClose} />
      ) : null}
    </>
  )
}
