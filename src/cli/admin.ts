// Command for who has no way in any more: admin reset. Being able to read the data directory is the proof.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { AdminResetAnswer } from '../contract/api-people.ts'
import { jsonBody } from './client.ts'
import { addCommand, type CommonOptions, openClient, show } from './command.ts'
import { refused } from './failure.ts'

interface ResetOptions extends CommonOptions {
  readonly user: string
}

function hostToken(): string {
  const file = join(process.env['TOLLGATE_DATA_DIR'] || './data', 'host-token')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw refused(`cannot read ${file}: ${reason} (run it on the server, as its user, with its TOLLGATE_DATA_DIR)`)
  }
}

export function addAdminCommand(program: Command): void {
  const admin = program.command('admin').description('what only somebody on the host of the server may do')
  addCommand(admin, 'reset', 'give an administrator a new password, or make one; the server must be running')
    .option('--user <name>', 'the user', 'admin')
    .action(async ({ user, ...options }: ResetOptions) => {
      const body = jsonBody({ token: hostToken(), username: user })
      const answer = await openClient().json<AdminResetAnswer>('POST', '/admin-reset', { body })
      show(options, answer, ({ username, password }) => [
        `${username} is an administrator; the password, shown once: ${password}`,
      ])
    })
}
