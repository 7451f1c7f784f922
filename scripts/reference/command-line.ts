// docs/reference/cli.md: every command of `tollgate`, from the definitions that the command line itself is made of.
import { Command } from 'commander'
import { addCommands } from '../../src/cli/commands.ts'
import { cell, code, page, table } from './markdown.ts'

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function commandSection(command: Command, parents: readonly string[]): string[] {
  const names = [...parents, command.name()]
  if (command.commands.length > 0) return command.commands.flatMap((inner) => commandSection(inner, names))
  const usage = [...names, command.usage()].filter((text) => text !== '').join(' ')
  const rows = [
    ...command.registeredArguments.map((one) => [code(one.name()), cell(one.description)]),
    ...command.options.map((one) => [code(one.flags), cell(one.description)]),
  ]
  return [
    `## ${names.join(' ')}`,
    `\`${usage}\``,
    sentence(command.description()),
    ...(rows.length === 0 ? [] : [table(['argument', 'meaning'], rows)]),
  ]
}

export function commandLinePage(): string {
  const program = new Command('tollgate')
  addCommands(program)
  return page('The tollgate command', '`src/cli/`', [
    'It speaks HTTP to a running Tollgate: `TOLLGATE_URL` (default `http://127.0.0.1:8080`) with the key in ' +
      '`TOLLGATE_API_KEY`. In a clone it is `npx tollgate`. Every command has `--json`. Errors go to stderr; the exit ' +
      'code is 0 (done), 1 (refused) or 2 (wrong usage).',
    ...program.commands.flatMap((command) => commandSection(command, [])),
  ])
}
