// The process trees of the contestants: each is started as a session of its own and looked at through /proc.
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { readProcesses } from '../scripts/process-group.ts'

const started = new Set<number>()

/** Contestants run on one processor, what generates their traffic on another, where there are two. */
const processors = { contestant: '0', generator: '1' } as const
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0

/** The command that runs another one on the processor of its role. */
export function pinned(
  role: keyof typeof processors,
  command: string,
  args: readonly string[],
): readonly [string, readonly string[]] {
  return canPin ? ['taskset', ['-c', processors[role], command, ...args]] : [command, args]
}

/** The leader of a session (`detached`): it is ended with this process. */
export function trackSession(child: ChildProcess): number {
  child.on('error', () => {})
  if (child.pid === undefined) throw new Error(`${child.spawnfile} could not be started`)
  started.add(child.pid)
  return child.pid
}

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
  return trackSession(child)
}

const membersOf = (session: number) => readProcesses().filter((row) => row.session === session)

export interface ThreadTime {
  readonly id: string
  readonly name: string
  readonly nanoseconds: number
}

function readThread(folder: string, id: string): ThreadTime[] {
  try {
    const name = readFileSync(`${folder}/${id}/comm`, 'latin1').trim()
    return [{ id, name, nanoseconds: Number(readFileSync(`${folder}/${id}/schedstat`, 'latin1').split(' ')[0]) }]
  } catch {
    // it has ended in the meantime
    return []
  }
}

/** CPU time so far, user and system, of each thread of the session. */
export const threadNanoseconds = (session: number): ThreadTime[] =>
  membersOf(session).flatMap(({ pid }) =>
    readdirSync(`/proc/${pid}/task`).flatMap((id) => readThread(`/proc/${pid}/task`, id)),
  )

/** The same of the whole session, in microseconds. */
export const cpuMicroseconds = (session: number): number =>
  threadNanoseconds(session).reduce((sum, { nanoseconds }) => sum + nanoseconds, 0) / 1_000

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

/** In whole mebibytes. */
export interface Resident {
  readonly now: number
  /** Since the start. */
  readonly peak: number
}

/** Resident memory of the leader of a session. */
export function residentMebibytes(session: number): Resident {
  const status = readFileSync(`/proc/${session}/status`, 'latin1')
  const read = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1_024)
  return { now: read('VmRSS'), peak: read('VmHWM') }
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

/** Datagrams that the kernel dropped because the queue of a socket was full, of all sockets on loopback addresses of a net. */
export function droppedAt(net: string): number {
  const [a = 0, b = 0, c = 0] = net.split('.').map(Number)
  const end = [c, b, a].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('')
  return readFileSync('/proc/net/udp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local]) => local?.slice(2, 8) === end)
    .reduce((sum, fields) => sum + Number(fields.at(-1)), 0)
}
