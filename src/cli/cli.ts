// The command line: speaks HTTP to a running Tollgate and to nothing else. Exit codes: 0 done, 1 refused, 2 wrong usage.
import { Command, CommanderError } from 'commander'
import { addCommands } from './commands.ts'
import { CommandFailure } from './failure.ts'
import { printable } from './table.ts'

const environmentHelp = `
Environment:
  TOLLGATE_URL      address of the API (default http://127.0.0.1:8080)
  TOLLGATE_API_KEY  API key`

function buildProgram(): Command {
  const program = new Command('tollgate')
    .description('Configure and watch a running Tollgate')
    .exitOverride()
    .showHelpAfterError('(tollgate help <command> explains it)')
    .addHelpText('after', environmentHelp)
  addCommands(program)
  return program
}

function report(error: unknown, json: boolean): number {
  // commander has already written what is wrong
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof CommandFailure) {
    const lines = [`tollgate: ${error.message}`, ...error.lines.map((line) => `  ${line}`)]
    const text = json && error.problem !== undefined ? JSON.stringify(error.problem) : lines.map(printable).join('\n')
    process.stderr.write(`${text}\n`)
    return error.exitCode
  }
  process.stderr.write(`tollgate: ${printable(error instanceof Error ? error.message : String(error))}\n`)
  return 1
}

// `tollgate records | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
try {
  await buildProgram().parseAsync(process.argv)
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--json'))
}
