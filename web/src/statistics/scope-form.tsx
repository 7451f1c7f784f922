// Whose figures, and of when. A name counts when it is complete: with Enter or the button.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { useLive } from '../gateways/live-gateways.ts'
import { SelectField } from '../kit/form-field.tsx'
import { PickField } from '../kit/pick-field.tsx'
import type { View } from '../kit/use-view.ts'
import type { Scope, Whose } from './scope.ts'
import { rangeOptions } from './scope.ts'
import { GatewayField } from './gateway-field.tsx'

const whoseOptions: readonly { value: Whose; label: string }[] = [
  { value: 'system', label: 'Whole system' },
  { value: 'carrier', label: 'One carrier' },
  { value: 'customer', label: 'One customer' },
  { value: 'gateway', label: 'One gateway' },
  { value: 'endpoint', label: 'One entry that sends' },
  { value: 'sipUser', label: 'One SIP user' },
]

const sideOptions = [
  { value: '', label: 'As usual' },
  { value: 'gateway', label: 'Calls sent to it' },
  { value: 'caller', label: 'Calls it sent' },
] as const

interface FormProps {
  readonly scope: Scope
  readonly onChange: (view: View) => void
}

export function ScopeForm({ scope, onChange }: FormProps): ReactNode {
  const { whose, side, range } = scope
  const [name, setName] = useState(scope.name)
  const names = useLive().gateways?.map((gateway) => gateway.name) ?? []
  return (
    <form
      className="page-tools"
      onSubmit={(event) => {
        event.preventDefault()
        onChange({ name: name.trim() })
      }}
    >
      <SelectField
        label="Whose"
        value={whose}
        options={whoseOptions}
        onChange={(value) => onChange({ whose: value, name: '', side: '' })}
      />
      {whose === 'system' ? null : whose === 'gateway' ? (
        <GatewayField names={names} value={name} onChange={setName} />
      ) : (
        <PickField kind={whose} label="Name" value={name} onChange={setName} autoFocus={scope.name === ''} />
      )}
      {whose === 'system' ? null : (
        <Button type="submit" variant="default" disabled={name.trim() === ''}>
          Show
        </Button>
      )}
      {whose === 'carrier' || whose === 'customer' ? (
        <SelectField
          label="Direction"
          value={side}
          options={sideOptions}
          onChange={(value) => onChange({ side: value })}
        />
      ) : null}
      <SelectField label="Time" value={range} options={rangeOptions} onChange={(value) => onChange({ range: value })} />
    </form>
  )
}
