// Counters that cost one array write on the signalling thread. The table is the reference (docs/reference/metrics.md);
// rendering to Prometheus text happens on the control thread, from snapshots.

export interface MetricRow {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
  readonly buckets?: readonly number[]
}

export const metricTable = {
  callsActive: { name: 'tollgate_calls_active', type: 'gauge', labels: ['account', 'direction'], help: 'Live calls' },
  callsTotal: {
    name: 'tollgate_calls_total',
    type: 'counter',
    labels: ['account', 'gateway', 'outcome'],
    help: 'Ended calls: account that called, last gateway tried, outcome',
  },
  callSetupSeconds: {
    name: 'tollgate_call_setup_seconds',
    type: 'histogram',
    labels: [],
    help: 'INVITE to answer',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
  },
  testCalls: {
    name: 'tollgate_test_calls_total',
    type: 'counter',
    labels: ['method', 'result'],
    help: 'Test calls that people made, by their result; they are in no other count of calls that ended',
  },
  gatewayUp: {
    name: 'tollgate_gateway_up',
    type: 'gauge',
    labels: ['carrier', 'gateway', 'target'],
    help: '1 = green, 0 = red',
  },
  callsWaiting: {
    name: 'tollgate_calls_waiting',
    type: 'gauge',
    labels: [],
    help: 'Calls that wait for calls per second',
  },
  consecutiveFailures: {
    name: 'tollgate_consecutive_failures',
    type: 'gauge',
    labels: ['scope', 'account', 'gateway'],
    help: 'Calls in a row that failed at a gateway or account; absent = 0',
  },
  limitUsed: {
    name: 'tollgate_limit_used',
    type: 'gauge',
    labels: ['scope', 'name', 'kind'],
    help: 'Used channels, or calls in the last second',
  },
  limitMax: { name: 'tollgate_limit_max', type: 'gauge', labels: ['scope', 'name', 'kind'], help: 'Configured limit' },
  limitRejections: {
    name: 'tollgate_limit_rejections_total',
    type: 'counter',
    labels: ['scope', 'name', 'kind'],
    help: 'Times a call met this scope full: it was refused, had to wait, or skipped the gateway',
  },
  sipMessages: {
    name: 'tollgate_sip_messages_total',
    type: 'counter',
    labels: ['direction', 'transport', 'method_or_class'],
    help: 'SIP messages',
  },
  sipRetransmissions: {
    name: 'tollgate_sip_retransmissions_total',
    type: 'counter',
    labels: ['direction'],
    help: 'Retransmissions received and sent',
  },
  transactionsActive: {
    name: 'tollgate_sip_transactions_active',
    type: 'gauge',
    labels: [],
    help: 'SIP transactions that are not over yet',
  },
  timersActive: {
    name: 'tollgate_timers_active',
    type: 'gauge',
    labels: [],
    help: 'Running timers of calls and transactions',
  },
  sipParseErrors: {
    name: 'tollgate_sip_parse_errors_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Messages that were refused by the parser',
  },
  authRejections: {
    name: 'tollgate_auth_rejections_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Requests refused before a call existed',
  },
  overloadShed: {
    name: 'tollgate_overload_shed_total',
    type: 'counter',
    labels: [],
    help: 'New requests that got 503 because more came than could be done',
  },
  overloadShare: {
    name: 'tollgate_overload_share',
    type: 'gauge',
    labels: [],
    help: 'Share of new requests that is refused for overload now, 0 to 1',
  },
  authChallenges: {
    name: 'tollgate_auth_challenges_total',
    type: 'counter',
    labels: ['cause'],
    help: 'Digest challenges sent: no credentials, stale nonce, wrong answer',
  },
  traceBytes: {
    name: 'tollgate_trace_bytes',
    type: 'gauge',
    labels: ['ring'],
    help: 'Bytes of the messages kept for traces: of calls, and of what was refused before it became one',
  },
  alertsOpen: { name: 'tollgate_alerts_open', type: 'gauge', labels: ['kind'], help: 'Alerts that are open' },
  alertDeliveries: {
    name: 'tollgate_alert_deliveries_total',
    type: 'counter',
    labels: ['channel', 'result'],
    help: 'Tries to tell somebody of an alert: mail or webhook, sent or failed',
  },
  hepPackets: { name: 'tollgate_hep_packets_total', type: 'counter', labels: [], help: 'HEP packets sent' },
  traceDropped: {
    name: 'tollgate_trace_dropped_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Traces of failed calls that were not stored (failed_call, queue), and messages that no HEP packet was sent for (hep, hep_queue)',
  },
  databaseWritable: {
    name: 'tollgate_database_writable',
    type: 'gauge',
    labels: [],
    help: '1 = the last write to the database succeeded, 0 = the disk took nothing',
  },
  callRecordsWaiting: {
    name: 'tollgate_call_records_waiting',
    type: 'gauge',
    labels: [],
    help: 'Call records in memory that are not in the database yet',
  },
  callRecordsLost: {
    name: 'tollgate_call_records_lost_total',
    type: 'counter',
    labels: [],
    help: 'Call records dropped because too many waited for the database',
  },
  handedOver: {
    name: 'tollgate_messages_handed_over_total',
    type: 'counter',
    labels: ['thread'],
    help: 'Messages that the first signalling thread handed to this one, where there are several',
  },
  directoryRevision: {
    name: 'tollgate_directory_revision',
    type: 'gauge',
    labels: [],
    help: 'Revision of the directory in force',
  },
  eventLoopDelaySeconds: {
    name: 'tollgate_event_loop_delay_seconds',
    type: 'gauge',
    labels: ['thread'],
    help: 'Longest pause of the thread since the last scrape',
  },
} as const satisfies Record<string, MetricRow>

export type MetricName = keyof typeof metricTable

/** One series as it travels from the signalling thread to the control thread. */
export interface Sample {
  readonly metric: MetricName
  readonly labels: readonly string[]
  /** Counter or gauge: one value. Histogram: one count per bucket, then the count above all, then the sum. */
  readonly values: readonly number[]
}

const seriesMax = 50_000

interface Branch {
  start: number | undefined
  readonly below: Map<string, Branch>
}

function childOf(branches: Map<string, Branch>, name: string): Branch {
  let child = branches.get(name)
  if (child === undefined) {
    child = { start: undefined, below: new Map() }
    branches.set(name, child)
  }
  return child
}

export class Metrics {
  #values = new Float64Array(256)
  #used = 0
  readonly #series: { metric: MetricName; labels: readonly string[]; start: number; width: number }[] = []
  /** By metric, then by each label in turn: looking one up makes no text. */
  readonly #tree = new Map<string, Branch>()

  /** Finds or makes a series; keep the returned number and use it with `add` and `set`. */
  series(metric: MetricName, ...labels: readonly string[]): number {
    let at = childOf(this.#tree, metric)
    for (const label of labels) at = childOf(at.below, label)
    return (at.start ??= this.#open(metric, labels))
  }

  #open(metric: MetricName, labels: readonly string[]): number {
    if (this.#series.length >= seriesMax && labels.some((label) => label !== 'other'))
      return this.series(metric, ...metricTable[metric].labels.map(() => 'other'))
    const row: MetricRow = metricTable[metric]
    const width = row.buckets === undefined ? 1 : row.buckets.length + 2
    const start = this.#used
    this.#used += width
    if (this.#used > this.#values.length) {
      const wider = new Float64Array(Math.max(this.#values.length * 2, this.#used))
      wider.set(this.#values)
      this.#values = wider
    }
    this.#series.push({ metric, labels, start, width })
    return start
  }

  add(series: number, amount = 1): void {
    this.#values[series] = (this.#values[series] as number) + amount
  }

  set(series: number, value: number): void {
    this.#values[series] = value
  }

  get(series: number): number {
    return this.#values[series] as number
  }

  /** Puts one observation into a histogram series. */
  observe(metric: MetricName, series: number, value: number): void {
    const buckets = (metricTable[metric] as MetricRow).buckets ?? []
    let at = 0
    while (at < buckets.length && value > (buckets[at] as number)) at += 1
    this.add(series + at)
    this.add(series + buckets.length + 1, value)
  }

  snapshot(): Sample[] {
    return this.#series.map(({ metric, labels, start, width }) => ({
      metric,
      labels,
      values: [...this.#values.subarray(start, start + width)],
    }))
  }
}

const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function labelText(names: readonly string[], values: readonly string[], extra = ''): string {
  const parts = names.map((name, i) => `${name}="${escapeLabel(values[i] ?? '')}"`)
  if (extra !== '') parts.push(extra)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function renderHistogram(row: MetricRow, sample: Sample): string[] {
  const buckets = row.buckets ?? []
  const lines: string[] = []
  let running = 0
  for (const [i, upper] of buckets.entries()) {
    running += sample.values[i] ?? 0
    lines.push(`${row.name}_bucket${labelText(row.labels, sample.labels, `le="${upper}"`)} ${running}`)
  }
  running += sample.values[buckets.length] ?? 0
  lines.push(`${row.name}_bucket${labelText(row.labels, sample.labels, 'le="+Inf"')} ${running}`)
  lines.push(`${row.name}_sum${labelText(row.labels, sample.labels)} ${sample.values[buckets.length + 1] ?? 0}`)
  lines.push(`${row.name}_count${labelText(row.labels, sample.labels)} ${running}`)
  return lines
}

/** Prometheus text format 0.0.4. */
export function renderMetrics(samples: readonly Sample[]): string {
  const lines: string[] = []
  for (const [metric, row] of Object.entries(metricTable) as [MetricName, MetricRow][]) {
    lines.push(`# HELP ${row.name} ${row.help}`, `# TYPE ${row.name} ${row.type}`)
    for (const sample of samples) {
      if (sample.metric !== metric) continue
      if (row.type === 'histogram') lines.push(...renderHistogram(row, sample))
      else lines.push(`${row.name}${labelText(row.labels, sample.labels)} ${sample.values[0] ?? 0}`)
    }
  }
  return `${lines.join('\n')}\n`
}
