// The editor of a SIP user.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { SipUserItem } from '../../../src/contract/api-config.ts'
import { EditorWindow } from './editor-window.tsx'
import { sipUserFields, sipUserTabs } from './sip-user-fields.ts'
import { useEditor } from './use-editor.ts'

interface SipUserEditorProps {
  readonly accountPath: string
  readonly accountName: string
  readonly stored: SipUserItem | undefined
  readonly readOnly: boolean
  readonly onClose: () => void
  readonly onRemove: (user: SipUserItem) => void
}

const nothing = {}

export function SipUserEditor(props: SipUserEditorProps): ReactNode {
  const { accountPath, accountName, stored, readOnly, onClose, onRemove } = props
  const [saved, setSaved] = useState<SipUserItem>()
  const editor = useEditor<SipUserItem>({
    specs: sipUserFields,
    stored,
    initial: nothing,
    path: stored === undefined ? `${accountPath}/sip-users` : '/sip-users',
    onSaved: (view) => (view.warnings.length === 0 ? onClose() : setSaved(view)),
  })
  const current = saved ?? stored
  return (
    <EditorWindow
      title={current === undefined ? `New SIP user of ${accountName}` : `${accountName}: SIP user ${current.username}`}
      specs={sipUserFields}
      tabs={sipUserTabs}
      editor={editor}
      warnings={saved?.warnings ?? stored?.warnings ?? []}
      saved={saved !== undefined}
      readOnly={readOnly}
      hasPassword={current?.hasPassword === true}
      onClose={onClose}
      more={
        current === undefined || readOnly ? null : (
          <Button variant="default" className="danger-text" onClick={() => onRemove(current)}>
            Remove
          </Button>
        )
      }
    />
  )
}
