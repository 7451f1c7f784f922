// Stats: calls, quality and load of the account, or of one of its entries or SIP users, over time, as graphs with their numbers, and the codes.
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { EndpointItem, SipUserItem } from '../../../src/contract/api-config.ts'
import type { CodesAnswer, MetricName, StatsAnswer } from '../../../src/contract/api-stats.ts'
import { pathWith } from '../kit/api-client.ts'
import { Chart } from '../kit/chart.tsx'
import type { ChartSeries } from '../kit/chart.tsx'
import { SelectField } from '../kit/form-field.tsx'
import { formatCount, formatRatio, formatShare } from '../kit/format.ts'
import { ProblemNotice } from '../kit/notice.tsx'
import { useList } from '../kit/use-list.ts'
import { useObject } from '../kit/use-object.ts'
import type { AccountTabProps } from './account-page.tsx'
import type { StatsPart } from './stats-parts.ts'
import { partsMax, partsOf, queryOfPart } from './stats-parts.ts'
import { choose, rangeOptions, stepOf } from './time-ranges.ts'

interface Graph {
  readonly title: string
  readonly lines: readonly (readonly [metric: MetricName, name: string])[]
  readonly format?: (value: number) => string
}

const graphs: readonly Graph[] = [
  {
    title: 'Calls',
    lines: [
      ['attempts', 'Attempts'],
      ['answered', 'Answered'],
      ['failed', 'Failed'],
    ],
  },
  { title: 'ASR', lines: [['asr', 'ASR']], format: formatRatio },
  { title: 'ACD in seconds', lines: [['acdSeconds', 'ACD']] },
  { title: 'PDD in milliseconds', lines: [['pddMs', 'PDD']] },
  { title: 'Channels, highest', lines: [['channelsPeak', 'Channels']] },
  { title: 'Calls per second, highest', lines: [['callsPerSecondPeak', 'CPS']] },
  { title: 'Limits reached', lines: [['breaches', 'Breaches']] },
]

const pollMs = 60_000

/** Entries and SIP users of the account, the whole first. */
function useParts(path: string): readonly StatsPart[] {
  const { rows: entries } = useList<EndpointItem>(`${path}/endpoints`, { sort: 'name' }, { pageItems: partsMax })
  const { rows: users } = useList<SipUserItem>(`${path}/sip-users`, { sort: 'username' }, { pageItems: partsMax })
  return useMemo(() => partsOf(entries, users), [entries, users])
}

export function StatsTab({ account, path }: AccountTabProps): ReactNode {
  const [{ range, from }, setChosen] = useState(() => choose('6h'))
  const [part, setPart] = useState('')
  const parts = useParts(path)
  const params = { ...queryOfPart(part, account.id), from }
  const stats = useObject<StatsAnswer>(pathWith('/stats', { ...params, step: stepOf(range) }), { pollMs })
  const codes = useObject<CodesAnswer>(pathWith('/stats/codes', params), { pollMs })
  return (
    <section className="auth-part" aria-label="Stats">
      <div className="auth-head">
        <SelectField label="Of" options={parts} value={part} onChange={setPart} />
        <SelectField label="Time" options={rangeOptions} value={range} onChange={(next) => setChosen(choose(next))} />
        {stats.value === undefined ? null : (
          <p className="faint">
            {stats.value.side === 'gateway' ? 'Calls sent to it' : 'Calls it sent'}, by {stats.value.step}, in UTC.
          </p>
        )}
      </div>
      <ProblemNotice problem={stats.problem ?? codes.problem} />
      {stats.value === undefined ? null : <Graphs stats={stats.value} />}
      {codes.value === undefined ? null : <Codes codes={codes.value} />}
    </section>
  )
}

function Graphs({ stats }: { stats: StatsAnswer }): ReactNode {
  const times = useMemo(() => stats.points.map((point) => Date.parse(point.at)), [stats])
  const drawn = useMemo(
    () =>
      graphs.map(({ title, lines, format }) => ({
        title,
        series: lines.map(([metric, name]): ChartSeries => {
          const at = stats.metrics.indexOf(metric)
          const values = stats.points.map((point) => point.values[at] ?? null)
          return { name, values, ...(format === undefined ? {} : { format }) }
        }),
      })),
    [stats],
  )
  return drawn.map(({ title, series }) => (
    <Chart key={title} label={title} times={times} series={series} tableRows={24} />
  ))
}

function Codes({ codes }: { codes: CodesAnswer }): ReactNode {
  const all = codes.items.reduce((sum, one) => sum + one.count, 0)
  return (
    <div className="panel">
      <h2>Codes</h2>
      {all === 0 ? (
        <p className="faint">No call in this time.</p>
      ) : (
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col" data-numeric="true">
                Calls
              </th>
              <th scope="col" data-numeric="true">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {codes.items.map(({ status, count }) => (
              <tr key={String(status)}>
                <th scope="row">{status ?? 'no reply'}</th>
                <td data-numeric="true">{formatCount(count)}</td>
                <td data-numeric="true">{formatShare(count / all)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
