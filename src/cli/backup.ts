// Commands for the whole: backup, restore. The file holds the key beside the database: it is for its owner alone.
import { createWriteStream, openAsBlob, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import type { RestoreAnswer } from '../contract/api-config.ts'
import { jsonBody } from './client.ts'
import { addCommand, type CommonOptions, openClient, show } from './command.ts'
import { refused, usage } from './failure.ts'
import { momentText, printable } from './table.ts'

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Written under another name first: what has the name is complete. */
async function saveBackup(file: string): Promise<number> {
  const part = `${file}.part`
  const answer = await openClient().stream('POST', '/backup', { body: jsonBody({}), accept: '*/*' })
  let bytes = 0
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of answer) {
      bytes += chunk.length
      yield chunk
    }
  }
  try {
    await pipeline(counted, createWriteStream(part, { mode: 0o600, flags: 'wx', flush: true }))
    renameSync(part, file)
    return bytes
  } catch (error) {
    rmSync(part, { force: true })
    throw refused(`${file} cannot be written: ${reasonOf(error)}`)
  }
}

async function open(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file)
  } catch (error) {
    throw usage(`cannot read ${file}: ${reasonOf(error)}`)
  }
}

export function addBackupCommands(program: Command): void {
  addCommand(program, 'backup <file>', 'write database and key file into a tar (administrators only)').action(
    async (file: string, options: CommonOptions) => {
      const bytes = await saveBackup(file)
      show(options, { file, bytes }, () => [
        `${printable(file)}: ${bytes} bytes; it holds the key, keep it as a secret.`,
      ])
    },
  )
  addCommand(program, 'restore <file>', 'put a backup in force (administrators only); calls go on').action(
    async (file: string, options: CommonOptions) => {
      const body = { type: 'application/x-tar', blob: await open(file), origin: file }
      const answer = await openClient().json<RestoreAnswer>('POST', '/restore', { body })
      show(options, answer, ({ revision, takenAt, version }) => [
        `The backup of ${momentText(takenAt)} (Tollgate ${printable(version)}, revision ${revision}) is in force.`,
        'What was there before is kept in the folder "replaced" of the data directory.',
      ])
    },
  )
}
