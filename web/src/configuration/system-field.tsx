// One setting of the system as the field that fits it.
import { Checkbox } from '@mantine/core'
import type { ReactNode } from 'react'
import type { SystemConfig } from '../../../src/contract/declarative.ts'
import { CheckField, errorsAt, ListField, NumberField, SelectField, TextField } from '../kit/form-field.tsx'
import type { Problem } from '../kit/problem.ts'
import type { FieldSpec, SystemDraft } from './system-fields.ts'
import { valueAt } from './system-fields.ts'

interface FieldProps {
  readonly field: FieldSpec
  readonly draft: SystemDraft
  readonly problem: Problem | undefined
  readonly disabled: boolean
  readonly onChange: (value: unknown) => void
}

type UnknownSource = SystemConfig['unknownSource']
type Algorithm = SystemConfig['digestAlgorithms'][number]

const unknownOptions: readonly { value: UnknownSource; label: string }[] = [
  { value: 'refuse', label: 'Refuse with 403' },
  { value: 'challenge', label: 'Ask for a password (401)' },
  { value: 'drop', label: 'Do not answer' },
]

const algorithms: readonly Algorithm[] = ['SHA-512-256', 'SHA-256', 'MD5']

export function SystemField({ field, draft, problem, disabled, onChange }: FieldProps): ReactNode {
  const { path, label, help, as, unit } = field
  const value = valueAt(draft, path)
  const shared = { label, help, disabled, error: errorsAt(problem, path), onChange }
  switch (as) {
    case 'text':
      return (
        <TextField
          {...shared}
          value={(value as string | null) ?? ''}
          onChange={(text) => onChange(text === '' && path === 'overflowPeer' ? null : text)}
        />
      )
    case 'number':
      return <NumberField {...shared} {...(unit === undefined ? {} : { unit })} value={value as number | null} />
    case 'list':
      return <ListField {...shared} value={value as readonly string[]} />
    case 'check':
      return <CheckField {...shared} value={value as boolean} />
    case 'unknownSource':
      return <SelectField {...shared} value={value as UnknownSource} options={unknownOptions} />
    case 'digest':
      break
  }
  return <Algorithms {...shared} value={value as readonly Algorithm[]} />
}

interface AlgorithmProps {
  readonly label: string
  readonly help: string
  readonly error: string | undefined
  readonly disabled: boolean
  readonly value: readonly Algorithm[]
  readonly onChange: (value: readonly Algorithm[]) => void
}

function Algorithms({ label, help, error, disabled, value, onChange }: AlgorithmProps): ReactNode {
  const toggle = (one: Algorithm): void => {
    const wanted = value.includes(one) ? value.filter((other) => other !== one) : [...value, one]
    onChange(algorithms.filter((other) => wanted.includes(other)))
  }
  return (
    <fieldset className="choices">
      <legend>{label}</legend>
      {algorithms.map((one) => (
        <Checkbox
          key={one}
          label={one}
          checked={value.includes(one)}
          disabled={disabled}
          onChange={() => toggle(one)}
        />
      ))}
      <p className="choices-help">{help}</p>
      {error === undefined ? null : <p className="choices-error">{error}</p>}
    </fieldset>
  )
}
