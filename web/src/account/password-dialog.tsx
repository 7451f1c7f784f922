// A new password for a SIP user: made by the server and shown once; the old one may stay valid for a while.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { SipUserItem } from '../../../src/contract/api-config.ts'
import { CopyButton } from '../kit/copy-button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { SecretField, SelectField } from '../kit/form-field.tsx'
import { formatStamp } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { errorsAt } from '../kit/problem.ts'
import { useSave } from '../kit/use-save.ts'

interface NewPassword {
  readonly password: string | null
  readonly previousValidUntil: string | null
}

const overlaps = [
  { value: '0', label: 'Ends at once' },
  { value: '3600', label: 'One hour' },
  { value: '86400', label: 'One day' },
  { value: '604800', label: 'One week' },
] as const

export function PasswordDialog({ user, onClose }: { user: SipUserItem; onClose: () => void }): ReactNode {
  const [own, setOwn] = useState('')
  const [overlap, setOverlap] = useState<(typeof overlaps)[number]['value']>('3600')
  const [made, setMade] = useState<NewPassword>()
  const save = useSave<NewPassword>()
  const set = async (): Promise<void> => {
    const overlapSeconds = user.hasPassword ? Number(overlap) : 0
    const body = own === '' ? { generate: true, overlapSeconds } : { password: own, overlapSeconds }
    const answer = await save.run({ method: 'POST', path: `/sip-users/${user.id}/password`, body })
    if (answer?.kind === 'value') setMade(answer.value)
  }
  if (made !== undefined) return <MadePassword user={user} made={made} onClose={onClose} />
  return (
    <Dialog
      title={`New password for ${user.username}`}
      onClose={onClose}
      actions={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form="password-form" loading={save.busy}>
            {own === '' ? 'Generate' : 'Set'} password
          </Button>
        </>
      }
    >
      <form
        id="password-form"
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          void set()
        }}
      >
        <SecretField
          label="Password"
          help="Leave it empty: a strong one is made and shown once."
          autoFocus
          value={own}
          onChange={setOwn}
          error={errorsAt(save.problem, 'password')}
        />
        {user.hasPassword ? (
          <SelectField
            label="The password before"
            help="So long both are accepted, and nobody is cut off."
            options={overlaps}
            value={overlap}
            onChange={setOverlap}
            error={errorsAt(save.problem, 'overlapSeconds')}
          />
        ) : null}
        <ProblemNotice problem={save.problem} except={['password', 'overlapSeconds']} />
      </form>
    </Dialog>
  )
}

function MadePassword({
  user,
  made,
  onClose,
}: {
  user: SipUserItem
  made: NewPassword
  onClose: () => void
}): ReactNode {
  return (
    <Dialog
      title={`New password for ${user.username}`}
      onClose={onClose}
      actions={
        <Button data-autofocus onClick={onClose}>
          Done
        </Button>
      }
    >
      {made.password === null ? (
        <Notice tone="green">The password is set.</Notice>
      ) : (
        <>
          <p>Shown only now. Nobody can read it later; then only a new one helps.</p>
          <p className="made-password">
            <code>{made.password}</code> <CopyButton text={made.password} name="password" />
          </p>
        </>
      )}
      {made.previousValidUntil === null ? null : (
        <p className="faint">The one before is accepted until {formatStamp(Date.parse(made.previousValidUntil))}.</p>
      )}
    </Dialog>
  )
}
