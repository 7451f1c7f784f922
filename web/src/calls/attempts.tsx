// The gateways that were tried, in their order, and how each attempt ended.
import type { ReactNode } from 'react'
import { formatMaybe } from '../kit/format.ts'
import type { RecordRow } from './record-row.ts'

type Attempt = RecordRow['attempts'][number]

const since = (attempt: Attempt, at: string | null): number | null =>
  at === null ? null : Date.parse(at) - Date.parse(attempt.startedAt)

const timesOf = (attempt: Attempt): readonly (readonly [name: string, ms: number | null])[] => [
  ['First reply', since(attempt, attempt.firstReplyAt)],
  ['Ringing', since(attempt, attempt.ringingAt)],
  ['Ended', since(attempt, attempt.endedAt)],
]

/** Its reason begins with the status, or there was none. */
const saysStatus = ({ status, reason }: Attempt): boolean => status === null || reason.startsWith(String(status))

export function Attempts({ attempts }: { attempts: readonly Attempt[] }): ReactNode {
  if (attempts.length === 0) return <p className="faint">No gateway was tried.</p>
  return (
    <ol className="attempts">
      {attempts.map((attempt) => (
        <li key={attempt.callId}>
          <div>
            <strong>{attempt.gateway}</strong> <span className="faint">{attempt.account}</span>
            <code className="faint">{attempt.target}</code>
          </div>
          <div>
            {saysStatus(attempt) ? null : <strong>{attempt.status} </strong>}
            {attempt.reason}
          </div>
          <dl>
            {timesOf(attempt).map(([name, ms]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{ms === null ? '–' : `+${formatMaybe(ms, 'ms')}`}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ol>
  )
}
