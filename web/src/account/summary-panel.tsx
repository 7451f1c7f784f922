// The summary of an account for 24 hours, today, this week and this month, and how consistent its codes are.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { AccountSummary, SummaryWindow } from '../../../src/contract/api-stats.ts'
import { formatCount, formatMaybe, formatRatio, formatShare, formatTalk } from '../kit/format.ts'
import { ProblemNotice } from '../kit/notice.tsx'
import { useObject } from '../kit/use-object.ts'
import type { AccountTabProps } from './account-page.tsx'

const names = { '24h': '24 hours', day: 'Today', week: 'This week', month: 'This month' } as const
const pollMs = 60_000

const columns: readonly (readonly [title: string, value: (window: SummaryWindow) => string])[] = [
  ['Attempts', ({ attempts }) => formatCount(attempts)],
  ['Answered', ({ answered }) => formatCount(answered)],
  ['ASR', ({ asr }) => formatRatio(asr)],
  ['ACD', ({ acdSeconds }) => formatMaybe(acdSeconds, 's')],
  ['PDD', ({ pddMs }) => formatMaybe(pddMs, 'ms')],
  ['Talk time', ({ talkSeconds }) => formatTalk(talkSeconds * 1_000)],
  ['Cost', ({ cost }) => cost],
]

export function SummaryPanel({ kind, path }: AccountTabProps): ReactNode {
  const summary = useObject<AccountSummary>(`${path}/summary`, { pollMs })
  const { value } = summary
  const codes = value?.windows.find((one) => one.name === '24h')?.codes
  return (
    <section className="panel" aria-label="Summary">
      <h2>Summary {value === undefined ? null : <span className="faint">in UTC, cost in {value.currency}</span>}</h2>
      <ProblemNotice problem={summary.problem} />
      {value === undefined ? null : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
        <div className="scroll-frame" tabIndex={0} role="region" aria-label="Figures">
          <table className="plain-table summary-table">
            <thead>
              <tr>
                <th scope="col">Time</th>
                {columns.map(([title]) => (
                  <th key={title} scope="col" data-numeric="true">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {value.windows.map((window) => (
                <tr key={window.name}>
                  <th scope="row">{names[window.name]}</th>
                  {columns.map(([title, text]) => (
                    <td key={title} data-numeric="true">
                      {text(window)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {kind === 'carrier' && codes !== null && codes !== undefined ? <Consistency codes={codes} /> : null}
    </section>
  )
}

type Codes = NonNullable<SummaryWindow['codes']>

/** Of the numbers answered with 404 here: how many nobody else answered either. */
function Consistency({ codes }: { codes: Codes }): ReactNode {
  const { notFound, notFoundElsewhereAnswered: elsewhere, notFoundHereAnswered: here, examples } = codes
  if (notFound === 0)
    return <p className="faint">Code consistency: no number was answered with 404 in the last 24 hours.</p>
  const wrong = Math.max(elsewhere, here)
  return (
    <div>
      <p>
        <strong>Code consistency {formatShare(1 - wrong / notFound)}</strong>{' '}
        <span className="faint">
          200 against 404 in the last 24 hours: {formatCount(notFound)} numbers were answered with 404 here;{' '}
          {formatCount(elsewhere)} of them another carrier answered, {formatCount(here)} this one.
        </span>
      </p>
      {examples.length === 0 ? null : (
        <details>
          <summary>Examples</summary>
          <ul>
            {examples.map((one) => (
              <li key={one.destination}>
                <Link to="/records" search={{ number: one.destination }}>
                  {one.destination}
                </Link>{' '}
                <span className="faint">
                  404 × {one.notFound}, answered by {one.answeredBy.join(', ')}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}
