// Runs rtpengine (Debian package rtpengine-daemon) as a real media relay, without its kernel module. The process has an
// absolute time limit and is ended by its own id.
import { spawn, spawnSync } from 'node:child_process'
import { isBound } from './bound-ports.ts'

export interface Rtpengine {
  /** Everything it logged so far. */
  log(): string
  stop(): Promise<void>
}

const program = 'rtpengine'
const timeLimitMs = 60_000

/** What `rtpengine --version` says; throws when it is missing. */
export function rtpengineVersion(): string {
  const { error, stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  if (error !== undefined) throw new Error('rtpengine is missing: install the Debian package rtpengine-daemon')
  return `${stdout}${stderr}`.trim()
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Media on `address` (an own 127.0.x.y), commands on `address:port`. */
export async function startRtpengine(address: string, port: number): Promise<Rtpengine> {
  if (isBound('udp', address, port)) throw new Error(`${address}:${port} is taken by another process`)
  const parts = [`--interface=${address}`, `--listen-ng=${address}:${port}`, '--table=-1', '--config-file=none']
  const own = ['--foreground', '--log-stderr', '--num-threads=2', '--port-min=30000', '--port-max=30200']
  const child = spawn(program, [...parts, ...own], { stdio: ['ignore', 'ignore', 'pipe'] })
  let logged = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    logged += text
  })
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), timeLimitMs)
  const onExit = (): void => void child.kill('SIGKILL')
  process.on('exit', onExit)
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
    clearTimeout(limit)
    process.off('exit', onExit)
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
