// The editor of one IP authentication entry, as a window with the tabs Basic, Advanced, Codecs, Parameter rewrite.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import { EditorWindow } from './editor-window.tsx'
import { endpointFields, endpointTabs } from './endpoint-fields.ts'
import { EntryHealth } from './entry-health.tsx'
import type { Draft } from './form-model.ts'
import { duplicateOf, valueAt } from './form-model.ts'
import { useEditor } from './use-editor.ts'

export interface EntryEditorProps {
  /** `/carriers/ID`. */
  readonly accountPath: string
  readonly accountName: string
  readonly stored: EndpointItem | undefined
  readonly initial?: Draft
  readonly startTab?: string
  readonly readOnly: boolean
  readonly onClose: () => void
  /** Opens the copy as a new entry. */
  readonly onDuplicate: (draft: Draft) => void
  readonly onRemove: (endpoint: EndpointItem) => void
}

const rowsIn = (draft: Draft, path: string): Readonly<Record<string, string>> => {
  const rows = valueAt(draft, path)
  return Array.isArray(rows) && rows.length > 0 ? { text: String(rows.length) } : {}
}

/** How many rows stand on the tabs that one does not see. */
function notesOf(draft: Draft): Readonly<Record<string, string>> {
  const codecs = rowsIn(draft, 'restrictedCodecs')['text']
  const rewrites = rowsIn(draft, 'rewrites')['text']
  return {
    ...(codecs === undefined ? {} : { Codecs: codecs }),
    ...(rewrites === undefined ? {} : { 'Parameter rewrite': rewrites }),
  }
}

export function EntryEditor(props: EntryEditorProps): ReactNode {
  const { accountPath, accountName, stored, readOnly, onClose, onDuplicate, onRemove } = props
  const [saved, setSaved] = useState<EndpointItem>()
  const editor = useEditor<EndpointItem>({
    specs: endpointFields,
    stored,
    ...(props.initial === undefined ? {} : { initial: props.initial }),
    path: stored === undefined ? `${accountPath}/endpoints` : '/endpoints',
    // Warnings are read before the window closes; nothing to read, nothing to wait for.
    onSaved: (view) => (view.warnings.length === 0 ? onClose() : setSaved(view)),
  })
  const current = saved ?? stored
  return (
    <EditorWindow
      title={
        current === undefined ? `New IP authentication entry of ${accountName}` : `${accountName}: ${current.name}`
      }
      specs={endpointFields}
      tabs={endpointTabs}
      {...(props.startTab === undefined ? {} : { startTab: props.startTab })}
      notes={notesOf(editor.draft)}
      editor={editor}
      warnings={saved?.warnings ?? (editor.dirty ? [] : (stored?.warnings ?? []))}
      saved={saved !== undefined}
      readOnly={readOnly}
      hasPassword={current?.hasPassword === true}
      onClose={onClose}
      {...(current === undefined || current.direction === 'sends'
        ? {}
        : { further: { Health: <EntryHealth endpointId={current.id} readOnly={readOnly} /> } })}
      more={
        current === undefined || readOnly ? null : (
          <>
            <Button variant="default" onClick={() => onDuplicate(duplicateOf(current))}>
              Duplicate
            </Button>
            <Button variant="default" className="danger-text" onClick={() => onRemove(current)}>
              Remove
            </Button>
          </>
        )
      }
    />
  )
}
