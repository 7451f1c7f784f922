// Reply management: what happens when a gateway answers with a code. What has no rule behaves as always (Default).
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ReplyRule } from '../../../src/contract/parts.ts'
import { NumberField, SelectField, TextField } from '../kit/form-field.tsx'
import type { PlacedError } from './form-model.ts'
import { errorAt } from './form-model.ts'
import { RowTools } from './row-tools.tsx'
import './rows.css'

interface RulesProps {
  readonly rules: readonly ReplyRule[]
  readonly onChange: (rules: readonly ReplyRule[]) => void
  readonly errors: readonly PlacedError[]
  readonly disabled: boolean
}

const actions = [
  { value: 'default', label: 'Default' },
  { value: 'failover', label: 'Failover: next carrier' },
  { value: 'failoverGateway', label: 'Failover: next gateway first' },
  { value: 'replace', label: 'Replace' },
] as const

const examples: readonly (readonly [title: string, rule: ReplyRule])[] = [
  ['404 to the next carrier', { code: 404, action: 'failover' }],
  ['183 as 180', { code: 183, action: 'replace', newCode: 180, newReason: 'Ringing' }],
]

export function ReplyRulesEditor(props: RulesProps): ReactNode {
  const { rules, onChange, disabled } = props
  const add = (rule: ReplyRule): void => onChange([...rules, rule])
  return (
    <div className="rows-editor" role="group" aria-label="Reply rules">
      {rules.length === 0 ? <p className="faint">No rule: every code behaves as usual.</p> : null}
      <ol className="rows-list">
        {rules.map((rule, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
          <RuleRow key={at} {...props} at={at} rule={rule} />
        ))}
      </ol>
      <div className="rows-add">
        <Button variant="default" size="xs" disabled={disabled} onClick={() => add({ code: 404, action: 'default' })}>
          Add new code
        </Button>
        <span className="faint">or start from:</span>
        {examples.map(([title, rule]) => (
          <Button key={title} variant="subtle" size="xs" disabled={disabled} onClick={() => add(rule)}>
            {title}
          </Button>
        ))}
      </div>
    </div>
  )
}

function RuleRow({
  rules,
  onChange,
  errors,
  disabled,
  at,
  rule,
}: RulesProps & { at: number; rule: ReplyRule }): ReactNode {
  const path = `replyRules[${at}]`
  const set = (part: Partial<ReplyRule>): void => onChange(rules.with(at, { ...rule, ...part }))
  const setAction = (action: ReplyRule['action']): void => {
    const { newCode: _code, newReason: _reason, ...rest } = rule
    onChange(rules.with(at, action === 'replace' ? { ...rule, action } : { ...rest, action }))
  }
  return (
    <li className="rows-row" aria-label={`Rule ${at + 1}`}>
      <span className="rows-number faint">{at + 1}</span>
      <NumberField
        label="Code"
        placeholder="404"
        value={rule.code}
        disabled={disabled}
        error={errorAt(errors, `${path}.code`)}
        onChange={(code) => set({ code: code ?? 0 })}
      />
      <SelectField
        label="Action"
        options={actions}
        value={rule.action}
        disabled={disabled}
        error={errorAt(errors, `${path}.action`)}
        onChange={setAction}
      />
      {rule.action === 'replace' ? (
        <>
          <NumberField
            label="New code"
            value={rule.newCode ?? null}
            disabled={disabled}
            error={errorAt(errors, `${path}.newCode`)}
            onChange={(newCode) => set({ newCode: newCode ?? 0 })}
          />
          <TextField
            label="New reason"
            placeholder="usual words"
            value={rule.newReason ?? ''}
            disabled={disabled}
            error={errorAt(errors, `${path}.newReason`)}
            onChange={(newReason) => set({ newReason })}
          />
        </>
      ) : null}
      <RowTools word="rule" rows={rules} at={at} onChange={onChange} disabled={disabled} />
    </li>
  )
}
