import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics, metricTable, renderMetrics } from './metrics.ts'

test('counters, gauges and histograms as Prometheus reads them', () => {
  const metrics = new Metrics()
  metrics.add(metrics.series('callsTotal', 'A"c\\me\n', 'gw-1', 'answered'), 3)
  metrics.set(metrics.series('directoryRevision'), 7)
  const setup = metrics.series('callSetupSeconds')
  for (const seconds of [0.01, 0.2, 0.25, 99]) metrics.observe('callSetupSeconds', setup, seconds)
  const text = renderMetrics(metrics.snapshot())
  assert.ok(text.includes('tollgate_calls_total{account="A\\"c\\\\me\\n",gateway="gw-1",outcome="answered"} 3\n'))
  assert.ok(text.includes('tollgate_directory_revision 7\n'))
  assert.ok(text.includes('tollgate_call_setup_seconds_bucket{le="0.05"} 1\n'))
  assert.ok(text.includes('tollgate_call_setup_seconds_bucket{le="0.25"} 3\n'))
  assert.ok(text.includes('tollgate_call_setup_seconds_bucket{le="+Inf"} 4\n'))
  assert.ok(text.includes('tollgate_call_setup_seconds_sum 99.46\n'))
  assert.ok(text.includes('tollgate_call_setup_seconds_count 4\n'))
})

test('every metric has its help and its type once, also without a series', () => {
  const text = renderMetrics([])
  for (const { name } of Object.values(metricTable)) {
    assert.equal(text.split(`# HELP ${name} `).length, 2, name)
    assert.equal(text.split(`# TYPE ${name} `).length, 2, name)
  }
})

test('a series is found again, and keeps its value when the array grows', () => {
  const metrics = new Metrics()
  const first = metrics.series('authRejections', 'one')
  metrics.add(first, 5)
  for (let i = 0; i < 1_000; i += 1) metrics.add(metrics.series('authRejections', `reason-${i}`))
  assert.equal(metrics.series('authRejections', 'one'), first)
  assert.equal(metrics.get(first), 5)
  assert.equal(metrics.snapshot().length, 1_001)
})

test('strangers cannot make series without end: beyond the bound they share one', () => {
  const metrics = new Metrics()
  for (let i = 0; i < 60_000; i += 1) metrics.add(metrics.series('authRejections', `reason-${i}`))
  const samples = metrics.snapshot()
  assert.ok(samples.length <= 50_001)
  assert.equal(samples.find(({ labels }) => labels[0] === 'other')?.values[0], 60_000 - (samples.length - 1))
})

/** Names and labels that must not move; what else there is may grow. */
const promised: Readonly<Record<string, readonly string[]>> = {
  tollgate_calls_active: ['account', 'direction'],
  tollgate_calls_total: ['account', 'gateway', 'outcome'],
  tollgate_call_setup_seconds: [],
  tollgate_gateway_up: ['carrier', 'gateway', 'target'],
  tollgate_limit_used: ['scope', 'name', 'kind'],
  tollgate_limit_max: ['scope', 'name', 'kind'],
  tollgate_limit_rejections_total: ['scope', 'name', 'kind'],
  tollgate_sip_messages_total: ['direction', 'transport', 'method_or_class'],
  // Without labels in what is promised: a sum over ours is the promised number.
  tollgate_sip_retransmissions_total: ['direction'],
  tollgate_sip_parse_errors_total: ['reason'],
  tollgate_auth_rejections_total: ['reason'],
  tollgate_directory_revision: [],
  // The same: the highest of ours.
  tollgate_event_loop_delay_seconds: ['thread'],
}

test('the promised metrics have their names, labels and kinds', () => {
  const rows = new Map(Object.values(metricTable).map((row) => [row.name as string, row]))
  for (const [name, labels] of Object.entries(promised)) {
    const row = rows.get(name)
    assert.deepEqual(row?.labels, labels, name)
    const kind = name === 'tollgate_call_setup_seconds' ? 'histogram' : name.endsWith('_total') ? 'counter' : 'gauge'
    assert.equal(row?.type, kind, name)
  }
})
