// Contacts of an account: people and desks at the other side.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { TextField } from '../kit/form-field.tsx'
import type { PlacedError } from './form-model.ts'
import { errorAt } from './form-model.ts'
import { RowTools } from './row-tools.tsx'
import './rows.css'

interface Contact {
  readonly name: string
  readonly role: string
  readonly email: string
  readonly phone: string
}

interface ContactsProps {
  readonly contacts: readonly Contact[]
  readonly onChange: (contacts: readonly Contact[]) => void
  readonly errors: readonly PlacedError[]
  readonly disabled: boolean
}

const columns: readonly (readonly [name: keyof Contact, label: string])[] = [
  ['name', 'Name'],
  ['role', 'Role'],
  ['email', 'E-mail'],
  ['phone', 'Phone'],
]

export function ContactsEditor({ contacts, onChange, errors, disabled }: ContactsProps): ReactNode {
  return (
    <div className="rows-editor" role="group" aria-label="Contacts">
      {contacts.length === 0 ? <p className="faint">No contacts yet.</p> : null}
      <ul className="rows-list">
        {contacts.map((contact, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
          <li className="rows-row" key={at}>
            {columns.map(([name, label]) => (
              <TextField
                key={name}
                label={label}
                value={contact[name]}
                disabled={disabled}
                error={errorAt(errors, `contacts[${at}].${name}`)}
                onChange={(text) => onChange(contacts.with(at, { ...contact, [name]: text }))}
              />
            ))}
            <RowTools word="contact" rows={contacts} at={at} onChange={onChange} disabled={disabled} />
          </li>
        ))}
      </ul>
      <div className="rows-add">
        <Button
          variant="default"
          size="xs"
          disabled={disabled}
          onClick={() => onChange([...contacts, { name: '', role: '', email: '', phone: '' }])}
        >
          Add contact
        </Button>
      </div>
    </div>
  )
}
