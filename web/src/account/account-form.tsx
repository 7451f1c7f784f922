// A part of an account as a form of its own, with save, conflict and errors at the fields.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { CarrierItem } from '../../../src/contract/api-config.ts'
import { ConflictDialog } from '../kit/conflict-dialog.tsx'
import { ProblemNotice } from '../kit/notice.tsx'
import { whyNot } from '../session.ts'
import type { AccountTabProps } from './account-page.tsx'
import type { FieldSpec } from './form-model.ts'
import { SpecGroups } from './spec-groups.tsx'
import { useEditor } from './use-editor.ts'

interface AccountFormProps extends AccountTabProps {
  readonly title: string
  readonly lead?: ReactNode
  /** All on one tab, whose name is the first one's. */
  readonly fields: readonly FieldSpec[]
  readonly action: string
}

const fixed = ['currency']

export function AccountForm({ kind, account, me, title, lead, fields, action }: AccountFormProps): ReactNode {
  const denied = whyNot(me, `PATCH /${kind}s/:id`)
  const editor = useEditor<CarrierItem>({
    specs: fields,
    stored: account,
    path: `/${kind}s`,
    onSaved: () => undefined,
  })
  return (
    <form
      className="form form-section"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault()
        void editor.save()
      }}
    >
      <h2>{title}</h2>
      {lead === undefined ? null : <p className="form-lead">{lead}</p>}
      <SpecGroups
        specs={fields}
        tab={fields[0]?.tab ?? ''}
        context={{
          draft: editor.draft,
          onDraft: editor.setDraft,
          errors: editor.problem?.errors ?? [],
          disabled: denied !== undefined,
          fixed,
        }}
      />
      <ProblemNotice problem={editor.problem} except={fields.map((field) => field.path)} />
      <div className="form-actions form-save" data-dirty={editor.dirty}>
        {editor.dirty ? <span className="faint">Not saved yet.</span> : null}
        <Button type="submit" loading={editor.busy} disabled={denied !== undefined || !editor.dirty} title={denied}>
          {action}
        </Button>
      </div>
      {editor.conflict === undefined ? null : (
        <ConflictDialog
          conflict={editor.conflict}
          busy={editor.busy}
          onTakeTheirs={editor.takeTheirs}
          onKeepMine={(etag) => void editor.save(etag)}
          onClose={editor.backToForm}
        />
      )}
    </form>
  )
}
