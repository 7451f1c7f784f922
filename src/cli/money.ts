// Commands for credit and figures: payments, pay, payment, balance, stats, summary, failovers.
import type { Command } from 'commander'
import type { BalanceItem, PaymentItem } from '../contract/api-money.ts'
import type { AccountSummary, CodesAnswer, FailoverReport, StatsAnswer, SummaryWindow } from '../contract/api-stats.ts'
import { jsonBody } from './client.ts'
import { addCommand, type CommonOptions, openClient, show, tableOr } from './command.ts'
import { usage } from './failure.ts'
import { type Column, momentText, paint, percentText, printable } from './table.ts'

interface AccountOptions extends CommonOptions {
  readonly kind: string
}

/** `/carriers/Acme`. */
function pathOf(account: string, kind: string): string {
  if (kind !== 'carrier' && kind !== 'customer') throw usage(`--kind is "${kind}"; write carrier or customer`)
  return `/${kind}s/${encodeURIComponent(account)}`
}

const addAccountCommand = (program: Command, name: string, description: string): Command =>
  addCommand(program, name, description).option('--kind <kind>', 'what the name means: carrier or customer', 'carrier')

const paymentColumns: readonly Column<PaymentItem>[] = [
  { title: 'entered', cell: (row) => momentText(row.createdAt) },
  { title: 'amount', cell: (row) => `${row.amount} ${row.currency}`, right: true },
  {
    title: 'status',
    cell: (row) => row.status,
    style: (row) => (row.status === 'completed' ? 'green' : row.status === 'pending' ? 'yellow' : 'dim'),
  },
  { title: 'by', cell: (row) => row.createdBy },
  { title: 'payment', cell: (row) => row.id },
  { title: 'description', cell: (row) => row.description },
]

const paymentLine = ({ id, amount, currency, status }: PaymentItem): string =>
  `Payment ${printable(id)} of ${amount} ${printable(currency)} is ${status}.`

interface PayOptions extends AccountOptions {
  readonly description: string
  readonly pending?: boolean
}

function addPaymentCommands(program: Command): void {
  addAccountCommand(program, 'payments <account>', 'list the payments of an account, newest first').action(
    async (account: string, { kind, ...options }: AccountOptions) => {
      const page = await openClient().all<PaymentItem>(`${pathOf(account, kind)}/payments`)
      show(options, page, ({ items }) => tableOr('No payments.', paymentColumns, items))
    },
  )
  addAccountCommand(program, 'pay <account> <amount>', 'enter a payment; put -- before a negative amount')
    .requiredOption('--description <text>', 'what it was for')
    .option('--pending', 'it does not count yet')
    .action(async (account: string, amount: string, { kind, description, pending, ...options }: PayOptions) => {
      const input = { description, amount, status: pending === true ? 'pending' : 'completed' }
      const call = { body: jsonBody(input) }
      const payment = await openClient().json<PaymentItem>('POST', `${pathOf(account, kind)}/payments`, call)
      show(options, payment, (one) => [paymentLine(one)])
    })
  addCommand(program, 'payment <id> <status>', 'make a payment completed, pending or cancelled').action(
    async (id: string, status: string, options: CommonOptions) => {
      const call = { body: jsonBody({ status }) }
      const payment = await openClient().json<PaymentItem>('PATCH', `/payments/${encodeURIComponent(id)}`, call)
      show(options, payment, (one) => [paymentLine(one)])
    },
  )
}

function balanceLines({ balance, payments, cost, currency, stopped }: BalanceItem): string[] {
  const text = `${balance} ${printable(currency)}`
  return [
    `balance    ${balance.startsWith('-') ? paint('red', text) : text}`,
    `payments   ${payments}`,
    `calls cost ${cost}`,
    ...(stopped ? [paint('red', 'stopped: it gets no calls until the balance is above 0')] : []),
  ]
}

const numberText = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : String(Math.round(value * 1_000) / 1_000)

type StatsPoint = StatsAnswer['points'][number]

const statsColumns = (metrics: StatsAnswer['metrics']): Column<StatsPoint>[] => [
  { title: 'from', cell: (row) => momentText(row.at) },
  ...metrics.map((title, i) => ({
    title,
    cell: (row: StatsPoint) => (title === 'asr' ? shareText(row.values[i] ?? null) : numberText(row.values[i])),
    right: true,
  })),
]

const shareText = (share: number | null): string | null => (share === null ? null : percentText(share))

/** Only steps in which something happened, and the sum. */
function statsLines({ metrics, points, totals, to }: StatsAnswer): string[] {
  const busy = points.filter(({ values }) => values.some((value) => value !== null && value !== 0))
  const lines = tableOr('Nothing happened in this time.', statsColumns(metrics), busy)
  if (busy.length === 0) return lines
  return [...lines, '', ...tableOr('', statsColumns(metrics), [{ at: to, values: totals }]).slice(1)]
}

interface StatsOptions extends CommonOptions {
  readonly account?: string
  readonly gateway?: string
  readonly endpoint?: string
  readonly sipUser?: string
  readonly side?: string
  readonly metric?: string
  readonly step?: string
  readonly from?: string
  readonly to?: string
  readonly codes?: boolean
}

function addStatsCommand(program: Command): void {
  addCommand(program, 'stats', 'figures by the minute or hour; the last line is the sum')
    .option('--account <name>', 'of one account, by name or id')
    .option('--gateway <name>', 'of one gateway, by name or id')
    .option('--endpoint <name>', 'of one entry that sends: the calls that came from it')
    .option('--sip-user <name>', 'of one SIP user: the calls that it sent')
    .option('--side <side>', 'of an account: gateway (calls to it) or caller (calls from it)')
    .option(
      '--metric <names>',
      'names with commas between them',
      'attempts,answered,failed,cancelled,asr,acdSeconds,pddMs',
    )
    .option('--step <step>', 'minute or hour')
    .option('--from <time>', 'like 2026-01-31T12:00:00Z')
    .option('--to <time>', 'end')
    .option('--codes', 'how often each final status came instead')
    .action(async ({ codes, metric, step, json, ...query }: StatsOptions) => {
      const options = json === undefined ? {} : { json }
      const client = openClient()
      if (codes === true) {
        const answer = await client.json<CodesAnswer>('GET', '/stats/codes', { query: { ...query } })
        const columns = [
          { title: 'status', cell: (row: CodesAnswer['items'][number]) => row.status ?? 'none' },
          { title: 'count', cell: (row: CodesAnswer['items'][number]) => row.count, right: true },
        ]
        show(options, answer, ({ items }) => tableOr('Nothing happened in this time.', columns, items))
        return
      }
      const answer = await client.json<StatsAnswer>('GET', '/stats', { query: { ...query, metric, step } })
      show(options, answer, statsLines)
    })
}

const summaryColumns: readonly Column<SummaryWindow>[] = [
  { title: 'time', cell: (row) => row.name },
  { title: 'attempts', cell: (row) => row.attempts, right: true },
  { title: 'answered', cell: (row) => row.answered, right: true },
  { title: 'asr', cell: (row) => shareText(row.asr), right: true },
  { title: 'acd s', cell: (row) => numberText(row.acdSeconds), right: true },
  { title: 'pdd ms', cell: (row) => numberText(row.pddMs), right: true },
  { title: 'talk s', cell: (row) => numberText(row.talkSeconds), right: true },
  { title: 'cost', cell: (row) => row.cost, right: true },
  { title: '404, answered elsewhere', cell: (row) => row.codes?.notFoundElsewhereAnswered ?? null, right: true },
]

const failoverColumns: readonly Column<FailoverReport['rows'][number]>[] = [
  { title: 'gateway', cell: (row) => row.gateway },
  { title: 'reason', cell: (row) => row.reason },
  { title: 'calls', cell: (row) => row.count, right: true },
  { title: 'last', cell: (row) => momentText(row.lastAt) },
  { title: 'answered by', cell: (row) => [...new Set(row.examples.map((one) => one.answeredBy))].join(' ') },
  { title: 'example', cell: (row) => row.examples[0]?.callId ?? null },
]

const failoverLines = (report: FailoverReport): string[] => [
  `${report.failed} failed here, ${report.answeredElsewhere} of them were answered elsewhere.`,
  ...(report.complete ? [] : ['There were more calls than one report looks at: these are the newest.']),
  ...(report.rows.length === 0 ? [] : ['', ...tableOr('', failoverColumns, report.rows)]),
  ...report.hints.map(({ gateway, text }) => paint('yellow', `${printable(gateway)}: ${printable(text)}`)),
]

export function addMoneyCommands(program: Command): void {
  addPaymentCommands(program)
  addAccountCommand(program, 'balance <account>', 'completed payments - cost of calls').action(
    async (account: string, { kind, ...options }: AccountOptions) => {
      show(options, await openClient().json<BalanceItem>('GET', `${pathOf(account, kind)}/balance`), balanceLines)
    },
  )
  addStatsCommand(program)
  addAccountCommand(program, 'summary <account>', 'figures of the last 24 hours, day, week and month').action(
    async (account: string, { kind, ...options }: AccountOptions) => {
      const summary = await openClient().json<AccountSummary>('GET', `${pathOf(account, kind)}/summary`)
      show(options, summary, ({ windows }) => tableOr('', summaryColumns, windows))
    },
  )
  addAccountCommand(program, 'failovers <account>', 'calls that failed at an account and were answered elsewhere')
    .option('--from <time>', 'like 2026-01-31T12:00:00Z (default: a day ago)')
    .option('--to <time>', 'end')
    .action(async (account: string, options: AccountOptions & { readonly from?: string; readonly to?: string }) => {
      const { kind, from, to, ...common } = options
      const path = `${pathOf(account, kind)}/failover-report`
      show(common, await openClient().json<FailoverReport>('GET', path, { query: { from, to } }), failoverLines)
    })
}
