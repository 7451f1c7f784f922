// Blocks an address or range, for a time or for good.
import type { ReactNode } from 'react'
import { useState } from 'react'
import { FormDialog } from '../kit/form-dialog.tsx'
import { errorsAt, SelectField, TextField } from '../kit/form-field.tsx'
import { useSave } from '../kit/use-save.ts'

const hourMs = 3_600_000
const lasting = {
  '': undefined,
  '1h': hourMs,
  '1d': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
  '30d': 30 * 24 * hourMs,
} as const
type Lasting = keyof typeof lasting

const options: readonly { value: Lasting; label: string }[] = [
  { value: '', label: 'Until it is lifted' },
  { value: '1h', label: '1 hour' },
  { value: '1d', label: '1 day' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
]

const expiryOf = (choice: Lasting): string | null => {
  const ms = lasting[choice]
  return ms === undefined ? null : new Date(Date.now() + ms).toISOString()
}

interface FormProps {
  /** Filled in already; '' for none. */
  readonly address: string
  readonly reason?: string
  readonly onClose: () => void
}

export function BlockForm({ address: given, reason: givenReason = '', onClose }: FormProps): ReactNode {
  const save = useSave()
  const [address, setAddress] = useState(given)
  const [reason, setReason] = useState(givenReason)
  const [lasts, setLasts] = useState<Lasting>('')
  const submit = async (): Promise<void> => {
    const body = { address, reason, expiresAt: expiryOf(lasts) }
    const answer = await save.run({ method: 'POST', path: '/blocks', body })
    if (answer?.kind === 'value') onClose()
  }
  return (
    <FormDialog
      title="Block an address"
      action="Block"
      save={save}
      shown={['address', 'reason', 'expiresAt']}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <TextField
        label="Address or range"
        help="IPv4 or IPv6, alone or as a range like 203.0.113.0/24"
        mono
        autoFocus
        value={address}
        onChange={setAddress}
        error={errorsAt(save.problem, 'address')}
      />
      <TextField
        label="Reason"
        help="For your colleagues"
        value={reason}
        onChange={setReason}
        error={errorsAt(save.problem, 'reason')}
      />
      <SelectField
        label="Blocked for"
        value={lasts}
        options={options}
        onChange={setLasts}
        error={errorsAt(save.problem, 'expiresAt')}
      />
    </FormDialog>
  )
}
