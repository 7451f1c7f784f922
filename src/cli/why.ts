// Why? Of a call that is over: every step of its explanation and every attempt. Of what never became a call: who was refused,
// and what to do about it.
import type { Command } from 'commander'
import type { CallRecordItem, RejectionItem } from '../contract/api-live.ts'
import { addCommand, type CommonOptions, openClient, show, tableOr } from './command.ts'
import { type Column, momentText, paint, printable } from './table.ts'

const rejectionColumns: readonly Column<RejectionItem>[] = [
  { title: 'source', cell: (row) => row.address },
  { title: 'packets', cell: (row) => row.count, right: true },
  { title: 'last', cell: (row) => momentText(row.lastAt) },
  { title: 'reason', cell: (row) => row.reason, style: () => 'red' },
  { title: 'sample', cell: (row) => row.sample },
  { title: 'why', cell: (row) => row.text },
]

function recordLines({ outcome, status, reasonPhrase, detail, explanation, attempts }: CallRecordItem): string[] {
  const good = outcome === 'answered'
  const width = Math.max(0, ...explanation.map(({ step }) => step.length))
  return [
    `${paint(good ? 'green' : 'red', outcome)} ${status} ${printable(reasonPhrase)}: ${printable(detail)}`,
    ...explanation.map(({ step, text }) => `  ${paint('dim', step.padEnd(width))}  ${printable(text)}`),
    ...attempts.map(
      ({ gateway, target, reason, callId }) =>
        `  ${paint('dim', 'sent to'.padEnd(width))}  ${printable(`${gateway} ${target}: ${reason} (Call-ID ${callId})`)}`,
    ),
  ]
}

export function addWhyCommands(program: Command): void {
  addCommand(program, 'why <record>', 'why a call went as it did: every step and every attempt').action(
    async (id: string, options: CommonOptions) => {
      const record = await openClient().json<CallRecordItem>('GET', `/call-records/${encodeURIComponent(id)}`)
      show(options, record, recordLines)
    },
  )
  addCommand(program, 'rejections', 'list sources that were refused before a call existed, and why').action(
    async (options: CommonOptions) => {
      const page = await openClient().all<RejectionItem>('/rejections')
      show(options, page, ({ items }) => tableOr('Nothing was refused.', rejectionColumns, items))
    },
  )
}
