// The same change for all selected accounts: status, channels, calls per second, failover. Empty fields stay as they are.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { NumberField, SelectField } from '../kit/form-field.tsx'
import { plural } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { useSave } from '../kit/use-save.ts'
import type { AccountKind } from './account-row.ts'
import { pathOf } from './account-row.ts'
import './accounts.css'

type Status = '' | 'active' | 'inactive' | 'pending'

interface Result {
  readonly items: readonly {
    readonly id: string
    readonly ok: boolean
    readonly errors: readonly { readonly path: string; readonly message: string }[]
  }[]
}

const statusOptions = [
  { value: '', label: 'As it is' },
  { value: 'active', label: 'Active' },
  { value: 'inactive', label: 'Inactive' },
  { value: 'pending', label: 'Pending' },
] as const

interface BulkProps {
  readonly kind: AccountKind
  readonly selection: ReadonlySet<string>
  readonly onDone: () => void
}

/** The first thing that went wrong, and how often. */
function failureOf({ items }: Result): string | undefined {
  const failed = items.filter(({ ok }) => !ok)
  const first = failed[0]?.errors[0]
  if (failed.length === 0) return undefined
  return `Nothing was changed: ${failed.length} of ${items.length} refused. ${first?.path ?? ''} ${first?.message ?? ''}`
}

export function BulkEdit({ kind, selection, onDone }: BulkProps): ReactNode {
  const save = useSave<Result>()
  const [failure, setFailure] = useState<string>()
  const [status, setStatus] = useState<Status>('')
  const [channelsMax, setChannels] = useState<number | null>(null)
  const [callsPerSecondMax, setCallsPerSecond] = useState<number | null>(null)
  const [gatewayFailoverMax, setFailover] = useState<number | null>(null)
  const changes = Object.fromEntries(
    Object.entries({ status, channelsMax, callsPerSecondMax, gatewayFailoverMax }).filter(
      ([, value]) => value !== '' && value !== null,
    ),
  )
  const apply = async (): Promise<void> => {
    const body = { ids: [...selection], changes }
    const answer = await save.run({ method: 'PATCH', path: pathOf(kind), body })
    if (answer?.kind !== 'value') return
    const failed = failureOf(answer.value)
    setFailure(failed)
    if (failed === undefined) onDone()
  }
  return (
    <section className="bulk" aria-label="Change the selected">
      <form
        className="bulk-fields"
        onSubmit={(event) => {
          event.preventDefault()
          void apply()
        }}
      >
        <SelectField label="Status" value={status} options={statusOptions} onChange={setStatus} />
        <NumberField label="Channels" value={channelsMax} onChange={setChannels} placeholder="As it is" />
        <NumberField
          label="Calls per second"
          value={callsPerSecondMax}
          onChange={setCallsPerSecond}
          placeholder="As it is"
        />
        <NumberField
          label="Failover gateways"
          value={gatewayFailoverMax}
          onChange={setFailover}
          placeholder="As it is"
        />
        <Button type="submit" loading={save.busy} disabled={Object.keys(changes).length === 0}>
          Change {plural(selection.size, kind)}
        </Button>
        <Button variant="default" onClick={onDone}>
          Clear selection
        </Button>
      </form>
      {failure === undefined ? null : <Notice>{failure}</Notice>}
      <ProblemNotice problem={save.problem} />
    </section>
  )
}
