// The configuration as one declarative file: download it; paste or choose one, see its plan, and apply it.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { ApplyAnswer } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { callApi, pathWith } from '../kit/api-client.ts'
import { Download } from '../kit/download.tsx'
import { CheckField, TextField } from '../kit/form-field.tsx'
import { Notice } from '../kit/notice.tsx'
import { Page } from '../kit/page.tsx'
import type { Answer } from '../kit/problem.ts'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'
import { FileProblem } from './file-problem.tsx'
import { FileTabs } from './file-tabs.tsx'
import { PlanView } from './plan-view.tsx'

/** What the plan was made of: it may be applied only as long as that is the same. */
interface Planned {
  readonly text: string
  readonly prune: boolean
  readonly answer: Answer<ApplyAnswer>
}

const bodyOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function FilePage({ me }: { me: Me }): ReactNode {
  const [text, setText] = useState('')
  const [prune, setPrune] = useState(false)
  const [planned, setPlanned] = useState<Planned>()
  const [done, setDone] = useState<number>()
  const [busy, setBusy] = useState(false)
  const save = useSave<ApplyAnswer>()
  const present = planned?.text === text && planned.prune === prune ? planned.answer : undefined
  const plan = async (): Promise<void> => {
    setBusy(true)
    setDone(undefined)
    save.reset()
    const path = pathWith('/config/diff', prune ? { prune } : {})
    setPlanned({ text, prune, answer: await callApi('POST', path, bodyOf(text)) })
    setBusy(false)
  }
  const apply = async (): Promise<void> => {
    const path = pathWith('/config/apply', prune ? { prune } : {})
    const answer = await save.run({ method: 'POST', path, body: bodyOf(text) })
    if (answer?.kind !== 'value') return
    setDone(answer.value.revision)
    setPlanned(undefined)
    setText('')
  }
  const denied = whyNot(me, 'POST /config/apply')
  const value = present?.kind === 'value' ? present.value : undefined
  return (
    <Page
      title="Configuration"
      lead="All of it as one file that people can read, keep beside their other files, and apply again. Passwords never leave."
    >
      <FileTabs chosen="file" />
      <ExportPanel />
      <section className="panel">
        <h2>Apply a file</h2>
        <FileForm text={text} setText={setText} prune={prune} setPrune={setPrune} />
        {done === undefined ? null : <Notice tone="green">Applied. Revision {done} is in force.</Notice>}
        <FileProblem answer={present} problem={save.problem} />
        {value === undefined ? null : <PlanView plan={value.plan} nothing="The file changes nothing." />}
        {(value?.warnings ?? []).map((warning) => (
          <Notice key={`${warning.path} ${warning.code}`} tone="amber">
            {warning.path}: {warning.message}
          </Notice>
        ))}
        <div className="form-actions">
          <Button
            variant={value === undefined ? 'filled' : 'default'}
            loading={busy}
            disabled={text.trim() === ''}
            onClick={() => void plan()}
          >
            Show the plan
          </Button>
          {value === undefined || value.plan.length === 0 ? null : (
            <Button loading={save.busy} disabled={denied !== undefined} title={denied} onClick={() => void apply()}>
              Apply
            </Button>
          )}
        </div>
      </section>
    </Page>
  )
}

function ExportPanel(): ReactNode {
  return (
    <section className="panel">
      <h2>Export</h2>
      <p className="file-actions">
        <Download path="/config/export?format=yaml" name="tollgate.yaml">
          Download as YAML
        </Download>
        <Download path="/config/export?format=json" name="tollgate.json">
          Download as JSON
        </Download>
      </p>
    </section>
  )
}

interface FormProps {
  readonly text: string
  readonly setText: (text: string) => void
  readonly prune: boolean
  readonly setPrune: (prune: boolean) => void
}

function FileForm({ text, setText, prune, setPrune }: FormProps): ReactNode {
  return (
    <>
      <label className="file-input">
        <span>Choose a file</span>
        <input
          type="file"
          accept=".yaml,.yml,.json"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0]
            if (file !== undefined) void file.text().then(setText)
          }}
        />
      </label>
      <TextField
        label="Or paste it"
        mono
        rows={12}
        value={text}
        onChange={setText}
        placeholder={'carriers:\n  - name: Acme\n    channelsMax: 30'}
      />
      <CheckField
        label="Remove what the file does not name"
        help="Else only what it names is created or changed."
        value={prune}
        onChange={setPrune}
      />
    </>
  )
}
