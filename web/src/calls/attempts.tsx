// The gateways that were tried, in their order, and how each attempt ended.
import type { ReactNode } from 'react'
import { formatMaybe } from '../kit/format.ts'
import type { RecordRow } from './record-row.ts'

type Attempt = RecordRow['attempts'][number]

const since = (attempt: Attempt, at: string | null): number | null =>
  at === null ? null : Date.parse(at) - Date.parse(attempt.startedAt)

export function Attempts({ attempts }: { attempts: readonly Attempt[] }): ReactNode {
  if (attempts.length === 0) return <p className="faint">No gateway was tried.</p>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
    <div className="scroll-frame" tabIndex={0} role="region" aria-label="Attempts">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Gateway</th>
            <th scope="col">Target</th>
            <th scope="col" data-numeric="true">
              First reply
            </th>
            <th scope="col" data-numeric="true">
              Ringing
            </th>
            <th scope="col" data-numeric="true">
              Lasted
            </th>
            <th scope="col">Status</th>
            <th scope="col">Why it ended</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr key={attempt.callId}>
              <th scope="row">
                {attempt.gateway} <span className="faint">{attempt.account}</span>
              </th>
              <td>
                <code>{attempt.target}</code>
              </td>
              <td data-numeric="true">{formatMaybe(since(attempt, attempt.firstReplyAt), 'ms')}</td>
              <td data-numeric="true">{formatMaybe(since(attempt, attempt.ringingAt), 'ms')}</td>
              <td data-numeric="true">{formatMaybe(since(attempt, attempt.endedAt), 'ms')}</td>
              <td>{attempt.status ?? 'none'}</td>
              <td>{attempt.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
