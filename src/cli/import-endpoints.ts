// Command for bulk entry: import-endpoints. Lines or CSV go to the server as they are; it checks every row.
import type { Command } from 'commander'
import type { BulkEntryResult, BulkEntryRow } from '../contract/api-bulk.ts'
import { type Client, jsonBody } from './client.ts'
import { addCommand, type CommonOptions, openClient, show, tableOr } from './command.ts'
import { CommandFailure, usage } from './failure.ts'
import { originOf, readInput } from './input-file.ts'
import type { Column } from './table.ts'

interface ImportOptions extends CommonOptions {
  readonly dryRun?: boolean
  readonly csv?: boolean
  readonly customer?: boolean
  readonly set: readonly string[]
}

/** `direction=receives`, `port=5070`, `sourceTransports=["tls"]`: what reads as JSON is JSON, else it is text. */
function settings(pairs: readonly string[]): Record<string, unknown> {
  const entries = pairs.map((pair) => {
    const [, name, value] = /^([A-Za-z]+)=(.*)$/s.exec(pair) ?? []
    if (name === undefined || value === undefined)
      throw usage(`--set is "${pair}"; write FIELD=VALUE, for example direction=receives`)
    try {
      return [name, JSON.parse(value) as unknown] as const
    } catch {
      return [name, value] as const
    }
  })
  return Object.fromEntries(entries)
}

const columns: readonly Column<BulkEntryRow>[] = [
  { title: 'line', cell: (row) => row.line, right: true },
  { title: 'name', cell: (row) => row.name },
  { title: 'addresses', cell: (row) => row.addresses.join(' ') },
  { title: 'port', cell: (row) => row.port, right: true },
  { title: 'weight', cell: (row) => row.weight, right: true },
  { title: 'direction', cell: (row) => row.direction },
]

const overlapText = ({ line, overlaps }: BulkEntryRow): string[] =>
  overlaps.map(({ accountKind, account, endpoint, address, line: other }) =>
    other === null
      ? `warning: line ${line}: ${accountKind} ${account} lists ${address} in ${endpoint}`
      : `warning: line ${line}: line ${other} lists ${address}`,
  )

function lines(result: BulkEntryResult): string[] {
  const warnings = result.rows.flatMap((row) => [
    ...overlapText(row),
    ...row.warnings.map(({ path, message }) => `warning: line ${row.line}: ${path}: ${message}`),
  ])
  const general = result.warnings.map(({ message }) => `warning: ${message}`)
  const end = result.applied
    ? `${result.created.length} endpoints created; revision ${result.revision} is in force.`
    : `${result.ok} endpoints to create; nothing was changed (revision ${result.revision} is in force).`
  const table = result.dryRun ? tableOr('No rows.', columns, result.rows) : []
  return [...table, ...warnings, ...general, end]
}

function refusal(result: BulkEntryResult, origin: string): CommandFailure {
  const texts = result.rows.flatMap(({ line, errors }) =>
    errors.map(({ path, message }) => `${origin}:${line}: ${path === '' ? '' : `${path}: `}${message}`),
  )
  return new CommandFailure(1, `${result.wrong} of ${result.rows.length} rows are wrong; nothing was stored`, {
    lines: texts,
  })
}

const send = (client: Client, account: string, body: object, kind: string): Promise<BulkEntryResult> =>
  client.json('POST', `/${kind}/${encodeURIComponent(account)}/endpoints/bulk`, { body: jsonBody(body) })

export function addImportCommand(program: Command): void {
  addCommand(program, 'import-endpoints <account> <file>', 'create many endpoints of a carrier from lines or CSV')
    .option('--customer', 'the account is a customer')
    .option('--csv', 'read CSV (a file named *.csv is read as CSV anyway)')
    .option('--set <field=value...>', 'a field that every row has unless it says otherwise', [])
    .option('--dry-run', 'show what would be created and change nothing')
    .action(async (account: string, file: string, options: ImportOptions) => {
      const form = options.csv === true || file.endsWith('.csv') ? 'csv' : 'text'
      const defaults = settings(options.set)
      const body = { [form]: readInput(file), defaults, dryRun: options.dryRun === true }
      const result = await send(openClient(), account, body, options.customer === true ? 'customers' : 'carriers')
      if (result.wrong === 0 || options.json === true) show(options, result, lines)
      if (result.wrong > 0) throw refusal(result, originOf(file))
    })
}
