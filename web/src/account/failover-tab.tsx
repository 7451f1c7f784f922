// Failover report: calls that failed here and were answered elsewhere, and signs of false answers.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { FailoverReport } from '../../../src/contract/api-stats.ts'
import { recordPath } from '../calls/record-row.ts'
import { pathWith } from '../kit/api-client.ts'
import { SelectField } from '../kit/form-field.tsx'
import { formatCount, formatInstant, formatShare } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { Empty } from '../kit/page.tsx'
import { useObject } from '../kit/use-object.ts'
import type { AccountTabProps } from './account-page.tsx'
import { choose, rangeOptions } from './time-ranges.ts'

export function FailoverTab({ path }: AccountTabProps): ReactNode {
  const [{ range, from }, setChosen] = useState(() => choose('24h'))
  const report = useObject<FailoverReport>(pathWith(`${path}/failover-report`, { from }))
  const { value } = report
  return (
    <section className="auth-part" aria-label="Failover report">
      <div className="auth-head">
        <SelectField label="Time" options={rangeOptions} value={range} onChange={(next) => setChosen(choose(next))} />
        {value === undefined ? null : (
          <p>
            {formatCount(value.failed)} calls failed here,{' '}
            <strong>{formatCount(value.answeredElsewhere)} of them were answered elsewhere</strong>.
          </p>
        )}
      </div>
      <ProblemNotice problem={report.problem} />
      {value === undefined ? null : <Report report={value} />}
    </section>
  )
}

function Report({ report }: { report: FailoverReport }): ReactNode {
  return (
    <>
      {report.complete ? null : <Notice tone="amber">More calls than are looked at: the newest were.</Notice>}
      {report.rows.length === 0 ? (
        <Empty title="Nothing failed over">No call that failed here was answered elsewhere in this time.</Empty>
      ) : (
        <FailoverRows rows={report.rows} />
      )}
      <h2 className="part-title">Signs of false answers</h2>
      {report.hints.length === 0 ? (
        <p className="faint">None: talk times and ringing are like those of other gateways.</p>
      ) : (
        <ul className="hints">
          {report.hints.map((hint) => (
            <li key={`${hint.gatewayId} ${hint.kind}`}>
              <Notice tone="amber">
                <strong>{hint.gateway}:</strong> {hint.text} ({formatCount(hint.count)} of {formatCount(hint.answered)},{' '}
                {formatShare(hint.share)}
                {hint.othersShare === null ? '' : `; others ${formatShare(hint.othersShare)}`}){' '}
                {hint.examples.map((id, at) => (
                  <Link key={id} to={recordPath(id)}>
                    call {at + 1}{' '}
                  </Link>
                ))}
              </Notice>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function FailoverRows({ rows }: { rows: FailoverReport['rows'] }): ReactNode {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
    <div className="scroll-frame panel" tabIndex={0} role="region" aria-label="Failed over">
      <table className="plain-table">
        <caption className="only-heard">Calls that failed here and were answered elsewhere</caption>
        <thead>
          <tr>
            <th scope="col">Gateway</th>
            <th scope="col">Reason</th>
            <th scope="col">Calls</th>
            <th scope="col">Last</th>
            <th scope="col">Examples</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.gatewayId} ${row.reason}`}>
              <th scope="row">{row.gateway}</th>
              <td>{row.reason}</td>
              <td>{formatCount(row.count)}</td>
              <td>{formatInstant(row.lastAt)}</td>
              <td>
                {row.examples.map((one) => (
                  <span key={one.callId} className="second-line">
                    <Link to={recordPath(one.callId)}>{one.destination}</Link>{' '}
                    <span className="faint">answered by {one.answeredBy}</span>
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
