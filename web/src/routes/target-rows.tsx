// The targets of a route, each with the share of the calls that its weight gives it.
import { ActionIcon, Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { errorsAt, NumberField, SelectField } from '../kit/form-field.tsx'
import { formatShare } from '../kit/format.ts'
import { ClearIcon } from '../kit/icons.tsx'
import { Notice } from '../kit/notice.tsx'
import { PickField } from '../kit/pick-field.tsx'
import type { Problem } from '../kit/problem.ts'
import { findFieldProblem } from '../kit/problem.ts'
import type { TargetDraft, TargetKind } from './route-draft.ts'
import { newTarget, sharesOf } from './route-draft.ts'

const kinds: readonly { value: TargetKind; label: string }[] = [
  { value: 'carrier', label: 'Carrier' },
  { value: 'customer', label: 'Customer' },
  { value: 'sipUser', label: 'SIP user' },
]

interface RowsProps {
  readonly targets: readonly TargetDraft[]
  readonly onChange: (targets: readonly TargetDraft[]) => void
  readonly problem: Problem | undefined
  readonly disabled: boolean
}

export function TargetRows({ targets, onChange, problem, disabled }: RowsProps): ReactNode {
  const shares = sharesOf(targets)
  const fault = findFieldProblem(problem, 'targets')
  const add = (): void => onChange([...targets, newTarget(Math.max(-1, ...targets.map(({ key }) => key)) + 1)])
  return (
    <fieldset className="targets">
      <legend>Go to</legend>
      {targets.map((target, at) => (
        <TargetRow
          key={target.key}
          target={target}
          at={at}
          share={shares[at] ?? 0}
          problem={problem}
          disabled={disabled}
          onChange={(next) => onChange(targets.map((one) => (one.key === next.key ? next : one)))}
          onRemove={() => onChange(targets.filter((one) => one.key !== target.key))}
        />
      ))}
      {fault === undefined ? null : <Notice>{fault}</Notice>}
      <div>
        <Button variant="default" size="xs" disabled={disabled} onClick={add}>
          Add a target
        </Button>
      </div>
    </fieldset>
  )
}

interface RowProps {
  readonly target: TargetDraft
  readonly at: number
  readonly share: number
  readonly problem: Problem | undefined
  readonly disabled: boolean
  readonly onChange: (target: TargetDraft) => void
  readonly onRemove: () => void
}

const kindLabel = (kind: TargetKind): string => kinds.find(({ value }) => value === kind)?.label ?? ''

function TargetRow({ target, at, share, problem, disabled, onChange, onRemove }: RowProps): ReactNode {
  const path = `targets[${at}]`
  return (
    <div className="target">
      <SelectField
        label="Kind"
        value={target.kind}
        options={kinds}
        disabled={disabled}
        onChange={(kind) => onChange({ ...target, kind, name: '' })}
      />
      <PickField
        kind={target.kind}
        label={kindLabel(target.kind)}
        value={target.name}
        disabled={disabled}
        error={errorsAt(problem, `${path}.${target.kind}`) ?? findFieldProblem(problem, path)}
        onChange={(name) => onChange({ ...target, name })}
      />
      <NumberField
        label="Priority"
        value={target.priority}
        disabled={disabled}
        error={errorsAt(problem, `${path}.priority`)}
        onChange={(priority) => onChange({ ...target, priority })}
      />
      <NumberField
        label="Weight"
        value={target.weight}
        disabled={disabled}
        error={errorsAt(problem, `${path}.weight`)}
        onChange={(weight) => onChange({ ...target, weight })}
      />
      <p className="target-share">
        <span className="faint">Share</span>
        {formatShare(share)}
      </p>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={disabled}
        aria-label={`Remove target ${at + 1}`}
        onClick={onRemove}
      >
        <ClearIcon />
      </ActionIcon>
    </div>
  )
}
