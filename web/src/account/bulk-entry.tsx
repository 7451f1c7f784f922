// Bulk entry: paste, look at what the server makes of each row, save all of it or nothing.
import { Button, Textarea } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { BulkEntryResult } from '../../../src/contract/api-bulk.ts'
import { callApi } from '../kit/api-client.ts'
import { Dialog } from '../kit/dialog.tsx'
import { SelectField } from '../kit/form-field.tsx'
import { formatCount } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import type { Problem } from '../kit/problem.ts'
import { useSave } from '../kit/use-save.ts'
import './bulk-entry.css'
import { BulkPreview } from './bulk-preview.tsx'
import type { BulkDirection } from './bulk-view.ts'
import { bulkRequest, countLines } from './bulk-view.ts'

interface BulkProps {
  readonly kind: 'carrier' | 'customer'
  readonly accountName: string
  readonly accountPath: string
  readonly onClose: () => void
}

const directions = [
  { value: 'receives', label: 'They receive calls: gateways' },
  { value: 'sends', label: 'They send calls: authorised sources' },
  { value: 'both', label: 'Both' },
] as const

export function BulkEntry({ kind, accountName, accountPath, onClose }: BulkProps): ReactNode {
  const [pasted, setPasted] = useState('')
  const [direction, setDirection] = useState<BulkDirection>(kind === 'carrier' ? 'receives' : 'sends')
  const [preview, setPreview] = useState<BulkEntryResult>()
  const [looking, setLooking] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const save = useSave<BulkEntryResult>()
  const path = `${accountPath}/endpoints/bulk`
  const look = async (): Promise<void> => {
    setLooking(true)
    const answer = await callApi<BulkEntryResult>('POST', path, bulkRequest(pasted, direction, true))
    setLooking(false)
    setPreview(answer.kind === 'value' ? answer.value : undefined)
    setProblem(answer.kind === 'problem' ? answer.problem : undefined)
  }
  const confirm = async (): Promise<void> => {
    const answer = await save.run({ method: 'POST', path, body: bulkRequest(pasted, direction, false) })
    if (answer?.kind !== 'value') return
    if (answer.value.applied) onClose()
    else setPreview(answer.value)
  }
  return (
    <Dialog
      title={`Paste addresses of ${accountName}`}
      wide
      onClose={onClose}
      actions={
        preview === undefined ? (
          <PasteButtons lines={countLines(pasted)} looking={looking} onClose={onClose} />
        ) : (
          <PreviewButtons
            preview={preview}
            busy={save.busy}
            onBack={() => setPreview(undefined)}
            onConfirm={() => void confirm()}
          />
        )
      }
    >
      <ProblemNotice problem={problem ?? save.problem} />
      {preview === undefined ? (
        <form
          id="bulk-form"
          className="form"
          onSubmit={(event) => {
            event.preventDefault()
            void look()
          }}
        >
          <SelectField
            label="Direction of all of them"
            options={directions}
            value={direction}
            onChange={setDirection}
          />
          <PasteBox pasted={pasted} onChange={setPasted} onSubmit={() => void look()} />
        </form>
      ) : (
        <PreviewPart preview={preview} />
      )}
    </Dialog>
  )
}

interface PasteButtonsProps {
  readonly lines: number
  readonly looking: boolean
  readonly onClose: () => void
}

function PasteButtons({ lines, looking, onClose }: PasteButtonsProps): ReactNode {
  return (
    <>
      <Button variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button form="bulk-form" type="submit" loading={looking} disabled={lines === 0}>
        Preview {lines === 0 ? '' : formatCount(lines)}
      </Button>
    </>
  )
}

interface PreviewButtonsProps {
  readonly preview: BulkEntryResult
  readonly busy: boolean
  readonly onBack: () => void
  readonly onConfirm: () => void
}

function PreviewButtons({ preview, busy, onBack, onConfirm }: PreviewButtonsProps): ReactNode {
  return (
    <>
      <Button variant="default" onClick={onBack}>
        Change the text
      </Button>
      <Button autoFocus loading={busy} disabled={preview.wrong > 0 || preview.ok === 0} onClick={onConfirm}>
        Save {entriesText(preview.ok + preview.wrong)}
      </Button>
    </>
  )
}

const entriesText = (count: number): string => (count === 1 ? '1 entry' : `${formatCount(count)} entries`)

interface PasteProps {
  readonly pasted: string
  readonly onChange: (text: string) => void
  readonly onSubmit: () => void
}

function PasteBox({ pasted, onChange, onSubmit }: PasteProps): ReactNode {
  return (
    <Textarea
      label="One entry per line"
      description={
        <span>
          An address, a CIDR or a host name; or <code>name address port weight</code>, where port and weight may be left
          out; or CSV whose first line names the columns, like <code>name,addresses,port,weight</code>. Ctrl+Enter shows
          the preview; nothing is saved before that.
        </span>
      }
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      placeholder={'acme-1 192.0.2.10 5060 10\nacme-2 192.0.2.11 5060 1\n192.0.2.32/28'}
      classNames={{ input: 'bulk-paste' }}
      rows={12}
      spellCheck={false}
      autoComplete="off"
      data-autofocus
      autoFocus
      value={pasted}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        onSubmit()
      }}
    />
  )
}

function PreviewPart({ preview }: { preview: BulkEntryResult }): ReactNode {
  return (
    <>
      {preview.wrong > 0 ? (
        <Notice>
          {preview.wrong === 1 ? 'One row is' : `${formatCount(preview.wrong)} rows are`} wrong. Nothing can be saved
          until all of them are right.
        </Notice>
      ) : (
        <Notice tone="blue">This is a preview: nothing is saved yet.</Notice>
      )}
      {preview.warnings.map((warning) => (
        <Notice key={warning.message} tone="amber">
          {warning.message}
        </Notice>
      ))}
      <BulkPreview result={preview} />
    </>
  )
}
