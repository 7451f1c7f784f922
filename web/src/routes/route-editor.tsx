// One route in a window: create, change, remove.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { RouteItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { ConfirmDialog } from '../kit/confirm-dialog.tsx'
import { FormDialog } from '../kit/form-dialog.tsx'
import { CheckField, errorsAt, NumberField, SelectField, TextField } from '../kit/form-field.tsx'
import { PickField } from '../kit/pick-field.tsx'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'
import type { FromKind, RouteDraft } from './route-draft.ts'
import { bodyOf, draftOf, newRoute } from './route-draft.ts'
import { TargetRows } from './target-rows.tsx'

const fromOptions: readonly { value: FromKind; label: string }[] = [
  { value: 'customers', label: 'All customers' },
  { value: 'carriers', label: 'All carriers' },
  { value: 'any', label: 'Anybody' },
  { value: 'customer', label: 'One customer' },
  { value: 'carrier', label: 'One carrier' },
]

const shown = ['prefix', 'from', 'targets', 'channelsMax', 'callsPerSecondMax']

interface EditorProps {
  readonly me: Me
  /** undefined: a new one. */
  readonly route: RouteItem | undefined
  readonly onClose: () => void
}

export function RouteEditor({ me, route, onClose }: EditorProps): ReactNode {
  const [draft, setDraft] = useState<RouteDraft>(() => (route === undefined ? newRoute() : draftOf(route)))
  const [removing, setRemoving] = useState(false)
  const save = useSave<RouteItem>()
  const path = route === undefined ? '/routes' : `/routes/${route.id}`
  const denied = whyNot(me, `${route === undefined ? 'POST' : 'PATCH'} ${path}`)
  const submit = async (etag = route?.etag): Promise<void> => {
    const method = route === undefined ? 'POST' : 'PATCH'
    const answer = await save.run({ method, path, body: bodyOf(draft), etag: etag === '' ? undefined : etag })
    if (answer?.kind === 'value') onClose()
  }
  return (
    <>
      <FormDialog
        wide
        title={route === undefined ? 'New route' : `Route ${draft.prefix === '' ? 'for any number' : draft.prefix}`}
        action={route === undefined ? 'Create route' : 'Save'}
        save={save}
        shown={shown}
        denied={denied}
        onSubmit={(etag) => void submit(etag)}
        onClose={onClose}
        aside={
          route === undefined || denied !== undefined ? undefined : (
            <Button variant="default" onClick={() => setRemoving(true)}>
              Remove
            </Button>
          )
        }
      >
        <Fields draft={draft} change={(part) => setDraft({ ...draft, ...part })} save={save} denied={denied} />
      </FormDialog>
      {removing && route !== undefined ? (
        <Removal route={route} onClose={() => setRemoving(false)} onDone={onClose} />
      ) : null}
    </>
  )
}

interface FieldsProps {
  readonly draft: RouteDraft
  readonly change: (part: Partial<RouteDraft>) => void
  readonly save: ReturnType<typeof useSave>
  readonly denied: string | undefined
}

function Fields({ draft, change, save, denied }: FieldsProps): ReactNode {
  const common = (path: string) => ({ error: errorsAt(save.problem, path), disabled: denied !== undefined })
  const one = draft.fromKind === 'carrier' || draft.fromKind === 'customer' ? draft.fromKind : undefined
  return (
    <>
      <div className="form-row">
        <TextField
          label="Number begins with"
          help="Digits; empty = any number. A leading + does not count."
          mono
          autoFocus
          value={draft.prefix}
          onChange={(prefix) => change({ prefix })}
          {...common('prefix')}
        />
        <SelectField
          label="Calls from"
          value={draft.fromKind}
          options={fromOptions}
          onChange={(fromKind) => change({ fromKind, fromName: '' })}
          {...(one === undefined ? common('from') : { disabled: denied !== undefined })}
        />
        {one === undefined ? null : (
          <PickField
            kind={one}
            label={one === 'carrier' ? 'Carrier' : 'Customer'}
            value={draft.fromName}
            onChange={(fromName) => change({ fromName })}
            {...common('from')}
          />
        )}
      </div>
      <TargetRows
        targets={draft.targets}
        onChange={(targets) => change({ targets })}
        problem={save.problem}
        disabled={denied !== undefined}
      />
      <div className="form-row">
        <NumberField
          label="Channels"
          help="0 = unlimited"
          value={draft.channelsMax}
          onChange={(channelsMax) => change({ channelsMax })}
          {...common('channelsMax')}
        />
        <NumberField
          label="Calls per second"
          help="0 = unlimited"
          value={draft.callsPerSecondMax}
          onChange={(callsPerSecondMax) => change({ callsPerSecondMax })}
          {...common('callsPerSecondMax')}
        />
      </div>
      <CheckField
        label="Calls may take this route"
        value={draft.enabled}
        onChange={(enabled) => change({ enabled })}
        {...common('enabled')}
      />
    </>
  )
}

interface RemovalProps {
  readonly route: RouteItem
  readonly onClose: () => void
  readonly onDone: () => void
}

function Removal({ route, onClose, onDone }: RemovalProps): ReactNode {
  const removal = useSave()
  const remove = async (): Promise<void> => {
    const answer = await removal.run({ method: 'DELETE', path: `/routes/${route.id}`, etag: route.etag })
    if (answer?.kind === 'value') onDone()
  }
  return (
    <ConfirmDialog
      title="Remove this route?"
      action="Remove route"
      busy={removal.busy}
      problem={removal.problem ?? removal.conflict}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      New calls to {route.prefix === '' ? 'any number' : `numbers that begin with ${route.prefix}`} take the next
      shorter route, or are refused if there is none. Running calls go on.
    </ConfirmDialog>
  )
}
