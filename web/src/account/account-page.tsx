// The page of one carrier or customer: its basic fields.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { CarrierItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { StatusWord } from '../accounts/status-word.tsx'
import { ConflictDialog } from '../kit/conflict-dialog.tsx'
import { errorsAt, NumberField, SelectField, TextField } from '../kit/form-field.tsx'
import { ProblemNotice } from '../kit/notice.tsx'
import { Page } from '../kit/page.tsx'
import { Tabs } from '../kit/tabs.tsx'
import { useObject } from '../kit/use-object.ts'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'

interface PageProps {
  readonly kind: 'carrier' | 'customer'
  readonly id: string
  readonly tab: string
  readonly me: Me
}

export function AccountPage({ kind, id, me }: PageProps): ReactNode {
  const path = `/${kind}s/${id}`
  const account = useObject<CarrierItem>(path)
  const title = account.value?.name ?? (kind === 'carrier' ? 'Carrier' : 'Customer')
  return (
    <Page
      title={title}
      above={<Link to={`/${kind}s`}>{kind === 'carrier' ? 'Carriers' : 'Customers'}</Link>}
      actions={
        account.value === undefined ? null : (
          <StatusWord status={account.value.status} suspension={account.value.suspension} />
        )
      }
    >
      <Tabs label={title} chosen="main" tabs={[{ id: 'main', label: 'Main', href: `${path}/main` }]} />
      <ProblemNotice problem={account.problem} />
      {account.value === undefined ? null : (
        <MainForm key={account.etag} account={account.value} etag={account.etag} path={path} me={me} />
      )}
    </Page>
  )
}

const statusOptions = [
  { value: 'active', label: 'Active' },
  { value: 'inactive', label: 'Inactive' },
  { value: 'pending', label: 'Pending' },
] as const

interface FormProps {
  readonly account: CarrierItem
  readonly etag: string | undefined
  readonly path: string
  readonly me: Me
}

function MainForm({ account, etag, path, me }: FormProps): ReactNode {
  const { name, status, channelsMax, callsPerSecondMax, notes } = account
  const [draft, setDraft] = useState({ name, status, channelsMax, callsPerSecondMax, notes })
  const save = useSave<CarrierItem>()
  const denied = whyNot(me, `PATCH ${path}`)
  const change = (part: Partial<typeof draft>): void => setDraft({ ...draft, ...part })
  const send = (tag: string | undefined): void => void save.run({ method: 'PATCH', path, body: draft, etag: tag })
  const common = (field: string) => ({ error: errorsAt(save.problem, field), disabled: denied !== undefined })
  return (
    <form
      className="form form-section"
      onSubmit={(event) => {
        event.preventDefault()
        send(etag)
      }}
    >
      <div className="form-row">
        <TextField label="Name" value={draft.name} onChange={(value) => change({ name: value })} {...common('name')} />
        <SelectField
          label="Status"
          value={draft.status}
          options={statusOptions}
          onChange={(value) => change({ status: value })}
          {...common('status')}
        />
        <NumberField
          label="Channels"
          help="0 = unlimited"
          value={draft.channelsMax}
          onChange={(value) => change({ channelsMax: value ?? 0 })}
          {...common('channelsMax')}
        />
        <NumberField
          label="Calls per second"
          help="0 = unlimited"
          value={draft.callsPerSecondMax}
          onChange={(value) => change({ callsPerSecondMax: value ?? 0 })}
          {...common('callsPerSecondMax')}
        />
      </div>
      <TextField
        label="Notes"
        rows={4}
        value={draft.notes}
        onChange={(value) => change({ notes: value })}
        {...common('notes')}
      />
      <ProblemNotice problem={save.problem} except={Object.keys(draft)} />
      <div className="form-actions">
        <Button type="submit" loading={save.busy} disabled={denied !== undefined} title={denied}>
          Save
        </Button>
      </div>
      {save.conflict === undefined ? null : (
        <ConflictDialog
          conflict={save.conflict}
          busy={save.busy}
          onClose={save.reset}
          onTakeTheirs={save.reset}
          onKeepMine={send}
        />
      )}
    </form>
  )
}
