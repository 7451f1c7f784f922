// A date and time of the reader's zone; the value is what the browser's own field writes: `2026-01-31T12:00`, or ''.
import { TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import './moment-field.css'

interface MomentProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
  readonly help?: ReactNode
}

export function MomentField({ label, value, onChange, error, help }: MomentProps): ReactNode {
  return (
    <TextInput
      className="moment-field"
      type="datetime-local"
      label={label}
      value={value}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      {...(error === undefined ? {} : { error })}
      {...(help === undefined ? {} : { description: help })}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** As the API takes it; '' for nothing and for what is no moment. */
export function instantOf(local: string): string {
  const at = local === '' ? Number.NaN : Date.parse(local)
  return Number.isFinite(at) ? new Date(at).toISOString() : ''
}
