// Main: what the account does, failures in a row, its contacts, and all its settings.
import type { ReactNode } from 'react'
import { Notice } from '../kit/notice.tsx'
import { AccountForm } from './account-form.tsx'
import { accountFields } from './account-fields.ts'
import { FailuresPanel } from './failures-panel.tsx'
import type { AccountTabProps } from './account-page.tsx'
import type { FieldSpec } from './form-model.ts'
import { SummaryPanel } from './summary-panel.tsx'

const contactFields: readonly FieldSpec[] = [
  { path: 'contacts', label: 'Contacts', tab: 'Contacts', kind: 'own', usual: [] },
  { path: 'notes', label: 'Notes', tab: 'Contacts', kind: 'area', usual: '' },
]

const settings = accountFields.filter((field) => field.path !== 'notes')

export function MainTab(props: AccountTabProps): ReactNode {
  return (
    <>
      {props.account.warnings.map((warning) => (
        <Notice key={warning.message} tone="amber">
          {warning.message}
        </Notice>
      ))}
      <SummaryPanel {...props} />
      <FailuresPanel {...props} />
      <AccountForm {...props} title="Contacts and notes" fields={contactFields} action="Save contacts and notes" />
      <AccountForm {...props} title="Settings" fields={settings} action="Save settings" />
    </>
  )
}
