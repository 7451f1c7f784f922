// The window of an editor: tabs, notices, the conflict with another person's change, and the buttons.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Warning } from '../../../src/contract/api-common.ts'
import { ConflictDialog } from '../kit/conflict-dialog.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import type { FieldSpec } from './form-model.ts'
import { FormTabs } from './form-tabs.tsx'
import { SpecGroups } from './spec-groups.tsx'
import type { Editor } from './use-editor.ts'

interface WindowProps {
  readonly title: string
  readonly specs: readonly FieldSpec[]
  readonly tabs: readonly string[]
  readonly startTab?: string
  readonly notes?: Readonly<Record<string, string>>
  readonly editor: Editor
  readonly warnings: readonly Warning[]
  /** It was saved a moment ago, with warnings. */
  readonly saved: boolean
  readonly readOnly: boolean
  readonly hasPassword: boolean
  readonly fixed?: readonly string[]
  readonly onClose: () => void
  /** Tabs behind those of the form, with what they show. */
  readonly further?: Readonly<Record<string, ReactNode>>
  /** Further buttons. */
  readonly more?: ReactNode
}

export function EditorWindow(props: WindowProps): ReactNode {
  const { title, specs, tabs, editor, readOnly, onClose } = props
  const [tab, setTab] = useState(props.startTab ?? tabs[0] ?? '')
  const [leaving, setLeaving] = useState(false)
  const leave = (): void => (editor.dirty && !readOnly ? setLeaving(true) : onClose())
  useErrorTab(editor, tab, setTab)
  return (
    <Dialog
      title={title}
      wide
      onClose={leave}
      actions={
        leaving ? (
          <LeaveQuestion onStay={() => setLeaving(false)} onLeave={onClose} />
        ) : (
          <EditorButtons {...props} leave={leave} />
        )
      }
    >
      <form
        className="form"
        id="editor-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (!readOnly) void editor.save()
        }}
      >
        <EditorNotices {...props} />
        <FormTabs
          label={title}
          tabs={[...tabs, ...Object.keys(props.further ?? {})]}
          chosen={tab}
          onChoose={setTab}
          errors={editor.placed.byTab}
          {...(props.notes === undefined ? {} : { notes: props.notes })}
        >
          {props.further?.[tab]}
          <SpecGroups
            specs={specs}
            tab={tab}
            context={{
              draft: editor.draft,
              onDraft: editor.setDraft,
              errors: editor.problem?.errors ?? [],
              disabled: readOnly,
              hasPassword: props.hasPassword,
              ...(props.fixed === undefined ? {} : { fixed: props.fixed }),
            }}
          />
        </FormTabs>
      </form>
      {editor.conflict === undefined ? null : (
        <ConflictDialog
          conflict={editor.conflict}
          busy={editor.busy}
          onTakeTheirs={editor.takeTheirs}
          onKeepMine={(etag) => void editor.save(etag)}
          onClose={editor.backToForm}
        />
      )}
    </Dialog>
  )
}

/** After a refused save the tab with an error is shown, unless this one has one. Keys pressed later move nobody. */
function useErrorTab(editor: Editor, tab: string, setTab: (tab: string) => void): void {
  const { problem, placed } = editor
  const [seen, setSeen] = useState(problem)
  if (seen === problem) return
  setSeen(problem)
  const [first] = placed.byTab.keys()
  if (problem !== undefined && first !== undefined && !placed.byTab.has(tab)) setTab(first)
}

function EditorNotices({ editor, saved, warnings }: WindowProps): ReactNode {
  const { problem, placed } = editor
  return (
    <>
      {problem === undefined ? null : placed.byTab.size === 0 ? (
        <ProblemNotice problem={problem} />
      ) : (
        <Notice>
          Nothing was saved. The marked fields say what is wrong.{' '}
          {placed.elsewhere.map((error) => `${error.path}: ${error.message}`).join('. ')}
        </Notice>
      )}
      {warnings.length === 0 ? null : (
        <Notice tone="amber">
          {saved ? <strong>Saved. Worth a look:</strong> : <strong>Worth a look:</strong>}
          <ul>
            {warnings.map((warning) => (
              <li key={`${warning.path} ${warning.message}`}>{warning.message}</li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  )
}

function EditorButtons(props: WindowProps & { leave: () => void }): ReactNode {
  const { editor, readOnly, saved, more, leave } = props
  if (readOnly)
    return (
      <Button variant="default" onClick={leave}>
        Close
      </Button>
    )
  return (
    <>
      <span className="editor-more">{more}</span>
      <Button variant="default" onClick={leave}>
        {saved && !editor.dirty ? 'Close' : 'Cancel'}
      </Button>
      <Button type="submit" form="editor-form" loading={editor.busy}>
        Save
      </Button>
    </>
  )
}

function LeaveQuestion({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }): ReactNode {
  return (
    <>
      <span className="editor-more" role="alert">
        There are changes that are not saved.
      </span>
      <Button variant="default" onClick={onLeave}>
        Throw them away
      </Button>
      <Button onClick={onStay} autoFocus>
        Go on editing
      </Button>
    </>
  )
}
