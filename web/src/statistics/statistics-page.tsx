// Figures over time, of the system, an account, a gateway, an entry that sends or a SIP user: graphs with their numbers beside them, and the codes.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo } from 'react'
import type { MetricName, StatsAnswer } from '../../../src/contract/api-stats.ts'
import type { ChartSeries } from '../kit/chart.tsx'
import { Chart } from '../kit/chart.tsx'
import { formatCount, formatMaybe, formatRatio } from '../kit/format.ts'
import { ProblemNotice } from '../kit/notice.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { useView } from '../kit/use-view.ts'
import { CodesTable } from './codes-table.tsx'
import { ScopeForm } from './scope-form.tsx'
import { scopeOf, valuesOf } from './scope.ts'
import './statistics.css'
import type { Statistics } from './use-statistics.ts'
import { useStatistics } from './use-statistics.ts'

export function StatisticsPage(): ReactNode {
  const [view, change] = useView()
  const scope = scopeOf(view)
  const { value, problem, loading } = useStatistics(scope)
  const chosen = scope.whose === 'system' || scope.name !== ''
  return (
    <Page
      title="Statistics"
      lead="Calls of the whole system, or of one account, gateway, entry or SIP user: what was sent to it, or what it sent."
    >
      <ScopeForm key={JSON.stringify(view)} scope={scope} onChange={change} />
      <ProblemNotice problem={problem} />
      {chosen ? null : <Empty title="Whose figures?">Enter the name above, or show those of the whole system.</Empty>}
      {loading ? <p className="data-loading">Loading …</p> : null}
      {value === undefined ? null : <Figures value={value} />}
    </Page>
  )
}

const totalOf = ({ metrics, totals }: StatsAnswer, metric: MetricName): number | null =>
  totals[metrics.indexOf(metric)] ?? null

function Figures({ value: { stats, codes } }: { value: Statistics }): ReactNode {
  if ((totalOf(stats, 'attempts') ?? 0) === 0 && (totalOf(stats, 'breaches') ?? 0) === 0)
    return (
      <Empty title="No calls in this time" action={<Link to="/simulate">Simulate a call</Link>}>
        Choose a longer time, or see in a simulation where a call would go.
      </Empty>
    )
  return (
    <>
      <Totals stats={stats} />
      <Charts stats={stats} />
      <CodesTable codes={codes} />
    </>
  )
}

function Totals({ stats }: { stats: StatsAnswer }): ReactNode {
  const of = (metric: MetricName): number | null => totalOf(stats, metric)
  const items: readonly (readonly [string, string, string])[] = [
    ['Attempts', formatMaybe(of('attempts')), 'INVITEs that were sent or received'],
    ['Answered', formatMaybe(of('answered')), ''],
    ['ASR', formatRatio(of('asr')), 'Answer-seizure ratio: answered of all attempts'],
    ['ACD', formatMaybe(of('acdSeconds'), 's'), 'Average duration of answered calls'],
    ['PDD', formatMaybe(of('pddMs'), 'ms'), 'Post-dial delay: from the INVITE until it rings'],
    ['Most channels', formatMaybe(of('channelsPeak')), 'Calls at the same time'],
    ['Most calls/s', formatMaybe(of('callsPerSecondPeak')), ''],
    ['No room', formatMaybe(of('breaches')), 'Times that a limit was full'],
  ]
  return (
    <dl className="totals" aria-label="Totals">
      {items.map(([name, text, help]) => (
        <div key={name} title={help === '' ? undefined : help}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

const whole = (value: number): string => formatCount(value)
const seconds = (value: number): string => `${formatCount(value)} s`
const milliseconds = (value: number): string => `${formatCount(value)} ms`
const percent = (value: number): string => `${Math.round(value * 100)} %`

interface ChartSpec {
  readonly label: string
  readonly lines: readonly (readonly [metric: MetricName, name: string])[]
  readonly format: (value: number) => string
}

const charts: readonly ChartSpec[] = [
  {
    label: 'Attempts',
    lines: [
      ['attempts', 'All'],
      ['answered', 'Answered'],
      ['cancelled', 'Cancelled'],
      ['failed', 'Failed'],
    ],
    format: whole,
  },
  { label: 'Answer-seizure ratio', lines: [['asr', 'ASR']], format: percent },
  { label: 'Average call duration', lines: [['acdSeconds', 'ACD']], format: seconds },
  { label: 'Post-dial delay', lines: [['pddMs', 'PDD']], format: milliseconds },
  { label: 'Most channels', lines: [['channelsPeak', 'Channels']], format: whole },
  { label: 'Most calls per second', lines: [['callsPerSecondPeak', 'Calls/s']], format: whole },
  { label: 'Times that a limit was full', lines: [['breaches', 'No room']], format: whole },
]

function Charts({ stats }: { stats: StatsAnswer }): ReactNode {
  const times = useMemo(() => stats.points.map(({ at }) => Date.parse(at)), [stats])
  return (
    <div className="charts">
      {charts.map((spec) => (
        <OneChart key={spec.label} spec={spec} stats={stats} times={times} />
      ))}
    </div>
  )
}

interface OneProps {
  readonly spec: ChartSpec
  readonly stats: StatsAnswer
  readonly times: readonly number[]
}

function OneChart({ spec, stats, times }: OneProps): ReactNode {
  const series = useMemo(
    () =>
      spec.lines.map(([metric, name]): ChartSeries => ({
        name,
        values: valuesOf(stats, metric),
        format: spec.format,
        whole: spec.format === whole,
      })),
    [spec, stats],
  )
  return <Chart label={spec.label} times={times} series={series} />
}
