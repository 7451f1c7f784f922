// Auth: who is admitted by address, which gateways get calls and in what share, and who is admitted by password.
import type { ReactNode } from 'react'
import type { AccountTabProps } from './account-page.tsx'
import './auth-tab.css'
import { EntrySection } from './entry-section.tsx'
import { NextSteps } from './next-steps.tsx'
import { SipUserSection } from './sip-user-section.tsx'

export function AuthTab(props: AccountTabProps): ReactNode {
  return (
    <div className="auth-tab">
      <NextSteps {...props} />
      <EntrySection {...props} />
      <SipUserSection {...props} />
    </div>
  )
}
