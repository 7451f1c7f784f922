// Alert rules of an account: what is watched, from when on, who is told, and whether the account is out for a while.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AlertRule } from '../../../src/contract/alert-rule.ts'
import { CheckField, ListField, NumberField, SelectField, TextField } from '../kit/form-field.tsx'
import { kindOptions, kindWords, newRule, withKind } from './alert-words.ts'
import type { PlacedError } from './form-model.ts'
import { errorAt } from './form-model.ts'
import './rows.css'

interface RulesProps {
  readonly rules: readonly AlertRule[]
  readonly onChange: (rules: readonly AlertRule[]) => void
  readonly errors: readonly PlacedError[]
  readonly disabled: boolean
  /** Said when there is no rule. */
  readonly none?: string
  /** A further field of the rule at this place. */
  readonly extra?: (at: number) => ReactNode
}

const noneOfItsOwn = 'No rule of its own. Rules of the system for all accounts hold here, too.'

export function AlertRulesEditor(props: RulesProps): ReactNode {
  const { rules, onChange, disabled, none = noneOfItsOwn } = props
  return (
    <div className="rows-editor" role="group" aria-label="Alert rules">
      {rules.length === 0 ? <p className="faint">{none}</p> : null}
      <ol className="rows-list">
        {rules.map((rule, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
          <RuleCard key={at} {...props} at={at} rule={rule} />
        ))}
      </ol>
      <div className="rows-add">
        <Button
          variant="default"
          size="xs"
          disabled={disabled}
          onClick={() => onChange([...rules, { ...newRule, name: `Alert ${rules.length + 1}` }])}
        >
          Add alert
        </Button>
      </div>
    </div>
  )
}

type CardProps = RulesProps & { readonly at: number; readonly rule: AlertRule }

function RuleCard({ rules, onChange, errors, disabled, at, rule, extra }: CardProps): ReactNode {
  const set = (part: Partial<AlertRule>): void => onChange(rules.with(at, { ...rule, ...part }))
  const common = (field: keyof AlertRule) => ({ disabled, error: errorAt(errors, `alerts[${at}].${field}`) })
  return (
    <li className="try-box" aria-label={rule.name === '' ? `Alert ${at + 1}` : rule.name}>
      <div className="spec-fields">
        <TextField label="Name" value={rule.name} onChange={(name) => set({ name })} {...common('name')} />
        <SelectField
          label="Watches"
          options={kindOptions}
          value={rule.kind}
          onChange={(kind) => onChange(rules.with(at, withKind(rule, kind)))}
          {...common('kind')}
        />
        {extra?.(at)}
        <Thresholds rule={rule} set={set} common={common} />
        <NumberField
          label="Penalty"
          unit="min"
          placeholder="none"
          help="So long it is out when the alert is raised."
          value={rule.penaltyMinutes === 0 ? null : rule.penaltyMinutes}
          onChange={(minutes) => set({ penaltyMinutes: minutes ?? 0 })}
          {...common('penaltyMinutes')}
        />
        <ListField
          label="E-mail"
          rows={2}
          value={rule.email}
          onChange={(email) => set({ email: [...email] })}
          {...common('email')}
        />
        <TextField
          label="Webhook"
          placeholder="https://"
          value={rule.webhook ?? ''}
          onChange={(url) => set({ webhook: url === '' ? null : url })}
          {...common('webhook')}
        />
        <CheckField
          label="Enabled"
          value={rule.enabled}
          onChange={(enabled) => set({ enabled })}
          {...common('enabled')}
        />
      </div>
      <div className="rows-add">
        <Button
          size="compact-xs"
          variant="default"
          className="danger-text"
          disabled={disabled}
          aria-label={`Remove alert ${rule.name}`}
          onClick={() => onChange(rules.toSpliced(at, 1))}
        >
          Remove
        </Button>
      </div>
    </li>
  )
}

interface ThresholdProps {
  readonly rule: AlertRule
  readonly set: (part: Partial<AlertRule>) => void
  readonly common: (field: keyof AlertRule) => { disabled: boolean; error: string | undefined }
}

function Thresholds({ rule, set, common }: ThresholdProps): ReactNode {
  const { unit, raised, window } = kindWords[rule.kind]
  if (unit === undefined) return null
  return (
    <>
      <NumberField
        label={`Raised ${raised}`}
        unit={unit}
        value={rule.threshold}
        onChange={(threshold) => set({ threshold })}
        {...common('threshold')}
      />
      <NumberField
        label={raised === 'at or above' ? 'Over at or below' : 'Over at or above'}
        unit={unit}
        placeholder="the same"
        value={rule.resetThreshold}
        onChange={(resetThreshold) => set({ resetThreshold })}
        {...common('resetThreshold')}
      />
      {window ? (
        <>
          <NumberField
            label="Looks back"
            unit="min"
            value={rule.windowMinutes}
            onChange={(minutes) => set({ windowMinutes: minutes ?? 15 })}
            {...common('windowMinutes')}
          />
          <NumberField
            label="From so many calls on"
            value={rule.minimumCalls}
            onChange={(calls) => set({ minimumCalls: calls ?? 1 })}
            {...common('minimumCalls')}
          />
        </>
      ) : null}
    </>
  )
}
