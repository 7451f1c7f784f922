// Commands for alerts: alerts, alert-test, lift-suspension.
import type { Command } from 'commander'
import type { AlertDeliveryItem, AlertItem, AlertTestRequest } from '../contract/api-alerts.ts'
import type { CarrierItem } from '../contract/api-config.ts'
import { jsonBody } from './client.ts'
import { addCommand, type CommonOptions, openClient, show, tableOr } from './command.ts'
import { refused, usage } from './failure.ts'
import { type Column, momentText, printable } from './table.ts'

interface AlertOptions extends CommonOptions {
  readonly account?: string
  readonly open?: boolean
}

const alertColumns: readonly Column<AlertItem>[] = [
  { title: 'since', cell: (row) => momentText(row.openedAt) },
  { title: 'state', cell: (row) => row.state, style: (row) => (row.state === 'open' ? 'red' : 'green') },
  { title: 'until', cell: (row) => (row.closedAt === null ? null : momentText(row.closedAt)) },
  { title: 'alert', cell: (row) => row.name },
  {
    title: 'told',
    cell: (row) => `${row.deliveries.filter(({ ok }) => ok).length} of ${row.deliveries.length}`,
    style: (row) => (row.deliveries.every(({ ok }) => ok) ? undefined : 'red'),
  },
  { title: 'what', cell: (row) => row.text },
]

const deliveryColumns: readonly Column<AlertDeliveryItem>[] = [
  { title: 'to', cell: (row) => row.to },
  { title: 'sent', cell: (row) => (row.ok ? 'yes' : 'no'), style: (row) => (row.ok ? 'green' : 'red') },
  { title: 'what it said', cell: (row) => row.detail },
]

interface LiftOptions extends CommonOptions {
  readonly kind: string
}

const accountPaths: Readonly<Record<string, string>> = { carrier: 'carriers', customer: 'customers' }

function addLiftCommand(program: Command): void {
  addCommand(program, 'lift-suspension <account>', 'let a suspended account take calls again')
    .option('--kind <kind>', 'carrier or customer', 'carrier')
    .action(async (account: string, { kind, ...options }: LiftOptions) => {
      const path = accountPaths[kind]
      if (path === undefined) throw usage(`--kind is "${kind}"; write carrier or customer`)
      const url = `/${path}/${encodeURIComponent(account)}`
      const client = openClient()
      const { suspension } = await client.json<CarrierItem>('GET', url)
      const answer = await client.json<CarrierItem>('POST', `${url}/lift-suspension`)
      const text = suspension === null ? 'was not suspended' : 'takes calls again'
      show(options, answer, () => [`${kind} ${printable(answer.name)} ${text}.`])
    })
}

export function addAlertCommands(program: Command): void {
  addCommand(program, 'alerts', 'list alerts, the newest first')
    .option('--account <name>', 'only of this account')
    .option('--open', 'only those that are open')
    .action(async ({ account, open, ...options }: AlertOptions) => {
      const state = open === true ? { state: 'open' } : {}
      const page = await openClient().all<AlertItem>('/alerts', {
        ...(account === undefined ? {} : { account }),
        ...state,
      })
      show(options, page, ({ items }) => tableOr('No alerts.', alertColumns, items))
    })
  const what = 'send what an alert would send, marked as a test; with a name alone, of a rule for all accounts'
  addCommand(program, 'alert-test <accountOrName> [name]', what).action(
    async (first: string, second: string | undefined, options: CommonOptions) => {
      const rule: AlertTestRequest = second === undefined ? { name: first } : { accountId: first, name: second }
      const body = jsonBody(rule)
      const path = '/alerts/test'
      const answer = await openClient().json<{ deliveries: AlertDeliveryItem[] }>('POST', path, { body })
      show(options, answer, ({ deliveries }) => tableOr('The alert tells nobody.', deliveryColumns, deliveries))
      if (deliveriesFailed(answer.deliveries)) throw refused('not everything was delivered')
    },
  )
  addLiftCommand(program)
}

const deliveriesFailed = (deliveries: readonly AlertDeliveryItem[]): boolean => deliveries.some(({ ok }) => !ok)
