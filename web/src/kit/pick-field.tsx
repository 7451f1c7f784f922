// A name out of many: suggestions come from the server while one types, so that ten thousand carriers are no burden.
import { TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useId } from 'react'
import { useList } from './use-list.ts'

type PickKind = 'carrier' | 'customer' | 'endpoint' | 'sipUser'

const paths: Readonly<Record<PickKind, string>> = {
  carrier: '/carriers',
  customer: '/customers',
  endpoint: '/endpoints',
  sipUser: '/sip-users',
}

const suggestionsMax = 20

interface PickProps {
  readonly kind: PickKind
  readonly label: string
  readonly value: string
  readonly onChange: (name: string) => void
  readonly error?: string | undefined
  readonly help?: ReactNode
  readonly disabled?: boolean | undefined
  readonly autoFocus?: boolean
}

interface Named {
  readonly name?: string
  readonly username?: string
}

export function PickField({ kind, label, value, onChange, error, help, disabled, autoFocus }: PickProps): ReactNode {
  const id = useId()
  const list = useList<Named>(paths[kind], { search: value }, { pageItems: suggestionsMax })
  return (
    <>
      <TextInput
        label={label}
        list={id}
        value={value}
        disabled={disabled === true}
        autoComplete="off"
        spellCheck={false}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        {...(error === undefined ? {} : { error })}
        {...(help === undefined ? {} : { description: help })}
        {...(autoFocus === true ? { autoFocus: true } : {})}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={id}>
        {list.rows.map((row) => {
          const name = row.name ?? row.username ?? ''
          return (
            <option key={name} value={name}>
              {name}
            </option>
          )
        })}
      </datalist>
    </>
  )
}
