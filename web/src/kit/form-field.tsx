// The fields of forms: label, help, error in its place. Values go in and out as the API has them.
import { Checkbox, NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import './form-field.css'
import { SecretTools } from './secret-tools.tsx'

export { errorsAt } from './problem.ts'

interface FieldProps<Value> {
  readonly label: string
  readonly value: Value
  readonly onChange: (value: Value) => void
  readonly error?: string | undefined
  readonly help?: ReactNode
  readonly disabled?: boolean | undefined
  readonly autoFocus?: boolean
  readonly placeholder?: string
}

/** What all inputs share; an absent error or help must be absent, not undefined. */
function common({ label, error, help, disabled, autoFocus, placeholder }: FieldProps<never>) {
  return {
    label,
    disabled: disabled === true,
    ...(error === undefined ? {} : { error }),
    ...(help === undefined ? {} : { description: help }),
    ...(autoFocus === true ? { autoFocus: true, 'data-autofocus': true } : {}),
    ...(placeholder === undefined ? {} : { placeholder }),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
    autoComplete: 'off',
    spellCheck: false,
  }
}

const shared = (props: unknown): ReturnType<typeof common> => common(props as FieldProps<never>)

interface TextProps extends FieldProps<string> {
  /** Several lines. */
  readonly rows?: number
  /** Figures and addresses. */
  readonly mono?: boolean
}

export function TextField(props: TextProps): ReactNode {
  const { value, onChange, rows, mono = false } = props
  const classNames = mono ? { classNames: { input: 'field-mono' } } : {}
  if (rows !== undefined)
    return (
      <Textarea
        {...shared(props)}
        {...classNames}
        rows={rows}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  return (
    <TextInput
      {...shared(props)}
      {...classNames}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

const textOf = (value: number | null): string => (value === null || Number.isNaN(value) ? '' : String(value))

interface NumberProps extends FieldProps<number | null> {
  /** Shown behind the number: `ms`, `calls/s`. */
  readonly unit?: string
}

/** A number, or null when empty. What is no number becomes NaN, and the server says what it wants instead. */
export function NumberField(props: NumberProps): ReactNode {
  const { value, onChange, unit } = props
  const [text, setText] = useState(textOf(value))
  const [seen, setSeen] = useState(value)
  if (!Object.is(seen, value)) {
    setSeen(value)
    setText(textOf(value))
  }
  return (
    <TextInput
      {...shared(props)}
      inputMode="decimal"
      value={text}
      {...(unit === undefined
        ? {}
        : {
            rightSection: <span className="field-unit">{unit}</span>,
            rightSectionWidth: `${unit.length * 0.6 + 1}rem`,
          })}
      onChange={(event) => {
        const written = event.currentTarget.value
        const next = written.trim() === '' ? null : Number(written)
        setText(written)
        setSeen(next)
        onChange(next)
      }}
    />
  )
}

interface Option<Value extends string> {
  readonly value: Value
  readonly label: string
}

interface SelectProps<Value extends string> extends FieldProps<Value> {
  readonly options: readonly Option<Value>[]
}

export function SelectField<Value extends string>(props: SelectProps<Value>): ReactNode {
  const { value, onChange, options } = props
  return (
    <NativeSelect
      {...shared(props)}
      data={options.map((one) => ({ value: one.value, label: one.label }))}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Value)}
    />
  )
}

export function CheckField({ label, value, onChange, error, help, disabled }: FieldProps<boolean>): ReactNode {
  return (
    <Checkbox
      label={label}
      checked={value}
      disabled={disabled === true}
      {...(help === undefined ? {} : { description: help })}
      {...(error === undefined ? {} : { error })}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  )
}

interface ListProps extends FieldProps<readonly string[]> {
  readonly rows?: number
}

const linesOf = (text: string): string[] =>
  text
    .split(/[\n,;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** A list of texts, one a line; commas separate, too. */
export function ListField(props: ListProps): ReactNode {
  const { value, onChange, rows = 3 } = props
  const [text, setText] = useState(value.join('\n'))
  if (linesOf(text).join('\n') !== value.join('\n')) setText(value.join('\n'))
  return (
    <Textarea
      {...shared(props)}
      classNames={{ input: 'field-mono' }}
      rows={rows}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        onChange(linesOf(event.currentTarget.value))
      }}
    />
  )
}

interface SecretProps extends FieldProps<string> {
  /** The server has one already, which it never shows. */
  readonly stored?: boolean
  /** Offers to make one. */
  readonly generate?: boolean
}

/** A password: what is stored is never shown; empty leaves it as it is. */
export function SecretField(props: SecretProps): ReactNode {
  const { value, onChange, stored = false, generate = false } = props
  return (
    <div className="field-secret">
      <PasswordInput
        {...shared(props)}
        autoComplete="new-password"
        {...(stored ? { placeholder: 'Stored. Leave empty to keep it.' } : {})}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {generate ? <SecretTools value={value} onChange={onChange} disabled={props.disabled === true} /> : null}
    </div>
  )
}
