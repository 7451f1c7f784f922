// A new carrier or customer: only the name is needed; then its page opens, where its addresses are entered.
import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { Dialog } from '../kit/dialog.tsx'
import { errorsAt, NumberField, TextField } from '../kit/form-field.tsx'
import { ProblemNotice } from '../kit/notice.tsx'
import { useSave } from '../kit/use-save.ts'
import type { AccountKind, AccountRow } from './account-row.ts'
import { pathOf } from './account-row.ts'

const shown = ['name', 'channelsMax', 'callsPerSecondMax']

export function NewAccount({ kind, onClose }: { kind: AccountKind; onClose: () => void }): ReactNode {
  const navigate = useNavigate()
  const save = useSave<AccountRow>()
  const [name, setName] = useState('')
  const [channelsMax, setChannels] = useState<number | null>(0)
  const [callsPerSecondMax, setCallsPerSecond] = useState<number | null>(0)
  const create = async (): Promise<void> => {
    const body = { name, channelsMax, callsPerSecondMax }
    const answer = await save.run({ method: 'POST', path: pathOf(kind), body })
    if (answer?.kind !== 'value') return
    onClose()
    await navigate({ to: `${pathOf(kind)}/${answer.value.id}/auth` })
  }
  return (
    <Dialog title={`New ${kind}`} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <TextField label="Name" value={name} onChange={setName} error={errorsAt(save.problem, 'name')} autoFocus />
        <div className="form-row">
          <NumberField
            label="Channels"
            help="Calls at the same time; 0 = unlimited"
            value={channelsMax}
            onChange={setChannels}
            error={errorsAt(save.problem, 'channelsMax')}
          />
          <NumberField
            label="Calls per second"
            help="New calls; 0 = unlimited"
            value={callsPerSecondMax}
            onChange={setCallsPerSecond}
            error={errorsAt(save.problem, 'callsPerSecondMax')}
          />
        </div>
        <ProblemNotice problem={save.problem} except={shown} />
        <div className="form-actions">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.busy} disabled={name.trim() === ''}>
            Create {kind}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
