// Runs Kamailio (Debian package kamailio) as a real peer with a configuration of
// test/sipp/kamailio. Each process has an absolute time limit and is ended by its own id.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBound } from './bound-ports.ts'

export interface KamailioOptions {
  /** A file of test/sipp/kamailio, without `.cfg`. */
  readonly config: 'carrier' | 'registrar' | 'proxy' | 'tls'
  /** Own address (an own 127.0.x.y) and port, UDP. */
  readonly address: string
  readonly port: number
  /** Values for `@NAME@` in the configuration. */
  readonly values?: Readonly<Record<string, string>>
  /** The process is killed after this time (default 60 s). */
  readonly timeLimitMs?: number
}

export interface Kamailio {
  /** Everything it logged so far; configurations log what a test looks for. */
  log(): string
  stop(): Promise<void>
}

const program = 'kamailio'
const killAfterMs = 3_000

/** First line of `kamailio -v`; throws when it is missing. */
export function kamailioVersion(): string {
  const { error, stdout } = spawnSync(program, ['-v'], { encoding: 'utf8' })
  if (error !== undefined) throw new Error('kamailio is missing: install the Debian package kamailio')
  return stdout.split('\n')[0] ?? ''
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

function writeConfig(folder: string, options: KamailioOptions): string {
  const source = new URL(`../sipp/kamailio/${options.config}.cfg`, import.meta.url)
  const values: Record<string, string> = {
    ADDRESS: options.address,
    PORT: String(options.port),
    RUN: folder,
    ...options.values,
  }
  const text = readFileSync(source, 'utf8').replaceAll(/@([A-Z]+)@/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${options.config}.cfg needs a value for ${whole}`)
    return value
  })
  const file = join(folder, 'kamailio.cfg')
  writeFileSync(file, text)
  return file
}

/** Starts one Kamailio and waits until it listens. Its children are in a process group of their own, which ends with it. */
export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  const { address, port } = options
  if (isBound('udp', address, port)) throw new Error(`${address}:${port} is taken by another process`)
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-kamailio-'))
  const parts = ['-f', writeConfig(folder, options), '-DD', '-E', '-m', '32', '-M', '4', '-Y', folder]
  const child = spawn(program, parts, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let logged = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      logged += text
    })
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const end = (signal: 'SIGTERM' | 'SIGKILL'): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    } catch {
      // Its group is gone already.
    }
  }
  const onExit = (): void => end('SIGKILL')
  process.on('exit', onExit)
  const limit = setTimeout(() => end('SIGKILL'), options.timeLimitMs ?? 60_000)
  const stop = async (): Promise<void> => {
    clearTimeout(limit)
    end('SIGTERM')
    const killing = setTimeout(() => end('SIGKILL'), killAfterMs)
    await exited
    clearTimeout(killing)
    process.off('exit', onExit)
    rmSync(folder, { recursive: true, force: true })
  }
  const listens = async (leftMs: number): Promise<void> => {
    if (isBound('udp', address, port)) return
    if (leftMs <= 0 || child.exitCode !== null || child.pid === undefined) {
      await stop()
      throw new Error(`${program} does not listen on ${address}:${port}: ${logged.slice(-2_000)}`)
    }
    await pause(50)
    await listens(leftMs - 50)
  }
  await listens(10_000)
  return { log: () => logged, stop }
}
