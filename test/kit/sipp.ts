// Runs SIPp (Debian package sip-tester) as a real peer: a caller with `runSipp`, a gateway with `startSipp`. Every
// process has an absolute time limit, is ended by its own id, and leaves its counts behind.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { isBound } from './bound-ports.ts'
import { parseSippScreen } from './sipp-screen.ts'
import type { SippCounts } from './sipp-screen.ts'

/** The files of test/sipp/scenarios, without `.xml`. */
export type SippScenario =
  | 'uac'
  | 'uac-callee-ends'
  | 'uac-cancel'
  | 'uac-cancel-early'
  | 'uac-digest'
  | 'uac-no-ack'
  | 'uac-refused'
  | 'uac-reinvite'
  | 'uac-vanish'
  | 'uas'
  | 'uas-at-once'
  | 'uas-cancelled'
  | 'uas-challenge'
  | 'uas-ends'
  | 'uas-refuse'
  | 'uas-reinvite'
  | 'uas-ring'
  | 'uas-silent'
  | 'uas-trying'

export interface SippOptions {
  /** A scenario of test/sipp, or a file of one's own whose name starts with uac or uas. */
  readonly scenario: SippScenario | URL
  /** Own address (an own 127.0.x.y) and port. */
  readonly address: string
  readonly port: number
  /** `address:port` a caller calls; a gateway has none. */
  readonly remote?: string
  /** Calls to make, then the process ends by itself. A gateway without it runs until it is stopped. */
  readonly calls?: number
  readonly callsPerSecond?: number
  /** Calls at the same time (default 10,000, so that SIPp itself does not hold one back). */
  readonly callsAtOnceMax?: number
  /** What `<pause/>` in the scenario lasts (default 0). */
  readonly pauseMs?: number
  /** The number dialled. */
  readonly number?: string
  /** The calling number in From. */
  readonly cli?: string
  readonly transport?: 'udp' | 'tcp'
  /** Values for `@NAME@` in the scenario: STATUS and REASON of uas-refuse and uac-refused. */
  readonly values?: Readonly<Record<string, string>>
  /** The process is killed after this time, and the result says so (default 60 s). */
  readonly timeLimitMs?: number
  /** Further arguments of SIPp. */
  readonly extra?: readonly string[]
}

export interface SippResult extends SippCounts {
  readonly exitCode: number | null
  /** True when the time limit ended it. */
  readonly timedOut: boolean
  /** What SIPp wrote about unexpected messages, cut to 4,000 characters. */
  readonly errors: string
}

export interface SippProcess {
  readonly pid: number
  /** Its socket is bound. Rejects when the process ends before that. */
  readonly ready: Promise<void>
  readonly finished: Promise<SippResult>
  /** Lets running calls end for up to `graceMs` (default 1 s), then ends the process; the counts are complete. */
  stop(graceMs?: number): Promise<SippResult>
  /** SIGKILL: the peer vanishes in the middle of what it did. It has no counts. */
  kill(): Promise<SippResult>
}

/** What runs, and the folder of its files. */
const running = new Map<ChildProcess, string>()
process.on('exit', () => {
  for (const [child, folder] of running) {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})

const scenarioFile = (scenario: SippScenario | URL): URL =>
  scenario instanceof URL ? scenario : new URL(`../sipp/scenarios/${scenario}.xml`, import.meta.url)

const nameOf = (scenario: SippScenario | URL): string => basename(scenarioFile(scenario).pathname, '.xml')

function writeScenario(folder: string, options: SippOptions): string {
  const values: Record<string, string> = { FROM: options.cli ?? '441782000001', ...options.values }
  const text = readFileSync(scenarioFile(options.scenario), 'utf8').replaceAll(/@([A-Z]+)@/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`scenario ${nameOf(options.scenario)} needs a value for ${whole}`)
    return value
  })
  const file = join(folder, 'scenario.xml')
  writeFileSync(file, text)
  return file
}

function argumentsOf(folder: string, options: SippOptions): string[] {
  const parts = ['-sf', writeScenario(folder, options), '-i', options.address, '-p', String(options.port)]
  parts.push('-t', options.transport === 'tcp' ? 't1' : 'u1', '-buff_size', '4194304', '-nostdin')
  parts.push('-trace_screen', '-screen_file', join(folder, 'screen.log'))
  parts.push('-trace_err', '-error_file', join(folder, 'errors.log'))
  parts.push('-d', String(options.pauseMs ?? 0), '-l', String(options.callsAtOnceMax ?? 10_000))
  if (options.number !== undefined) parts.push('-s', options.number)
  if (options.callsPerSecond !== undefined) parts.push('-r', String(options.callsPerSecond))
  if (options.calls !== undefined) parts.push('-m', String(options.calls))
  // A gateway answers the OPTIONS of health probes by itself.
  if (nameOf(options.scenario).startsWith('uas')) parts.push('-aa')
  parts.push(...(options.extra ?? []))
  if (options.remote !== undefined) parts.push(options.remote)
  return parts
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

async function waitUntilBound(child: ChildProcess, options: SippOptions): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`sipp ${nameOf(options.scenario)} ended before it listened on ${options.address}:${options.port}`)
    if (isBound(options.transport ?? 'udp', options.address, options.port)) return
    await pause(20)
  }
  throw new Error(`sipp ${nameOf(options.scenario)} does not listen on ${options.address}:${options.port}`)
}

function finish(child: ChildProcess, folder: string, timeLimitMs: number): Promise<SippResult> {
  let timedOut = false
  const limit = setTimeout(() => {
    timedOut = true
    child.kill('SIGKILL')
  }, timeLimitMs)
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(limit)
      running.delete(child)
      rmSync(folder, { recursive: true, force: true })
      reject(error.code === 'ENOENT' ? new Error('sipp is missing: install the Debian package sip-tester') : error)
    })
    child.once('exit', (exitCode) => {
      clearTimeout(limit)
      running.delete(child)
      const counts = parseSippScreen(readIfThere(join(folder, 'screen.log')))
      const errors = readIfThere(join(folder, 'errors.log')).slice(0, 4_000)
      rmSync(folder, { recursive: true, force: true })
      resolve({ ...counts, exitCode, timedOut, errors })
    })
  })
}

/** Starts one SIPp process. Throws when its port is taken: it would talk to a stranger. */
export function startSipp(options: SippOptions): SippProcess {
  if (isBound(options.transport ?? 'udp', options.address, options.port))
    throw new Error(`${options.address}:${options.port} is taken by another process`)
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-sipp-'))
  const child = spawn('sipp', argumentsOf(folder, options), { stdio: 'ignore', cwd: folder })
  running.set(child, folder)
  const finished = finish(child, folder, options.timeLimitMs ?? 60_000)
  const ready = waitUntilBound(child, options)
  // Whoever does not wait for one of them must not be killed by its rejection.
  finished.catch(() => {})
  ready.catch(() => {})
  return {
    pid: child.pid ?? 0,
    ready,
    finished,
    async stop(graceMs = 1_000) {
      // USR1 takes no more calls and ends with the last one. A call that hangs (every probe's OPTIONS does, to SIPp)
      // would keep the process: then USR2 makes it write its counts before it is killed, three times because SIPp
      // keeps up to 4 KiB of the file to itself.
      child.kill('SIGUSR1')
      const ended = await Promise.race([finished.then(() => true), pause(graceMs).then(() => false)])
      if (!ended) {
        for (const signal of ['SIGUSR2', 'SIGUSR2', 'SIGUSR2', 'SIGKILL'] as const) {
          child.kill(signal)
          await pause(100)
        }
      }
      return finished
    },
    kill() {
      child.kill('SIGKILL')
      return finished
    },
  }
}

/** Runs a caller to its end: `calls` calls, or the time limit. */
export function runSipp(
  options: SippOptions & { readonly remote: string; readonly calls: number },
): Promise<SippResult> {
  return startSipp(options).finished
}
