// Commands for what happens now and what happened: carriers, gateways, calls, end, simulate, records, limits, status.
import type { Command } from 'commander'
import type { Page } from '../contract/api-common.ts'
import type { CarrierRowItem, SipUserItem } from '../contract/api-config.ts'
import type {
  CallItem,
  CallRecordItem,
  GatewayItem,
  LimitItem,
  RegistrationItem,
  SimulateRequest,
  SimulateResult,
  StatusItem,
} from '../contract/api-live.ts'
import { jsonBody } from './client.ts'
import { addCommand, type CommonOptions, openClient, show, tableOr } from './command.ts'
import { usage } from './failure.ts'
import { type Column, limitText, momentText, paint, percentText, printable } from './table.ts'

const carrierColumns: readonly Column<CarrierRowItem>[] = [
  { title: 'name', cell: (row) => row.name },
  { title: 'status', cell: (row) => row.status, style: (row) => (row.status === 'active' ? 'green' : 'red') },
  { title: 'channels max', cell: (row) => limitText(row.channelsMax), right: true },
  { title: 'calls/s max', cell: (row) => limitText(row.callsPerSecondMax), right: true },
  { title: 'failover', cell: (row) => row.gatewayFailoverMax, right: true },
  { title: 'failures', cell: (row) => row.consecutiveFailures, right: true },
  {
    title: 'balance',
    cell: (row) => `${row.summary.balance} ${row.currency}`,
    right: true,
    style: (row) => (row.summary.balance.startsWith('-') ? 'red' : undefined),
  },
  { title: 'changed', cell: (row) => momentText(row.updatedAt) },
]

const sipUserColumns: readonly Column<SipUserItem>[] = [
  { title: 'username', cell: (row) => row.username },
  {
    title: 'password',
    cell: (row) => (row.hasPassword ? 'set' : 'none'),
    style: (row) => (row.hasPassword ? undefined : 'red'),
  },
  { title: 'from', cell: (row) => (row.allowedAddresses.length === 0 ? 'anywhere' : row.allowedAddresses.join(' ')) },
  { title: 'channels max', cell: (row) => limitText(row.channelsMax), right: true },
  { title: 'calls/s max', cell: (row) => limitText(row.callsPerSecondMax), right: true },
  { title: 'changed', cell: (row) => momentText(row.updatedAt) },
]

const gatewayColumns: readonly Column<GatewayItem>[] = [
  { title: 'carrier', cell: (row) => row.carrier },
  { title: 'gateway', cell: (row) => row.name },
  { title: 'target', cell: (row) => row.target },
  { title: 'share', cell: (row) => percentText(row.share), right: true },
  { title: 'status', cell: (row) => row.status, style: (row) => row.status },
  { title: 'channels', cell: (row) => row.channels, right: true },
  { title: 'cps', cell: (row) => row.callsPerSecond, right: true },
  { title: 'failures', cell: (row) => row.consecutiveFailures, right: true },
  { title: 'reason', cell: (row) => row.reason },
]

const callColumns: readonly Column<CallItem>[] = [
  { title: 'call', cell: (row) => row.id },
  { title: 'state', cell: (row) => row.state },
  { title: 'since', cell: (row) => momentText(row.answeredAt ?? row.startedAt) },
  { title: 'caller', cell: (row) => `${row.callerAccount}/${row.callerSipUser ?? row.callerEndpoint ?? ''}` },
  { title: 'gateway', cell: (row) => row.gateway },
  { title: 'cli', cell: (row) => row.cli },
  { title: 'destination', cell: (row) => row.destination },
]

const recordColumns: readonly Column<CallRecordItem>[] = [
  { title: 'started', cell: (row) => momentText(row.startedAt) },
  { title: 'caller', cell: (row) => row.callerAccount ?? row.sourceAddress },
  { title: 'cli', cell: (row) => row.cli },
  { title: 'destination', cell: (row) => row.destination },
  { title: 'gateway', cell: (row) => row.attempts.at(-1)?.gateway ?? null },
  { title: 'tries', cell: (row) => row.attempts.length, right: true },
  {
    title: 'outcome',
    cell: (row) => `${row.outcome} ${row.status}`,
    style: (row) => (row.outcome === 'answered' ? 'green' : row.outcome === 'cancelled' ? 'yellow' : 'red'),
  },
  { title: 'talk s', cell: (row) => (row.talkMs / 1_000).toFixed(1), right: true },
  { title: 'release', cell: (row) => row.releaseReason },
]

const limitColumns: readonly Column<LimitItem>[] = [
  { title: 'scope', cell: (row) => row.scope },
  { title: 'name', cell: (row) => row.name },
  { title: 'kind', cell: (row) => (row.kind === 'channels' ? 'channels' : 'calls/s') },
  {
    title: 'used',
    cell: (row) => row.used,
    right: true,
    style: (row) => (row.limit > 0 && row.used >= row.limit ? 'red' : undefined),
  },
  { title: 'limit', cell: (row) => limitText(row.limit), right: true },
]

const registrationColumns: readonly Column<RegistrationItem>[] = [
  { title: 'way', cell: (row) => row.direction },
  { title: 'account', cell: (row) => row.account },
  { title: 'entry', cell: (row) => row.name },
  { title: 'where', cell: (row) => (row.direction === 'in' ? row.contact : row.registrar) },
  {
    title: 'state',
    cell: (row) => row.state,
    style: (row) => (row.state === 'registered' ? 'green' : row.state === 'refused' ? 'red' : 'yellow'),
  },
  { title: 'until', cell: (row) => (row.expiresAt === null ? null : momentText(row.expiresAt)) },
  { title: 'reason', cell: (row) => row.reason },
]

function simulationLines({ verdict, code, reason, steps, candidates }: SimulateResult): string[] {
  const heading = verdict === 'route' ? paint('green', 'routed') : paint('red', `refused: ${code} ${printable(reason)}`)
  const width = Math.max(0, ...steps.map((step) => step.step.length))
  const stepLines = steps.map(({ step, text }) => `  ${step.padEnd(width)}  ${printable(text)}`)
  const candidateLines = tableOr<SimulateResult['candidates'][number]>(
    'No candidates.',
    [
      { title: 'account', cell: (row) => row.account },
      { title: 'gateway', cell: (row) => row.gateway },
      { title: 'target', cell: (row) => row.target },
      { title: 'priority', cell: (row) => row.priority, right: true },
      { title: 'share', cell: (row) => percentText(row.share), right: true },
      { title: 'excluded', cell: (row) => row.excluded ?? null },
    ],
    candidates,
  )
  return [heading, '', ...stepLines, '', ...candidateLines]
}

interface SimulateOptions extends CommonOptions {
  readonly fromIp: string
  readonly to: string
  readonly cli?: string
  readonly user?: string
  readonly certificate?: string
  readonly transport?: 'udp' | 'tcp' | 'tls'
}

function addSimulateCommand(program: Command): void {
  addCommand(program, 'simulate', 'what would happen to a call, and why; nothing is sent')
    .requiredOption('--from-ip <address>', 'source address of the INVITE')
    .requiredOption('--to <number>', 'number that is dialled')
    .option('--cli <number>', 'number of the caller')
    .option('--user <username>', 'SIP user that would sign in')
    .option('--certificate <name>', 'name that the TLS certificate of the caller would prove')
    .option('--transport <protocol>', 'udp, tcp or tls')
    .action(async (options: SimulateOptions) => {
      const { fromIp, to, cli, user, certificate, transport } = options
      const question: SimulateRequest = {
        sourceIp: fromIp,
        destination: to,
        ...(cli === undefined ? {} : { cli }),
        ...(user === undefined ? {} : { username: user }),
        ...(certificate === undefined ? {} : { certificateName: certificate }),
        ...(transport === undefined ? {} : { transport }),
      }
      const call = { body: jsonBody(question) }
      show(options, await openClient().json<SimulateResult>('POST', '/simulate', call), simulationLines)
    })
}

interface ResetOptions extends CommonOptions {
  readonly kind: string
}

const resetPaths: Readonly<Record<string, string>> = { gateway: 'gateways', carrier: 'carriers', customer: 'customers' }

function addResetCommand(program: Command): void {
  addCommand(program, 'reset-failures <name>', 'set consecutive failures to 0, which ends a backoff')
    .option('--kind <kind>', 'what the name means: gateway, carrier or customer (with their gateways)', 'gateway')
    .action(async (name: string, { kind, ...options }: ResetOptions) => {
      const path = resetPaths[kind]
      if (path === undefined) throw usage(`--kind is "${kind}"; write gateway, carrier or customer`)
      await openClient().text('POST', `/${path}/${encodeURIComponent(name)}/reset-failures`)
      show(options, { kind, name, reset: true }, () => [`The failures of ${kind} ${printable(name)} are 0 again.`])
    })
}

interface RecordOptions extends CommonOptions {
  readonly account?: string
  readonly gateway?: string
  readonly outcome?: string
  readonly number?: string
  readonly from?: string
  readonly to?: string
  readonly limit: string
  readonly csv?: boolean
}

function addRecordsCommand(program: Command): void {
  addCommand(program, 'records', 'list call records, newest first')
    .option('--account <name>', 'account that called, by name or id')
    .option('--gateway <name>', 'gateway, by name or id')
    .option('--outcome <outcome>', 'answered, failed, cancelled or refused')
    .option('--number <start>', 'start of the destination, the dialled number or the CLI')
    .option('--from <time>', 'started at or after, like 2026-01-31T12:00:00Z')
    .option('--to <time>', 'started before')
    .option('--limit <count>', 'how many, 1 to 1000', '20')
    .option('--csv', 'all matching records as CSV')
    .action(async (options: RecordOptions) => {
      const { account, gateway, outcome, number, from, to, limit } = options
      if (!/^\d{1,4}$/.test(limit)) throw usage(`--limit is "${limit}"; write a number from 1 to 1000`)
      const query = { account, gateway, outcome, number, from, to }
      const client = openClient()
      if (options.csv === true) {
        process.stdout.write(await client.text('GET', '/call-records.csv', { query, accept: 'text/csv' }))
        return
      }
      const page = await client.json<Page<CallRecordItem>>('GET', '/call-records', { query: { ...query, limit } })
      show(options, page, ({ items, total }) => [
        ...tableOr('No call records.', recordColumns, items),
        ...(total > items.length ? [paint('dim', `${items.length} of ${total}; --limit shows more`)] : []),
      ])
    })
}

function addListCommands(program: Command): void {
  addCommand(program, 'carriers', 'list carriers').action(async (options: CommonOptions) => {
    const page = await openClient().all<CarrierRowItem>('/carriers')
    show(options, page, ({ items }) => tableOr('No carriers.', carrierColumns, items))
  })
  addCommand(program, 'sip-users', 'list SIP users').action(async (options: CommonOptions) => {
    const page = await openClient().all<SipUserItem>('/sip-users')
    show(options, page, ({ items }) => tableOr('No SIP users.', sipUserColumns, items))
  })
  addCommand(program, 'gateways', 'list gateways: share, green or red, why').action(async (options: CommonOptions) => {
    const rows = await openClient().json<GatewayItem[]>('GET', '/gateways')
    show(options, rows, (items) => tableOr('No gateways.', gatewayColumns, items))
  })
  addCommand(program, 'calls', 'list live calls').action(async (options: CommonOptions) => {
    const page = await openClient().all<CallItem>('/calls')
    show(options, page, ({ items }) => tableOr('No calls.', callColumns, items))
  })
  addCommand(program, 'registrations', 'list registrations: ours at carriers, devices of SIP users here').action(
    async (options: CommonOptions) => {
      const page = await openClient().all<RegistrationItem>('/registrations')
      show(options, page, ({ items }) => tableOr('No registrations.', registrationColumns, items))
    },
  )
  addCommand(program, 'limits', 'list limits and what is used of them').action(async (options: CommonOptions) => {
    const page = await openClient().all<LimitItem>('/limits')
    show(options, page, ({ items }) => tableOr('No limits.', limitColumns, items))
  })
}

const statusLines = (status: StatusItem): string[] => [
  `version    ${printable(status.version)}`,
  `revision   ${status.revision}`,
  `ready      ${status.ready ? paint('green', 'yes') : paint('red', `no: ${printable(status.reasons.join('; '))}`)}`,
  ...status.troubles.map((trouble) => `trouble    ${paint('red', printable(trouble))}`),
  `listening  ${status.listeners.length === 0 ? '-' : printable(status.listeners.join(', '))}`,
]

export function addTrafficCommands(program: Command): void {
  addListCommands(program)
  addCommand(program, 'end <call>', 'end a live call').action(async (call: string, options: CommonOptions) => {
    await openClient().text('DELETE', `/calls/${encodeURIComponent(call)}`)
    show(options, { id: call, ended: true }, () => [`Call ${printable(call)} ended.`])
  })
  addResetCommand(program)
  addSimulateCommand(program)
  addRecordsCommand(program)
  addCommand(program, 'status', 'version, revision in force, listeners, readiness').action(
    async (options: CommonOptions) => {
      show(options, await openClient().json<StatusItem>('GET', '/status'), statusLines)
    },
  )
}
