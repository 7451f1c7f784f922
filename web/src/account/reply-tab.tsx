// Reply management: what becomes of the codes that the account's gateways answer with.
import type { ReactNode } from 'react'
import { AccountForm } from './account-form.tsx'
import type { AccountTabProps } from './account-page.tsx'
import type { FieldSpec } from './form-model.ts'

const fields: readonly FieldSpec[] = [
  { path: 'replyRules', label: 'Reply rules', tab: 'Reply management', kind: 'own', usual: [] },
]

export const ReplyTab = (props: AccountTabProps): ReactNode => (
  <AccountForm
    {...props}
    title="Reply management"
    lead="Codes that its gateways answer with, from 180 to 199 and from 400 to 699. What has no rule behaves as usual. A gateway may have rules of its own, which come first."
    fields={fields}
    action="Save rules"
  />
)
