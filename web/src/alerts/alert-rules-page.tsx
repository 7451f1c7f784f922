// Rules that hold for all carriers, all customers or both, and the secret that signs webhooks.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { SystemAlertRule } from '../../../src/contract/alert-rule.ts'
import type { SystemConfig } from '../../../src/contract/declarative.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { AlertRulesEditor } from '../account/alert-rules-editor.tsx'
import '../account/form-tabs.css'
import { ConflictDialog } from '../kit/conflict-dialog.tsx'
import { SelectField } from '../kit/form-field.tsx'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { Page } from '../kit/page.tsx'
import { useObject } from '../kit/use-object.ts'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'
import { AlertTabs } from './alert-tabs.tsx'
import { TestAlerts } from './test-alerts.tsx'
import { WebhookSecret } from './webhook-secret.tsx'

export function AlertRulesPage({ me }: { me: Me }): ReactNode {
  const system = useObject<SystemConfig>('/system')
  const [saved, setSaved] = useState<string>()
  return (
    <Page title="Alerts" lead="A rule of a carrier or customer with the same name takes the place of the rule here.">
      <AlertTabs chosen="rules" />
      <ProblemNotice problem={system.problem} />
      {system.value === undefined ? null : (
        <RulesForm
          key={system.etag}
          rules={system.value.alerts}
          etag={system.etag}
          me={me}
          reload={system.reload}
          onSaved={setSaved}
        />
      )}
      {saved !== undefined && saved === system.etag ? <Notice tone="green">The rules are in force.</Notice> : null}
      {system.value === undefined || system.value.alerts.length === 0 ? null : (
        <TestAlerts names={system.value.alerts.map(({ name }) => name)} me={me} />
      )}
      <WebhookSecret me={me} />
    </Page>
  )
}

type For = SystemAlertRule['accounts']

const forOptions: readonly { value: For; label: string }[] = [
  { value: 'carriers', label: 'All carriers' },
  { value: 'customers', label: 'All customers' },
  { value: 'any', label: 'Carriers and customers' },
]

interface FormProps {
  readonly rules: readonly SystemAlertRule[]
  readonly etag: string | undefined
  readonly me: Me
  readonly reload: () => void
  /** The entity tag of what is stored now. */
  readonly onSaved: (etag: string | undefined) => void
}

function RulesForm({ rules: stored, etag, me, reload, onSaved }: FormProps): ReactNode {
  const [rules, setRules] = useState(stored)
  const save = useSave()
  const denied = whyNot(me, 'PATCH /system')
  const send = async (tag: string | undefined): Promise<void> => {
    const answer = await save.run({ method: 'PATCH', path: '/system', body: { alerts: rules }, etag: tag })
    if (answer?.kind === 'value') onSaved(answer.etag)
  }
  const setFor = (at: number, accounts: For): void => {
    const rule = rules[at]
    if (rule !== undefined) setRules(rules.with(at, { ...rule, accounts }))
  }
  const forField = (at: number): ReactNode => (
    <SelectField
      label="For"
      value={rules[at]?.accounts ?? 'carriers'}
      options={forOptions}
      disabled={denied !== undefined}
      onChange={(accounts) => setFor(at, accounts)}
    />
  )
  return (
    <form
      className="form-section"
      onSubmit={(event) => {
        event.preventDefault()
        void send(etag)
      }}
    >
      <h2>Rules for all accounts</h2>
      <AlertRulesEditor
        rules={rules}
        none="No rule for all accounts."
        errors={save.problem?.errors ?? []}
        disabled={denied !== undefined}
        onChange={(next) => setRules(next.map((rule) => ({ accounts: 'carriers', ...rule })))}
        extra={forField}
      />
      <ProblemNotice problem={save.problem} except={['alerts']} />
      <div className="form-actions">
        <Button type="submit" loading={save.busy} disabled={denied !== undefined} title={denied}>
          Save rules
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
          onKeepMine={(tag) => void send(tag)}
        />
      )}
    </form>
  )
}
