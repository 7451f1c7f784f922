// The process trees of the contestants: each is started as a session of its own and looked at through /proc.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { readProcesses } from '../scripts/process-group.ts'

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100
const started = new Set<number>()

/** Starts a program as the leader of a new session, its output in a file; gives the session's number. */
export function startSession(
  command: string,
  args: readonly string[],
  options: { readonly environment?: Readonly<Record<string, string>>; readonly logFile: string },
): number {
  const log = openSync(options.logFile, 'w')
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.environment },
  })
  closeSync(log)
  child.on('error', () => {})
  if (child.pid === undefined) throw new Error(`${command} could not be started`)
  started.add(child.pid)
  return child.pid
}

const membersOf = (session: number) => readProcesses().filter((row) => row.session === session)

/** CPU time of all processes of the session so far, user and system, in microseconds. */
export const cpuMicroseconds = (session: number): number =>
  (membersOf(session).reduce((sum, row) => sum + row.cpuTicks, 0) * 1_000_000) / ticksPerSecond

export interface ThreadTime {
  readonly id: string
  readonly name: string
  readonly nanoseconds: number
}

/** CPU time so far of each thread of the session. */
export const threadNanoseconds = (session: number): ThreadTime[] =>
  membersOf(session).flatMap(({ pid }) =>
    readdirSync(`/proc/${pid}/task`).map((id) => {
      const folder = `/proc/${pid}/task/${id}`
      const name = readFileSync(`${folder}/comm`, 'latin1').trim()
      return { id, name, nanoseconds: Number(readFileSync(`${folder}/schedstat`, 'latin1').split(' ')[0]) }
    }),
  )

/** Memory of the session in bytes; what processes share is counted once (proportional set size). */
export function memoryBytes(session: number): number {
  return membersOf(session).reduce((sum, { pid }) => {
    try {
      const found = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))
      return sum + Number(found?.[1] ?? 0) * 1_024
    } catch {
      return sum
    }
  }, 0)
}

export const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Waits until `condition` holds; throws with `what` when it does not within the time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string,
): Promise<void> {
  const end = performance.now() + withinMs
  for (;;) {
    if (await condition()) return
    if (performance.now() > end) throw new Error(what)
    await wait(50)
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch {
    // it has ended in the meantime
  }
}

/** Asks the leader to end, then kills what is left of the session. */
export async function stopSession(session: number): Promise<void> {
  signal(session, 'SIGTERM')
  await until(() => membersOf(session).length === 0, 10_000, '').catch(() => {
    for (const { pid } of membersOf(session)) signal(pid, 'SIGKILL')
  })
  started.delete(session)
}

process.on('exit', () => {
  for (const session of started) for (const { pid } of membersOf(session)) signal(pid, 'SIGKILL')
})

/** UDP datagrams of the whole machine: received, sent, and lost for want of room or by errors. */
export function readUdpCounters(): { readonly received: number; readonly sent: number; readonly lost: number } {
  const [names, values] = readFileSync('/proc/net/snmp', 'latin1')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '))
  const value = (name: string): number => Number(values?.[names?.indexOf(name) ?? -1] ?? 0)
  return {
    received: value('InDatagrams'),
    sent: value('OutDatagrams'),
    lost: value('RcvbufErrors') + value('SndbufErrors'),
  }
}
