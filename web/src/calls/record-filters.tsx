// Which call records are shown; all of it stands in the address.
import { TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useCallback } from 'react'
import { SelectField } from '../kit/form-field.tsx'
import { FilterField } from '../kit/search-box.tsx'
import type { View } from '../kit/use-view.ts'
import type { Outcome } from './record-row.ts'
import { outcomeOptions } from './record-row.ts'

interface FilterProps {
  readonly filters: View
  readonly change: (change: View) => void
}

export function RecordFilters({ filters, change }: FilterProps): ReactNode {
  const setNumber = useCallback((number: string) => change({ number }), [change])
  const setAccount = useCallback((account: string) => change({ account }), [change])
  const setGateway = useCallback((gateway: string) => change({ gateway }), [change])
  const moment = (name: 'from' | 'to', label: string): ReactNode => (
    <TextInput
      type="datetime-local"
      label={label}
      value={filters[name] ?? ''}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <search className="filters">
      <FilterField label="Number prefix" value={filters['number'] ?? ''} onChange={setNumber} />
      <FilterField label="Account" value={filters['account'] ?? ''} onChange={setAccount} />
      <FilterField label="Gateway" value={filters['gateway'] ?? ''} onChange={setGateway} />
      <SelectField
        label="Outcome"
        value={(filters['outcome'] ?? '') as Outcome | ''}
        options={outcomeOptions}
        onChange={(outcome) => change({ outcome })}
      />
      {moment('from', 'From')}
      {moment('to', 'To')}
    </search>
  )
}
