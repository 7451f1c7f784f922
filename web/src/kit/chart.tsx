// A graph over time with its numbers in a table next to it: who does not see the one reads the other.
import { useComputedColorScheme } from '@mantine/core'
import type { ReactNode } from 'react'
import { useEffect, useMemo, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './chart.css'
import { axisTimes, lonelyPoints, shortMoment } from './chart-times.ts'
import { formatStamp } from './format.ts'

export interface ChartSeries {
  readonly name: string
  /** One for each moment; null = nothing was counted. */
  readonly values: readonly (number | null)[]
  /** How a value is written in the table and at the axis. */
  readonly format?: (value: number) => string
  /** Counts: between two of them the axis has no label. */
  readonly whole?: boolean
}

interface ChartProps {
  readonly label: string
  /** Moments in milliseconds since 1970, rising. */
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  /** Pixels. */
  readonly height?: number
  /** The newest rows that the table shows; all others are in the graph. */
  readonly tableRows?: number
}

const plain = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 2 })

/** Lines differ by colour and by their dashes. */
const lines: readonly { readonly token: string; readonly dash: number[] }[] = [
  { token: '--accent', dash: [] },
  { token: '--green-mark', dash: [6, 3] },
  { token: '--amber-mark', dash: [2, 3] },
  { token: '--red-mark', dash: [8, 3, 2, 3] },
]

export function Chart({ label, times, series, height = 220, tableRows = 60 }: ChartProps): ReactNode {
  return (
    <figure className="chart" aria-label={label}>
      <div className="chart-picture">
        <figcaption>
          {label}
          <Legend series={series} />
        </figcaption>
        <Drawing times={times} series={series} height={height} />
      </div>
      <Numbers label={label} times={times} series={series} rows={tableRows} />
    </figure>
  )
}

function Legend({ series }: { series: readonly ChartSeries[] }): ReactNode {
  if (series.length < 2) return null
  return (
    <span className="chart-legend">
      {series.map(({ name }, at) => (
        <span key={name}>
          <svg viewBox="0 0 24 4" aria-hidden="true" data-line={at % lines.length}>
            <path d="M0 2h24" strokeDasharray={lines[at % lines.length]?.dash.join(' ')} />
          </svg>
          {name}
        </span>
      ))}
    </span>
  )
}

type DrawingProps = Pick<ChartProps, 'times' | 'series'> & { readonly height: number }

function Drawing({ times, series, height }: DrawingProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const data = useMemo(
    (): uPlot.AlignedData => [times.map((at) => at / 1000), ...series.map(({ values }) => [...values])],
    [times, series],
  )
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const plot = new uPlot(optionsOf(element, scheme, { series, height }), data, element)
    const watcher = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      plot.destroy()
    }
  }, [data, series, height, scheme])
  return <div ref={place} className="chart-canvas" aria-hidden="true" />
}

interface Shape {
  readonly series: readonly ChartSeries[]
  readonly height: number
}

/** The colours are those of the theme that is on now, so a change of it draws anew. */
function optionsOf(element: HTMLElement, scheme: 'light' | 'dark', { series, height }: Shape): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const axis = { stroke: colour('--ink-soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } }
  const { format = plain, whole = false } = series[0] ?? {}
  const label = (value: number): string => (whole && !Number.isInteger(value) ? '' : format(value))
  return {
    class: `chart-${scheme}`,
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: true, drag: { x: false, y: false } },
    axes: [
      { ...axis, values: (_plot, moments) => axisTimes(moments) },
      { ...axis, size: 56, values: (_plot, values) => values.map((value) => label(value)) },
    ],
    scales: { y: { range: (_plot, _least, most) => [0, Number.isFinite(most) && most > 0 ? most * 1.1 : 1] } },
    series: [
      {},
      ...series.map(({ name }, at) => ({
        label: name,
        stroke: colour(lines[at % lines.length]?.token ?? '--accent'),
        dash: lines[at % lines.length]?.dash ?? [],
        width: 1.75,
        points: { show: true, size: 6, filter: (plot: uPlot, line: number) => lonelyPoints(plot.data[line] ?? []) },
      })),
    ],
  }
}

interface NumbersProps {
  readonly label: string
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly rows: number
}

function Numbers({ label, times, series, rows }: NumbersProps): ReactNode {
  const first = Math.max(0, times.length - rows)
  const newest = times.slice(first).map((at, index) => ({ at, index: first + index }))
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
    <div className="chart-numbers" tabIndex={0} role="region" aria-label={`${label}, numbers`}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ name }) => (
              <th key={name} scope="col" data-numeric="true">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {newest.toReversed().map(({ at, index }) => (
            <tr key={at}>
              <th scope="row" title={formatStamp(at)}>
                {shortMoment(at)}
              </th>
              {series.map(({ name, values, format = plain }) => {
                const value = values[index]
                return (
                  <td key={name} data-numeric="true">
                    {value === null || value === undefined ? '–' : format(value)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
