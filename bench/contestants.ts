// The two contestants: how each is configured, started and known to be ready.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBound } from '../test/kit/bound-ports.ts'
import { fill } from './places.ts'
import type { Places } from './places.ts'
import { pinned, startSession, stopSession, until } from './processes.ts'

export type ContestantName = 'tollgate' | 'kamailio'

const template = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

/** Debian puts Kamailio's modules into a folder named after the machine; other builds elsewhere. */
function findKamailioModules(): string | undefined {
  const patterns = ['/usr/lib/*/kamailio/modules', '/usr/lib*/kamailio/modules', '/usr/local/lib*/kamailio/modules']
  return globSync(patterns).find((folder) => existsSync(join(folder, 'tm.so')))
}

const isInstalled = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** Debian packages that the benchmark needs and this machine lacks. */
export function missingPackages(): string[] {
  const kamailio = isInstalled('kamailio') && findKamailioModules() !== undefined
  return [...(kamailio ? [] : ['kamailio']), ...(isInstalled('sipp') ? [] : ['sip-tester'])]
}

export const versionOf = (program: string, args: readonly string[]): string => {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return /\bv?\d+\.\d+(?:\.\d+)?\b/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown'
}

/** What a contestant is to be started with. */
export interface Setup {
  readonly places: Places
  /** Source addresses that may call, as CIDR. */
  readonly sources: readonly string[]
  /** For Tollgate's Node. */
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

export interface Contestant {
  readonly name: ContestantName
  /** Number of the session of all its processes. */
  readonly session: number
  readonly folder: string
}

function writeKamailio(folder: string, { places, sources }: Setup): string {
  const tables = join(folder, 'tables')
  mkdirSync(tables, { recursive: true })
  writeFileSync(join(tables, 'version'), 'table_name(string) table_version(int)\naddress:6\ntrusted:6\n')
  const rows = sources.map((cidr, i) => `${i + 1}:1:${cidr.replace('/', ':')}:0:load\n`)
  writeFileSync(
    join(tables, 'address'),
    `id(int,auto) grp(int) ip_addr(string) mask(int) port(int) tag(string,null)\n${rows.join('')}`,
  )
  writeFileSync(
    join(tables, 'trusted'),
    'id(int,auto) src_ip(string) proto(string) from_pattern(string,null) ruri_pattern(string,null) tag(string,null) priority(int)\n',
  )
  const weights = [91, 9]
  const lines = places.gateways.map((one, i) => `1 sip:${one.address}:${one.port} 0 0 rweight=${weights[i]}\n`)
  writeFileSync(join(folder, 'gateways'), lines.join(''))
  const file = join(folder, 'kamailio.cfg')
  const values = {
    ADDRESS: places.edge.address,
    PORT: String(places.edge.port),
    MODULES: findKamailioModules() ?? '',
    FOLDER: folder,
  }
  writeFileSync(file, fill(template('kamailio.cfg'), values))
  return file
}

async function startKamailio(folder: string, setup: Setup): Promise<number> {
  const file = writeKamailio(folder, setup)
  const tuned = ['-DD', '-x', 'fm', '-X', 'fm', '-m', '1024', '-M', '64', '-Y', folder, '-f', file]
  const [command, args] = pinned('contestant', 'kamailio', tuned)
  const logFile = join(folder, 'kamailio.log')
  const session = startSession(command, args, { logFile })
  const { address, port } = setup.places.edge
  await whenReady(session, () => isBound('udp', address, port), logFile)
  return session
}

const sourcesPerCustomer = 1_000

/** The same job for Tollgate: customers by address, one carrier with two gateways of weights 10 and 1, limits on and wide. */
export function tollgateConfiguration({ places, sources }: Setup): object {
  const wide = { channelsMax: 1_000_000, callsPerSecondMax: 1_000_000 }
  const endpoints = places.gateways.map(({ address, port }, i) => ({
    name: `gateway-${i + 1}`,
    direction: 'receives',
    addresses: [address],
    port,
    weight: i === 0 ? 10 : 1,
    probe: { enabled: false },
    ...wide,
  }))
  const customers = Array.from({ length: Math.ceil(sources.length / sourcesPerCustomer) }, (_, i) => {
    const addresses = sources.slice(i * sourcesPerCustomer, (i + 1) * sourcesPerCustomer)
    return { name: `Load ${i + 1}`, endpoints: [{ name: `load-${i + 1}`, direction: 'sends', addresses }] }
  })
  return {
    carriers: [{ name: 'Bench', ...wide, endpoints }],
    customers,
    routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Bench' }] }],
  }
}

async function isReady({ address, port }: Places['http']): Promise<boolean> {
  try {
    const answer = await fetch(`http://${address}:${port}/readyz`)
    return answer.ok
  } catch {
    return false
  }
}

/** For the API of Tollgate. */
export const apiKey = 'bench-key-bench-key-bench-key-bench-key'
const readyMs = 60_000

async function whenReady(session: number, ready: () => boolean | Promise<boolean>, logFile: string): Promise<void> {
  try {
    await until(ready, readyMs, 'it is not ready')
  } catch (error) {
    await stopSession(session)
    throw new Error(`${String(error)}: ${readFileSync(logFile, 'utf8').slice(-2_000)}`, { cause: error })
  }
}

async function startTollgate(folder: string, setup: Setup): Promise<number> {
  const { edge, http } = setup.places
  const file = join(folder, 'tollgate.json')
  writeFileSync(file, JSON.stringify(tollgateConfiguration(setup)))
  writeFileSync(join(folder, 'key'), `${apiKey}\n`, { mode: 0o600 })
  const environment = {
    NODE_ENV: 'production',
    TOLLGATE_DATA_DIR: join(folder, 'data'),
    TOLLGATE_HTTP_LISTEN: `${http.address}:${http.port}`,
    TOLLGATE_SIP_LISTEN: `udp:${edge.address}:${edge.port}`,
    TOLLGATE_CONFIG: file,
    TOLLGATE_API_KEY_FILE: join(folder, 'key'),
    TOLLGATE_LOG_LEVEL: 'warn',
    TOLLGATE_DRAIN_SECONDS: '0',
    ...setup.environment,
  }
  const logFile = join(folder, 'tollgate.log')
  const [command, args] = pinned('contestant', process.execPath, [...(setup.flags ?? []), 'src/main.ts'])
  const session = startSession(command, args, { environment, logFile })
  await whenReady(session, () => isReady(http), logFile)
  return session
}

/** Runs `work` with a contestant that has just been started in an empty folder of its own, and ends it whatever happens. */
export async function withContestant<T>(
  name: ContestantName,
  setup: Setup,
  work: (contestant: Contestant) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'))
  try {
    const session = await (name === 'kamailio' ? startKamailio(folder, setup) : startTollgate(folder, setup))
    try {
      return await work({ name, session, folder })
    } finally {
      await stopSession(session)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
