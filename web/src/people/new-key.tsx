// A new API key: what it is for, what it may, how long.
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { CreatedApiKey } from '../../../src/contract/api-people.ts'
import { FormDialog } from '../kit/form-dialog.tsx'
import { errorsAt, SelectField, TextField } from '../kit/form-field.tsx'
import { useSave } from '../kit/use-save.ts'
import type { Role } from './roles.ts'
import { roleHelp, roleOptions } from './roles.ts'

const dayMs = 86_400_000
const lasting = { '30': 30, '90': 90, '365': 365, never: undefined } as const
type Lasting = keyof typeof lasting

const lastingOptions: readonly { value: Lasting; label: string }[] = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'It does not expire' },
]

interface NewKeyProps {
  readonly onClose: () => void
  readonly onCreated: (key: CreatedApiKey) => void
}

export function NewKey({ onClose, onCreated }: NewKeyProps): ReactNode {
  const save = useSave<CreatedApiKey>()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('engineer')
  const [lasts, setLasts] = useState<Lasting>('365')
  const submit = async (): Promise<void> => {
    const days = lasting[lasts]
    const expiresAt = days === undefined ? null : new Date(Date.now() + days * dayMs).toISOString()
    const answer = await save.run({ method: 'POST', path: '/api-keys', body: { name, role, expiresAt } })
    if (answer?.kind === 'value') onCreated(answer.value)
  }
  return (
    <FormDialog
      title="New API key"
      action="Create key"
      save={save}
      shown={['name', 'role', 'expiresAt']}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <TextField
        label="Name"
        help="What it is for: the audit shows it"
        autoFocus
        value={name}
        onChange={setName}
        error={errorsAt(save.problem, 'name')}
      />
      <SelectField
        label="May do as"
        value={role}
        options={roleOptions}
        onChange={setRole}
        help={roleHelp[role]}
        error={errorsAt(save.problem, 'role')}
      />
      <SelectField
        label="Expires after"
        value={lasts}
        options={lastingOptions}
        onChange={setLasts}
        error={errorsAt(save.problem, 'expiresAt')}
      />
    </FormDialog>
  )
}
