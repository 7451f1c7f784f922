// The state of an account beside its name: status, suspension, channels, rate.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { CarrierItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { formatStamp, plural } from '../kit/format.ts'
import { useSave } from '../kit/use-save.ts'
import { can } from '../session.ts'

const statusWords = { active: 'Active', inactive: 'Inactive', pending: 'Pending approval' } as const

interface BadgesProps {
  readonly account: CarrierItem
  readonly path: string
  readonly me: Me
}

export function AccountBadges({ account, path, me }: BadgesProps): ReactNode {
  const save = useSave()
  const { suspension } = account
  return (
    <div className="account-badges">
      <span className="badge" data-tone={account.status === 'active' ? 'green' : 'amber'}>
        Status: {statusWords[account.status]}
      </span>
      {account.consecutiveFailures > 0 ? (
        <span className="badge" data-tone="amber">
          {plural(account.consecutiveFailures, 'failure')} in a row
        </span>
      ) : null}
      {suspension === null || suspension === undefined ? null : (
        <Notice>
          Suspended ({suspension.kind}): {suspension.reason}
          {suspension.until === null ? '' : `, until ${formatStamp(Date.parse(suspension.until))}`}{' '}
          {can(me, 'POST /carriers/:id/lift-suspension') ? (
            <Button
              size="compact-xs"
              variant="default"
              loading={save.busy}
              onClick={() => void save.run({ method: 'POST', path: `${path}/lift-suspension` })}
            >
              Lift it
            </Button>
          ) : null}
        </Notice>
      )}
      <ProblemNotice problem={save.problem} />
    </div>
  )
}
