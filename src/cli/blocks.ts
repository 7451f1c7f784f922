// Commands for blocked addresses: block, unblock.
import type { Command } from 'commander'
import { cidrText, parseCidr } from '../contract/address.ts'
import type { BlockItem } from '../contract/api-config.ts'
import { jsonBody } from './client.ts'
import { addCommand, type CommonOptions, openClient, show, tableOr } from './command.ts'
import { refused, usage } from './failure.ts'
import { type Column, momentText } from './table.ts'

interface BlockOptions extends CommonOptions {
  readonly reason?: string
  readonly until?: string
}

function rangeOf(text: string): string {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw usage(`"${text}" is no address or CIDR like 203.0.113.66 or 203.0.113.0/24`)
  return cidrText(cidr)
}

function momentOf(text: string): string {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw usage(`--until is "${text}"; write a time like 2026-01-31T12:00:00Z`)
  return new Date(ms).toISOString()
}

const blockColumns: readonly Column<BlockItem>[] = [
  { title: 'address', cell: (row) => row.address },
  { title: 'made', cell: (row) => (row.automatic ? 'automatically' : 'by hand') },
  { title: 'until', cell: (row) => (row.expiresAt === null ? null : momentText(row.expiresAt)) },
  { title: 'reason', cell: (row) => row.reason },
]

export function addBlockCommands(program: Command): void {
  addCommand(program, 'blocks', 'list blocked addresses, also those that were blocked automatically').action(
    async (options: CommonOptions) => {
      const page = await openClient().all<BlockItem>('/blocks')
      show(options, page, ({ items }) => tableOr('Nothing is blocked.', blockColumns, items))
    },
  )
  addCommand(program, 'block <address>', 'refuse everything from an address or range')
    .option('--until <time>', 'when the block ends (default: never)')
    .action(async (address: string, { reason, until, ...options }: BlockOptions) => {
      const input = {
        address: rangeOf(address),
        ...(reason === undefined ? {} : { reason }),
        ...(until === undefined ? {} : { expiresAt: momentOf(until) }),
      }
      const block = await openClient().json<BlockItem>('POST', '/blocks', { body: jsonBody(input) })
      const end = block.expiresAt === null ? '' : ` until ${momentText(block.expiresAt)}`
      show(options, block, () => [`${block.address} is blocked${end}.`])
    })
  addCommand(program, 'unblock <address>', 'lift a block').action(async (address: string, options: CommonOptions) => {
    const range = rangeOf(address)
    const client = openClient()
    const { items } = await client.all<BlockItem>('/blocks')
    // By hand and automatically at once: both go.
    const [block, ...more] = items.filter((item) => item.address === range)
    if (block === undefined) throw refused(`${range} is not blocked`)
    await Promise.all([block, ...more].map(({ id }) => client.text('DELETE', `/blocks/${encodeURIComponent(id)}`)))
    show(options, block, () => [`${range} is no longer blocked.`])
  })
}
