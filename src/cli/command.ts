// What every command has: a client, `--json`, output as lines.
import type { Command } from 'commander'
import { Client } from './client.ts'
import { tableLines, type Column } from './table.ts'

export interface CommonOptions {
  readonly json?: boolean
}

export const print = (lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`)
}

/** The API's answer as it is with `--json`, else as lines. */
export const show = <Answer>(
  options: CommonOptions,
  answer: Answer,
  lines: (answer: Answer) => readonly string[],
): void => print(options.json === true ? [JSON.stringify(answer, null, 2)] : lines(answer))

/** A table, or the sentence that says there is nothing. */
export const tableOr = <Row>(empty: string, columns: readonly Column<Row>[], rows: readonly Row[]): string[] =>
  rows.length === 0 ? [empty] : tableLines(columns, rows, process.stdout.isTTY ? process.stdout.columns : undefined)

/** `--reason` of the command that runs; a process runs one. */
let reason: string | undefined

export const openClient = (): Client => new Client(process.env, reason)

/** Adds a command with `--json`. */
export const addCommand = (program: Command, nameAndArguments: string, description: string): Command =>
  program
    .command(nameAndArguments)
    .description(description)
    .option('--json', 'print the answer of the API as JSON')
    .option('--reason <text>', 'why, for the audit; some systems require it for every change')
    .hook('preAction', (command) => {
      reason = command.opts<{ reason?: string }>().reason
    })
