// The two contestants: how each is configured, started and known to be ready.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isBound } from '../test/kit/bound-ports.ts'
import { fill, places } from './places.ts'
import { startSession, until } from './processes.ts'

export type ContestantName = 'tollgate' | 'kamailio'

const template = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

/** Debian puts Kamailio's modules into a folder named after the machine; other builds elsewhere. */
export function findKamailioModules(): string | undefined {
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

function writeKamailio(folder: string): string {
  const tables = join(folder, 'tables')
  mkdirSync(tables, { recursive: true })
  writeFileSync(join(tables, 'version'), 'table_name(string) table_version(int)\naddress:6\ntrusted:6\n')
  writeFileSync(
    join(tables, 'address'),
    'id(int,auto) grp(int) ip_addr(string) mask(int) port(int) tag(string,null)\n1:1:127.0.0.0:8:0:load\n',
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

async function startKamailio(folder: string): Promise<number> {
  const args = ['-DD', '-x', 'fm', '-X', 'fm', '-m', '1024', '-M', '64', '-Y', folder, '-f', writeKamailio(folder)]
  const session = startSession('kamailio', args, { logFile: join(folder, 'kamailio.log') })
  const ready = (): boolean => isBound('udp', places.edge.address, places.edge.port)
  await until(ready, 15_000, `kamailio does not listen; see ${join(folder, 'kamailio.log')}`)
  return session
}

/** The same job for Tollgate: one customer, one carrier with two gateways of weights 10 and 1, limits on and wide. */
function tollgateConfiguration(): object {
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
  return {
    carriers: [{ name: 'Bench', ...wide, endpoints }],
    customers: [{ name: 'Load', endpoints: [{ name: 'load', direction: 'sends', addresses: ['127.0.0.0/8'] }] }],
    routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Bench' }] }],
  }
}

async function isReady(): Promise<boolean> {
  try {
    const answer = await fetch(`http://${places.http.address}:${places.http.port}/readyz`)
    return answer.ok
  } catch {
    return false
  }
}

async function startTollgate(folder: string, flags: readonly string[]): Promise<number> {
  const config = join(folder, 'tollgate.json')
  writeFileSync(config, JSON.stringify(tollgateConfiguration()))
  writeFileSync(join(folder, 'key'), 'bench-key-bench-key-bench-key-bench-key\n', { mode: 0o600 })
  const environment = {
    NODE_ENV: 'production',
    TOLLGATE_DATA_DIR: join(folder, 'data'),
    TOLLGATE_HTTP_LISTEN: `${places.http.address}:${places.http.port}`,
    TOLLGATE_SIP_LISTEN: `udp:${places.edge.address}:${places.edge.port}`,
    TOLLGATE_CONFIG: config,
    TOLLGATE_API_KEY_FILE: join(folder, 'key'),
    TOLLGATE_LOG_LEVEL: 'warn',
    TOLLGATE_DRAIN_SECONDS: '0',
  }
  const logFile = join(folder, 'tollgate.log')
  const session = startSession(process.execPath, [...flags, 'src/main.ts'], { environment, logFile })
  await until(isReady, 30_000, `tollgate is not ready; see ${logFile}`)
  return session
}

/** Flags of Node with which Tollgate collects garbage all the time. */
export const eagerCollection = ['--expose-gc', '--import', './bench/collect-garbage.ts'] as const

/** Starts one in an empty folder of its own; gives its session. `flags` are for Tollgate's Node. */
export function startContestant(name: ContestantName, folder: string, flags: readonly string[] = []): Promise<number> {
  mkdirSync(folder, { recursive: true })
  return name === 'kamailio' ? startKamailio(folder) : startTollgate(folder, flags)
}
