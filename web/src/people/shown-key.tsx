// An API key in the only moment in which it is shown.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { CreatedApiKey } from '../../../src/contract/api-people.ts'
import { CopyButton } from '../kit/copy-button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Notice } from '../kit/notice.tsx'
import './people.css'

export function ShownKey({ apiKey, onClose }: { apiKey: CreatedApiKey; onClose: () => void }): ReactNode {
  return (
    <Dialog
      title={`API key ${apiKey.name}`}
      onClose={onClose}
      actions={<Button onClick={onClose}>I have kept it</Button>}
    >
      <Notice tone="amber">This is the only time it is shown. Keep it where passwords are kept.</Notice>
      <p className="shown-secret">
        <code>{apiKey.key}</code>
        <CopyButton text={apiKey.key} name="the API key" />
      </p>
      <p className="faint">
        For the command line: <code>export TOLLGATE_API_KEY=…</code>
      </p>
    </Dialog>
  )
}
