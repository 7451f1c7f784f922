// One user: another role, a new password, no more log-ins, all sessions ended, removed.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Me, UserItem } from '../../../src/contract/api-people.ts'
import { FormDialog } from '../kit/form-dialog.tsx'
import { CheckField, errorsAt, SecretField, SelectField } from '../kit/form-field.tsx'
import { plural } from '../kit/format.ts'
import { Notice } from '../kit/notice.tsx'
import type { Problem } from '../kit/problem.ts'
import { useSave } from '../kit/use-save.ts'
import { passwordHelp } from './new-user.tsx'
import type { Role } from './roles.ts'
import { roleHelp, roleOptions } from './roles.ts'
import './people.css'
import { UserQuestion } from './user-dialogs.tsx'

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
    ...(role !== user.role && { role }),
    ...(disabled !== user.disabled && { disabled }),
    ...(password !== '' && { password }),
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
          <AccessFields
            draft={{ disabled, password }}
            onDisabled={setDisabled}
            onPassword={setPassword}
            problem={save.problem}
          />
        )}
        {own ? null : <Sessions count={user.sessions} onEnd={() => setAsking('sessions')} />}
      </FormDialog>
      <UserQuestion asking={asking} user={user} onClose={() => setAsking(undefined)} onDone={onClose} />
    </>
  )
}

interface AccessProps {
  readonly draft: { readonly disabled: boolean; readonly password: string }
  readonly onDisabled: (disabled: boolean) => void
  readonly onPassword: (password: string) => void
  readonly problem: Problem | undefined
}

function AccessFields({ draft, onDisabled, onPassword, problem }: AccessProps): ReactNode {
  return (
    <>
      <SecretField
        label="New password"
        generate
        value={draft.password}
        onChange={onPassword}
        help={`${passwordHelp}. Empty: it stays. A new one ends all sessions.`}
        error={errorsAt(problem, 'password')}
      />
      <CheckField
        label="May not log in"
        help="Ends all sessions at once. The user stays, with everything that the audit says of it."
        value={draft.disabled}
        onChange={onDisabled}
        error={errorsAt(problem, 'disabled')}
      />
    </>
  )
}

function Sessions({ count, onEnd }: { count: number; onEnd: () => void }): ReactNode {
  if (count === 0) return <p className="user-sessions">Logged in nowhere.</p>
  return (
    <p className="user-sessions">
      Logged in with {plural(count, 'session')}.
      <Button size="compact-sm" variant="default" onClick={onEnd}>
        Log out everywhere
      </Button>
    </p>
  )
}
