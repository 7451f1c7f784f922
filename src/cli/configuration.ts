// Commands for the configuration: apply, diff, export, rollback, revisions.
import type { Command } from 'commander'
import type { Page } from '../contract/api-common.ts'
import type { ApplyAnswer, RevisionItem } from '../contract/api-config.ts'
import { jsonBody, type Body } from './client.ts'
import { addCommand, type CommonOptions, openClient, print, show, tableOr } from './command.ts'
import { usage } from './failure.ts'
import { originOf, readInput } from './input-file.ts'
import { applyLines } from './plan.ts'
import { momentText } from './table.ts'

interface FileOptions extends CommonOptions {
  readonly file: string
  readonly dryRun?: boolean
  readonly prune?: boolean
}

/** The file as it is; the server reads it. `-` is standard input. */
function readFile(name: string): Body {
  const text = readInput(name)
  const isJson = name.endsWith('.json') || /^\s*\{/.test(text)
  return { type: isJson ? 'application/json' : 'application/yaml', text, origin: originOf(name) }
}

const flag = (name: string, value: boolean | undefined) => (value === true ? { [name]: 'true' } : {})

function addFileCommands(program: Command): void {
  addCommand(program, 'apply', 'apply a declarative file; what it does not name is kept')
    .requiredOption('-f, --file <file>', 'YAML or JSON; - reads standard input')
    .option('--dry-run', 'show the plan and change nothing')
    .option('--prune', 'remove what the file does not name')
    .action(async (options: FileOptions) => {
      const query = { ...flag('dryRun', options.dryRun), ...flag('prune', options.prune) }
      const call = { query, body: readFile(options.file) }
      show(options, await openClient().json<ApplyAnswer>('POST', '/config/apply', call), applyLines)
    })
  addCommand(program, 'diff', 'show what applying a declarative file would change')
    .requiredOption('-f, --file <file>', 'YAML or JSON; - reads standard input')
    .option('--prune', 'also remove what the file does not name')
    .action(async (options: FileOptions) => {
      const call = { query: flag('prune', options.prune), body: readFile(options.file) }
      show(options, await openClient().json<ApplyAnswer>('POST', '/config/diff', call), applyLines)
    })
  addCommand(program, 'export', 'print the configuration as a declarative file, without secrets').action(
    async (options: CommonOptions) => {
      const accept = options.json === true ? 'application/json' : 'application/yaml'
      const text = await openClient().text('GET', '/config/export', { accept })
      print([options.json === true ? JSON.stringify(JSON.parse(text), null, 2) : text.trimEnd()])
    },
  )
}

function revisionNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usage(`"${text}" is no revision; \`tollgate revisions\` lists them`)
  return Number(text)
}

export function addConfigurationCommands(program: Command): void {
  addFileCommands(program)
  addCommand(program, 'rollback [revision]', 'restore a revision (default: the one before the present)')
    .option('--dry-run', 'show the plan and change nothing')
    .action(async (text: string | undefined, options: CommonOptions & { readonly dryRun?: boolean }) => {
      const revision = revisionNumber(text)
      const body = jsonBody({ ...(revision === undefined ? {} : { revision }), dryRun: options.dryRun === true })
      show(options, await openClient().json<ApplyAnswer>('POST', '/config/rollback', { body }), applyLines)
    })
  addCommand(program, 'revisions', 'list the revisions of the configuration, newest first').action(
    async (options: CommonOptions) => {
      const page = await openClient().all<RevisionItem>('/config/revisions')
      show<Page<RevisionItem>>(options, page, ({ items }) =>
        tableOr(
          'No revisions.',
          [
            { title: 'revision', cell: (row) => row.revision, right: true },
            { title: 'at', cell: (row) => momentText(row.at) },
            { title: 'by', cell: (row) => row.actor },
            { title: 'summary', cell: (row) => row.summary },
          ],
          items,
        ),
      )
    },
  )
}
