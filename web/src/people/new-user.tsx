// A new user: name, first password, role.
import type { ReactNode } from 'react'
import { useState } from 'react'
import { FormDialog } from '../kit/form-dialog.tsx'
import { errorsAt, SecretField, SelectField, TextField } from '../kit/form-field.tsx'
import { useSave } from '../kit/use-save.ts'
import type { Role } from './roles.ts'
import { roleHelp, roleOptions } from './roles.ts'

export const passwordHelp = '8 characters or more; a sentence is good'

export function NewUser({ onClose }: { onClose: () => void }): ReactNode {
  const save = useSave()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>('support')
  const submit = async (): Promise<void> => {
    const answer = await save.run({ method: 'POST', path: '/users', body: { username, password, role } })
    if (answer?.kind === 'value') onClose()
  }
  return (
    <FormDialog
      title="New user"
      action="Create user"
      save={save}
      shown={['username', 'password', 'role']}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <TextField
        label="Username"
        autoFocus
        value={username}
        onChange={setUsername}
        error={errorsAt(save.problem, 'username')}
      />
      <SelectField
        label="Role"
        value={role}
        options={roleOptions}
        onChange={setRole}
        help={roleHelp[role]}
        error={errorsAt(save.problem, 'role')}
      />
      <SecretField
        label="Password"
        generate
        value={password}
        onChange={setPassword}
        help={`${passwordHelp}. Hand it over yourself; it is not shown again.`}
        error={errorsAt(save.problem, 'password')}
      />
    </FormDialog>
  )
}
