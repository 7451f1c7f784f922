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
import { ControlHolder } from './control/control-holder.ts'
import { gatewayBoard } from './control/gateway-board.ts'
import { openControl } from './control/open-control.ts'
import type { Control } from './control/open-control.ts'
import { sayApplied } from './control/start-file.ts'
import { drain, endAfterCalls } from './edge/drain.ts'
import { EdgeClient } from './edge/edge-client.ts'
import { undoRestore } from './store/backup.ts'

export interface Running {
  readonly api: ApiServer
  readonly control: Control
  readonly edge: EdgeClient
  /** New calls get 503, running ones go on until done or for `drainSeconds`; then everything closes. Idempotent. */
  stop(drainSeconds?: number): Promise<void>
}

const projectFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string }

async function openEdge(config: Config, holder: ControlHolder, log: Log): Promise<EdgeClient> {
  const { up } = holder
  const edge = await EdgeClient.open({ ...config, hep: config.hep !== null }, log, {
    onRecords: (records, lost) => up((control) => control.onRecords(records, lost)),
    onTraces: (traces) => up((control) => control.traces.add(traces)),
    onHep: (messages) => up((control) => control.traces.forward(messages)),
    onRegistrations: (userId, bindings) => up((control) => control.registrations.set(userId, bindings)),
    onHealth: (targetKey, { status, reason }) => log.info(`gateway ${status}`, { target: targetKey, reason }),
    onExit: (detail) => {
      log.error('signalling ended', { detail })
      process.exit(1)
    },
  })
  await holder.control.attach(edge)
  edge.restore(await holder.control.registrations.load())
  return edge
}

type Parts = Pick<Running, 'control' | 'edge'> &
  Pick<ControlHolder, 'storage'> & { readonly log: Log; readonly restart: () => Promise<void> }

function openHttp(config: Config, port: number, parts: Parts): Promise<ApiServer> {
  const { control, edge } = parts
  const context = {
    ...control,
    ...parts,
    version,
    gatewayBoard: () => gatewayBoard(control.directory, edge, control.suspensions),
    ready: () => (edge.listeners.length > 0 ? [] : ['SIP does not listen']),
  }
  return openGuardedApi({ ...config.http, port, context, staticDir: projectFile('web/dist') }, () => undefined)
}

/** Starts everything; resolves when SIP listens and the directory is in force. Throws ConfigFault or Fault. */
export async function start(
  environment: Readonly<Record<string, string | undefined>>,
  terminal = false,
): Promise<Running> {
  const config = readConfig(environment)
  const log = openLog(config.logLevel, terminal)
  const shared = { clock: systemClock, random: secureRandom(), log, version }
  const open = (): Promise<Control> =>
    openControl({ ...config, ...shared, alone: true, mediaRelay: config.rtpengine !== null })
  const holder = new ControlHolder(await open())
  try {
    if (config.configFile !== undefined)
      sayApplied(log, config.configFile, await holder.control.applyStartFile(config.configFile))
    const edge = await openEdge(config, holder, log)
    const serve = (port: number): Promise<ApiServer> =>
      openHttp(config, port, { control: holder.control, storage: holder.storage, edge, log, restart: restartOrEnd })
    const restart = async (): Promise<void> => {
      await api.close()
      await holder.exchange({ open, goBack: () => undoRestore(config.dataDir), edge, log })
      api = await serve(api.port)
      log.info('services opened again', { console: api.address, revision: holder.control.config.revision })
    }
    const restartOrEnd = (): Promise<void> =>
      restart().catch((error: unknown) => {
        log.error('the server ends with its calls: its services cannot be opened', { error: String(error) })
        return endAfterCalls(edge, config.drainSeconds)
      })
    let api = await serve(config.http.port)
    let stopping: Promise<void> | undefined
    const stopAll = async (seconds: number): Promise<void> => {
      await drain(edge, seconds)
      await edge.close()
      await api.close()
      await holder.close(log)
    }
    log.info('ready', { console: api.address, sip: edge.listeners.map((listener) => listener.name).join(' ') })
    return {
      edge,
      get api() {
        return api
      },
      get control() {
        return holder.control
      },
      stop: (seconds = config.drainSeconds) => (stopping ??= stopAll(seconds)),
    }
  } catch (error) {
    await holder.control.close()
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
