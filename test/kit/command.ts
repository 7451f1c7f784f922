// The `tollgate` command as a process of its own, against a running server of a test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tollgate } from './tollgate.ts'

const program = fileURLToPath(new URL('../../src/cli/tollgate.mjs', import.meta.url))

/** `out` is what came on stdout and stderr. */
export async function tollgateCommand(
  tollgate: Tollgate,
  ...argv: string[]
): Promise<{ code: number | null; out: string }> {
  const environment = {
    PATH: process.env['PATH'],
    TOLLGATE_URL: tollgate.running.api.address,
    TOLLGATE_API_KEY: readFileSync(join(tollgate.dataDir, 'key-file'), 'utf8'),
  }
  const child = spawn(process.execPath, [program, ...argv], { env: environment })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (out += part.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out }
}
