// The name of a gateway, with those that are live as suggestions.
import { TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useId } from 'react'

const suggestionsMax = 200

interface FieldProps {
  readonly names: readonly string[]
  readonly value: string
  readonly onChange: (name: string) => void
}

export function GatewayField({ names, value, onChange }: FieldProps): ReactNode {
  const id = useId()
  return (
    <>
      <TextInput
        label="Name"
        list={id}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={id}>
        {[...new Set(names)].slice(0, suggestionsMax).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  )
}
