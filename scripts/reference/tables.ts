// The pages that come straight out of the tables in src/base: faults, bounds, metrics.
import { faults } from '../../src/base/fault.ts'
import type { FaultRow } from '../../src/base/fault.ts'
import { bounds } from '../../src/base/limits.ts'
import type { Bound } from '../../src/base/limits.ts'
import { metricTable } from '../../src/base/metrics.ts'
import type { MetricRow } from '../../src/base/metrics.ts'
import { cell, code, page, table } from './markdown.ts'

const origins: Record<FaultRow['origin'], string> = {
  caller: 'the caller',
  gateway: 'a gateway',
  edge: 'Tollgate',
  user: 'whoever uses the API',
}

export function faultsPage(): string {
  const rows = Object.entries(faults).map(([name, row]: [string, FaultRow]) => [
    code(name),
    cell(row.title),
    String(row.sip),
    String(row.http),
    origins[row.origin],
    row.retry ? 'yes' : 'no',
  ])
  return page('Faults', '`src/base/fault.ts`', [
    'Everything that can go wrong has a code. Codes are stable; texts are not. A code is the `code` of an ' +
      '`application/problem+json` answer, the label of a metric and the reason in a log line.',
    table(['code', 'meaning', 'SIP', 'HTTP', 'whose fault', 'trying again may help'], rows),
  ])
}

const units: Record<Bound['unit'], string> = { bytes: 'bytes', ms: 'ms', seconds: 's', count: '' }

export function limitsPage(): string {
  const rows = Object.entries(bounds).map(([name, bound]: [string, Bound]) => [
    code(name),
    `${bound.value.toLocaleString('en-GB')} ${units[bound.unit]}`.trim(),
    cell(bound.why),
  ])
  return page('Bounds', '`src/base/limits.ts`', [
    'Every collection and every wait in the program has a bound. They are fixed in this version. The limits that you ' +
      'configure (channels, calls per second) are something else: see [the declarative file](declarative.md).',
    table(['bound', 'value', 'what it is for'], rows),
  ])
}

export function metricsPage(): string {
  const rows = Object.values(metricTable).map((row: MetricRow) => [
    code(row.name),
    row.type,
    row.labels.map(code).join(' '),
    cell(row.help) + (row.buckets === undefined ? '' : ` (buckets: ${row.buckets.join(', ')} s)`),
  ])
  return page('Metrics', '`src/base/metrics.ts`', [
    '`GET /metrics` gives them in the Prometheus text format.',
    table(['name', 'type', 'labels', 'meaning'], rows),
  ])
}
