// Tollgate: puts the rooms together, starts them in order and ends them in order. No logic of its own.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openGuardedApi } from './api/guarded-server.ts'
import type { ApiServer } from './api/server.ts'
import { systemClock } from './base/clock.ts'
import { Fault } from './base/fault.ts'
import { openLog } from './base/log.ts'
import type { Log } from './base/log.ts'
import { secureRandom } from './base/random.ts'
import { ConfigFault, readConfig } from './config.ts'
import type { Config } from './config.ts'
import { gatewayBoard } from './control/gateway-board.ts'
import { openControl } from './control/open-control.ts'
import type { Control } from './control/open-control.ts'
import type { ApplyResult } from './control/services.ts'
import { EdgeClient } from './edge/edge-client.ts'

export interface Running {
  readonly api: ApiServer
  readonly control: Control
  readonly edge: EdgeClient
  /** New calls get 503, running ones go on until done or for `drainSeconds`; then everything closes. Idempotent. */
  stop(drainSeconds?: number): Promise<void>
}

const projectFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string }
const drainLookMs = 200

async function openEdge(config: Config, control: Control, log: Log): Promise<EdgeClient> {
  const edge = await EdgeClient.open({ ...config, hep: config.hep !== null }, log, {
    onRecords: (records, lost) => control.onRecords(records, lost),
    onTraces: (traces) => control.traces.add(traces),
    onHep: (messages) => control.traces.forward(messages),
    onRegistrations: (userId, bindings) => control.registrations.set(userId, bindings),
    onHealth: (targetKey, { status, reason }) => log.info(`gateway ${status}`, { target: targetKey, reason }),
    onExit: (detail) => {
      log.error('signalling ended', { detail })
      process.exit(1)
    },
  })
  await control.attach(edge)
  edge.restore(await control.registrations.load())
  return edge
}

function openHttp(config: Config, parts: { control: Control; edge: EdgeClient; log: Log }): Promise<ApiServer> {
  const { control, edge, log } = parts
  const context = {
    ...control,
    edge,
    version,
    log,
    gatewayBoard: () => gatewayBoard(control.directory, edge, control.suspensions),
    ready: () => (edge.listeners.length > 0 ? [] : ['SIP does not listen']),
  }
  return openGuardedApi({ ...config.http, context, staticDir: projectFile('web/dist') }, () => undefined)
}

async function drain(edge: EdgeClient, seconds: number): Promise<void> {
  const until = systemClock.nowMs() + seconds * 1_000
  await edge.ask('drain', null)
  const wait = async (): Promise<void> => {
    const calls = await edge.ask('calls', null)
    if (calls.length === 0 || systemClock.nowMs() >= until) return
    await new Promise((resolve) => {
      setTimeout(resolve, drainLookMs)
    })
    await wait()
  }
  await wait()
}

function sayApplied(log: Log, file: string, result: ApplyResult | undefined): void {
  if (result === undefined) return log.info('configuration file unchanged since it was applied last', { file })
  log.info('configuration file applied', { file, changes: result.plan.length, revision: result.revision })
  for (const { path, message } of result.warnings) log.warn('configuration', { path, message })
}

/** Starts everything; resolves when SIP listens and the directory is in force. Throws ConfigFault or Fault. */
export async function start(
  environment: Readonly<Record<string, string | undefined>>,
  terminal = false,
): Promise<Running> {
  const config = readConfig(environment)
  const log = openLog(config.logLevel, terminal)
  const { dataDir, adminPassword, apiKey } = config
  const control = await openControl({
    dataDir,
    clock: systemClock,
    random: secureRandom(),
    log,
    hep: config.hep,
    mediaRelay: config.rtpengine !== null,
    dnsServers: config.dnsServers,
    messages: config.messages,
    ...(adminPassword === undefined ? {} : { adminPassword }),
    ...(apiKey === undefined ? {} : { apiKey }),
  })
  try {
    if (config.configFile !== undefined)
      sayApplied(log, config.configFile, await control.applyStartFile(config.configFile))
    const edge = await openEdge(config, control, log)
    const api = await openHttp(config, { control, edge, log })
    let stopping: Promise<void> | undefined
    const stopAll = async (seconds: number): Promise<void> => {
      await drain(edge, seconds)
      await edge.close()
      await api.close()
      await control.close()
    }
    log.info('ready', { console: api.address, sip: edge.listeners.map((listener) => listener.name).join(' ') })
    return { api, control, edge, stop: (seconds = config.drainSeconds) => (stopping ??= stopAll(seconds)) }
  } catch (error) {
    await control.close()
    throw error
  }
}

function sayWelcome(running: Running, terminal: boolean): void {
  const { people } = running.control
  process.stderr.write(`Tollgate ${version} is ready: ${running.api.address}\n`)
  if (people.setupRequired())
    process.stderr.write(
      terminal && people.setupToken !== undefined
        ? `Set-up token (once): ${people.setupToken}\n`
        : `The set-up token is in ${people.setupTokenFile}\n`,
    )
}

async function run(): Promise<void> {
  const terminal = process.stdout.isTTY
  const running = await start(process.env, terminal)
  sayWelcome(running, terminal)
  // npm hands a signal on that the process has already: the second one changes nothing.
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      void running.stop().then(() => process.exit(0))
    })
}

if (import.meta.main)
  run().catch((error: unknown) => {
    const wrongInput = error instanceof ConfigFault || (error instanceof Fault && error.code === 'invalid')
    process.stderr.write(`tollgate: ${error instanceof Error ? error.message : String(error)}\n`)
    if (error instanceof Fault)
      for (const { path, message } of error.errors) process.stderr.write(`  ${path}: ${message}\n`)
    process.exit(wrongInput ? 2 : 1)
  })
