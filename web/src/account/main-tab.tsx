// Main: what the account does, its contacts and notes, and all its settings.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { CarrierItem } from '../../../src/contract/api-config.ts'
import { ConflictDialog } from '../kit/conflict-dialog.tsx'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { whyNot } from '../session.ts'
import { accountFields } from './account-fields.ts'
import type { AccountTabProps } from './account-page.tsx'
import { SpecGroups } from './spec-groups.tsx'
import { useEditor } from './use-editor.ts'

const fixed = ['currency']

export function MainTab(props: AccountTabProps): ReactNode {
  return <SettingsForm key={props.account.id} {...props} />
}

function SettingsForm({ kind, account, me }: AccountTabProps): ReactNode {
  const denied = whyNot(me, `PATCH /${kind}s/:id`)
  const editor = useEditor<CarrierItem>({
    specs: accountFields,
    stored: account,
    path: `/${kind}s`,
    onSaved: () => undefined,
  })
  return (
    <form
      className="form form-section"
      aria-label="Settings"
      onSubmit={(event) => {
        event.preventDefault()
        void editor.save()
      }}
    >
      <h2>Settings</h2>
      {account.warnings.map((warning) => (
        <Notice key={warning.message} tone="amber">
          {warning.message}
        </Notice>
      ))}
      <SpecGroups
        specs={accountFields}
        tab="Settings"
        context={{
          draft: editor.draft,
          onDraft: editor.setDraft,
          errors: editor.problem?.errors ?? [],
          disabled: denied !== undefined,
          fixed,
        }}
      />
      <ProblemNotice problem={editor.problem} except={accountFields.map((field) => field.path)} />
      <div className="form-actions form-actions-sticky">
        {editor.dirty ? <span className="faint">Not saved yet.</span> : null}
        <Button type="submit" loading={editor.busy} disabled={denied !== undefined || !editor.dirty} title={denied}>
          Save settings
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
