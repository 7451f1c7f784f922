// One field of an editor, drawn from its row in the table of fields.
import { Checkbox } from '@mantine/core'
import type { ReactNode } from 'react'
import { CheckField, ListField, NumberField, SecretField, SelectField, TextField } from '../kit/form-field.tsx'
import { OwnField } from './own-field.tsx'
import type { Draft, FieldSpec, PlacedError } from './form-model.ts'
import { errorAt, textOf, valueAt, withValue } from './form-model.ts'

export interface FieldContext {
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly errors: readonly PlacedError[]
  readonly disabled: boolean
  /** The object has a password, which nobody can read. */
  readonly hasPassword?: boolean
  /** What may not be changed once the object exists. */
  readonly fixed?: readonly string[]
}

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(textOf) : [])

/** What all kinds of fields share. */
function commonOf(spec: FieldSpec, context: FieldContext) {
  const error = errorAt(context.errors, spec.path)
  return {
    label: spec.label,
    disabled: context.disabled || context.fixed?.includes(spec.path) === true,
    ...(error === undefined ? {} : { error }),
    ...(spec.help === undefined ? {} : { help: spec.help }),
    ...('hint' in spec && spec.hint !== undefined ? { placeholder: spec.hint } : {}),
  }
}

export function SpecField({ spec, context }: { spec: FieldSpec; context: FieldContext }): ReactNode {
  const value = valueAt(context.draft, spec.path)
  const set = (next: unknown): void => context.onDraft(withValue(context.draft, spec.path, next))
  const common = commonOf(spec, context)
  switch (spec.kind) {
    case 'text':
      // A text whose usual value is nothing may be emptied; any other blank one is absent.
      return (
        <TextField
          {...common}
          value={textOf(value)}
          onChange={(text) => set(text === '' && spec.usual === undefined ? undefined : text)}
        />
      )
    case 'area':
      return (
        <TextField
          {...common}
          rows={3}
          value={textOf(value)}
          onChange={(text) => set(text === '' && spec.usual === undefined ? undefined : text)}
        />
      )
    case 'secret':
      return (
        <SecretField
          {...common}
          stored={context.hasPassword === true}
          generate={spec.generate === true}
          value={textOf(value)}
          onChange={(text) => set(text === '' ? undefined : text)}
        />
      )
    case 'number':
      return <NumberSpec spec={spec} common={common} value={value} set={set} />
    case 'choice':
      return (
        <SelectField
          {...common}
          options={spec.choices.map(([one, label]) => ({ value: one, label }))}
          value={value === undefined ? spec.usual : textOf(value)}
          onChange={(next) =>
            set(typeof value === 'number' || /^\d+$/.test(next) ? Number(next) : next === '' ? undefined : next)
          }
        />
      )
    case 'check':
      return <CheckField {...common} value={typeof value === 'boolean' ? value : spec.usual} onChange={set} />
    case 'lines':
      return <ListField {...common} value={value === undefined ? spec.usual : listOf(value)} onChange={set} />
    case 'several':
      return <SeveralSpec spec={spec} common={common} value={listOf(value)} set={set} />
    case 'own':
    default:
      return <OwnField path={spec.path} {...context} />
  }
}

interface PartProps<Kind extends FieldSpec['kind']> {
  readonly spec: Extract<FieldSpec, { kind: Kind }>
  readonly common: ReturnType<typeof commonOf>
  readonly set: (value: unknown) => void
}

function NumberSpec({ spec, common, value, set }: PartProps<'number'> & { value: unknown }): ReactNode {
  const shown = typeof value === 'number' && !(value === 0 && spec.zero !== undefined) ? value : null
  return (
    <NumberField
      {...common}
      {...(spec.zero === undefined ? {} : { placeholder: spec.zero })}
      {...(spec.unit === undefined ? {} : { unit: spec.unit })}
      value={shown}
      onChange={(next) => set(next === null ? undefined : Number.isNaN(next) ? 'not a number' : next)}
    />
  )
}

function SeveralSpec({ spec, common, value, set }: PartProps<'several'> & { value: readonly string[] }): ReactNode {
  const { label, help, error, disabled } = common
  return (
    <Checkbox.Group
      label={label}
      value={[...value]}
      onChange={(next) => set(next.length === 0 ? undefined : next)}
      {...(help === undefined ? {} : { description: help })}
      {...(error === undefined ? {} : { error })}
    >
      <div className="several">
        {spec.choices.map(([one, name]) => (
          <Checkbox key={one} value={one} label={name} disabled={disabled} />
        ))}
      </div>
    </Checkbox.Group>
  )
}
