// The settings of the whole system, what runs, and the backup.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { StatusItem } from '../../../src/contract/api-live.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import type { SystemConfig } from '../../../src/contract/declarative.ts'
import { ConflictDialog } from '../kit/conflict-dialog.tsx'
import { plural } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { Facts, Page } from '../kit/page.tsx'
import { useObject } from '../kit/use-object.ts'
import { useSave } from '../kit/use-save.ts'
import { can, whyNot } from '../session.ts'
import { BackupPanel } from './backup-panel.tsx'
import './configuration.css'
import { SystemField } from './system-field.tsx'
import { changesOf, draftOf, groups, shownPaths, withValue } from './system-fields.ts'

export function SystemPage({ me }: { me: Me }): ReactNode {
  const system = useObject<SystemConfig>('/system')
  const status = useObject<StatusItem>('/status', { pollMs: 5_000 })
  return (
    <Page title="System" lead="What counts for all carriers and customers, and what runs here.">
      <ProblemNotice problem={system.problem ?? status.problem} />
      {status.value === undefined ? null : <Running status={status.value} />}
      {system.value === undefined ? null : (
        <SystemForm key={system.etag} system={system.value} etag={system.etag} me={me} reload={system.reload} />
      )}
      {can(me, 'POST /backup') ? <BackupPanel /> : null}
    </Page>
  )
}

function Running({ status }: { status: StatusItem }): ReactNode {
  const { version, revision, ready, reasons, troubles, listeners } = status
  return (
    <section className="panel">
      <h2>Running</h2>
      {ready ? null : <Notice tone="amber">Not ready for calls: {reasons.join(', ')}</Notice>}
      {troubles.map((trouble) => (
        <Notice key={trouble} tone="red">
          {trouble}
        </Notice>
      ))}
      <Facts
        items={[
          ['Version', version],
          ['Configuration in force', `revision ${revision}`],
          ['State', ready ? 'ready for calls' : 'not ready'],
          [
            listeners.length === 1 ? 'Listens at' : `Listens at ${listeners.length} places`,
            <span key="listeners" className="listeners">
              {listeners.map((listener) => (
                <code key={listener}>{listener}</code>
              ))}
            </span>,
          ],
        ]}
      />
    </section>
  )
}

interface FormProps {
  readonly system: SystemConfig
  readonly etag: string | undefined
  readonly me: Me
  readonly reload: () => void
}

function SystemForm({ system, etag, me, reload }: FormProps): ReactNode {
  const [before] = useState(() => draftOf(system))
  const [draft, setDraft] = useState(before)
  const save = useSave()
  const denied = whyNot(me, 'PATCH /system')
  const changes = changesOf(before, draft)
  const count = Object.keys(changes).length
  const send = (tag: string | undefined): void =>
    void save.run({ method: 'PATCH', path: '/system', body: changes, etag: tag })
  return (
    <form
      className="system-form"
      onSubmit={(event) => {
        event.preventDefault()
        send(etag)
      }}
    >
      {groups.map(({ title, lead, fields }) => (
        <section key={title} className="form-section">
          <h2>{title}</h2>
          {lead === undefined ? null : <p className="form-lead">{lead}</p>}
          <div className="form-row">
            {fields.map((field) => (
              <SystemField
                key={field.path}
                field={field}
                draft={draft}
                problem={save.problem}
                disabled={denied !== undefined}
                onChange={(value) => setDraft(withValue(draft, field.path, value))}
              />
            ))}
          </div>
        </section>
      ))}
      <ProblemNotice problem={save.problem} except={shownPaths} />
      <div className="form-actions system-save">
        <span className="faint" aria-live="polite">
          {count === 0 ? 'Nothing changed' : plural(count, 'setting') + ' changed'}
        </span>
        <Button variant="default" disabled={count === 0} onClick={() => setDraft(before)}>
          Undo
        </Button>
        <Button type="submit" loading={save.busy} disabled={denied !== undefined || count === 0} title={denied}>
          Save
        </Button>
      </div>
      {save.conflict === undefined ? null : (
        <ConflictDialog
          conflict={save.conflict}
          busy={save.busy}
          onClose={save.reset}
          onTakeTheirs={() => {
            save.reset()
            reload()
          }}
          onKeepMine={send}
        />
      )}
    </form>
  )
}
