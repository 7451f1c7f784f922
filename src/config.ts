// The configuration of the process: environment variables, their defaults, and one clear line for a wrong value.
// docs/reference/configuration.md is generated from `variables`.
import { accessSync, constants, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { mailAddress } from './contract/alert-rule.ts'
import { parseAddress, addressText, parseCidr } from './contract/address.ts'
import type { Cidr } from './contract/address.ts'
import type { HepTarget } from './control/hep-sender.ts'
import type { MailServer } from './control/mailer.ts'
import type { MessageOptions } from './control/open-alerts.ts'
import type { MediaAddress } from './edge/media-socket.ts'
import type { UdpMode } from './transport/batching.ts'
import type { TlsFiles } from './transport/certificates.ts'
import { parseAdvertise, parseListen } from './transport/listener.ts'
import type { ListenSpec } from './transport/listener.ts'

export interface Variable {
  readonly name: string
  readonly default: string
  readonly meaning: string
}

export const variables: readonly Variable[] = [
  {
    name: 'TOLLGATE_DATA_DIR',
    default: './data',
    meaning: 'Folder of the database, the key file and the set-up token file (mode 0600).',
  },
  {
    name: 'TOLLGATE_HTTP_LISTEN',
    default: '127.0.0.1:8080',
    meaning:
      'Address and port of console and API; IPv6 in brackets, port 0 = any free port. An address other than loopback is opened only once an administrator exists.',
  },
  {
    name: 'TOLLGATE_HTTP_PROXIES',
    default: '-',
    meaning:
      "Comma list of addresses and ranges of proxies in front of console and API: their `X-Forwarded-For` and `X-Forwarded-Proto` are believed, nobody else's.",
  },
  {
    name: 'TOLLGATE_SIP_LISTEN',
    default: 'udp:0.0.0.0:5060,tcp:0.0.0.0:5060',
    meaning:
      'Comma list of `PROTOCOL:address:port[;name=N][;advertise=A]` with udp, tcp or tls, IPv6 in brackets; a wildcard becomes one socket for each local address.',
  },
  {
    name: 'TOLLGATE_SIP_ADVERTISE',
    default: 'the local address',
    meaning: 'Address or host name in Via and Contact where it differs from the local one (NAT).',
  },
  {
    name: 'TOLLGATE_UDP',
    default: 'auto',
    meaning:
      '`batched`: many datagrams with one system call (Linux on x64 and arm64; needs the optional package koffi); `dgram`: the sockets of Node.js; `auto`: batched where it is possible.',
  },
  {
    name: 'TOLLGATE_SIGNALLING_THREADS',
    default: '1',
    meaning:
      'How many threads share the calls (1 to 16), each with about a processor of its own; one is best where one processor does. The first one has the sockets.',
  },
  {
    name: 'TOLLGATE_TLS_CERT',
    default: '-',
    meaning:
      'PEM file with the certificate of tls listeners, followed by those between it and its authority; read again when it changes. Gateways that ask for a certificate get it, too.',
  },
  {
    name: 'TOLLGATE_TLS_KEY',
    default: '-',
    meaning: 'PEM file with the key of TOLLGATE_TLS_CERT; read again when it changes.',
  },
  {
    name: 'TOLLGATE_TLS_CA',
    default: 'the authorities that Node.js knows',
    meaning: 'PEM file with the authorities whose certificates gateways may show; read again when it changes.',
  },
  {
    name: 'TOLLGATE_DNS_SERVERS',
    default: 'those of the system',
    meaning: 'Comma list of `address:port` (IPv6 in brackets): DNS servers that are asked for the names of gateways.',
  },
  {
    name: 'TOLLGATE_ADMIN_PASSWORD_FILE',
    default: '-',
    meaning: 'File with a password: creates administrator `admin` when there is no user.',
  },
  {
    name: 'TOLLGATE_API_KEY_FILE',
    default: '-',
    meaning: 'File with a key of at least 32 characters: creates an administrator API key when there is none.',
  },
  {
    name: 'TOLLGATE_CONFIG',
    default: '-',
    meaning:
      'Declarative file applied at start before SIP listens, when its content differs from the last one applied.',
  },
  {
    name: 'TOLLGATE_RTPENGINE',
    default: '-',
    meaning:
      'Where rtpengine, the media relay, takes ng commands: `udp:address:port`, IPv6 in brackets. Needed for `mediaEncryption: srtp`.',
  },
  {
    name: 'TOLLGATE_HEP_TARGET',
    default: '-',
    meaning: 'Collector that gets a copy of every SIP message of calls as HEP3: `udp:address:port`, IPv6 in brackets.',
  },
  {
    name: 'TOLLGATE_HEP_ID',
    default: '1',
    meaning: 'Number of this agent in HEP packets (0 to 4294967295).',
  },
  {
    name: 'TOLLGATE_SMTP_URL',
    default: '-',
    meaning:
      'Mail server of alerts: `smtp://host:port` or `smtps://host:port`, with `user:password@` before the host if it wants a login. A login leaves under TLS only, except to this machine. Needs TOLLGATE_MAIL_FROM.',
  },
  {
    name: 'TOLLGATE_MAIL_FROM',
    default: '-',
    meaning: 'Address that mails of alerts come from, like `tollgate@example.com`.',
  },
  {
    name: 'TOLLGATE_WEBHOOK_ALLOW',
    default: '-',
    meaning:
      'Comma list of addresses and ranges that webhooks of alerts may go to although they are private, loopback, link-local or of this machine.',
  },
  { name: 'TOLLGATE_DATABASE_URL', default: '-', meaning: 'Reserved for PostgreSQL; a value stops the start.' },
  { name: 'TOLLGATE_REDIS_URL', default: '-', meaning: 'Reserved for clusters; a value stops the start.' },
  { name: 'TOLLGATE_RANDOM_SEED', default: '-', meaning: 'Tests only: a whole number; draws repeat.' },
  {
    name: 'TOLLGATE_LOG_LEVEL',
    default: 'info',
    meaning:
      '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`; JSON lines on stdout when that is not a terminal.',
  },
  {
    name: 'TOLLGATE_DRAIN_SECONDS',
    default: '30',
    meaning: 'How long running calls may go on after SIGTERM before they are ended (0 to 86400).',
  },
]

export interface Config {
  readonly dataDir: string
  readonly http: {
    readonly host: string
    readonly port: number
    /** Whose X-Forwarded-For and X-Forwarded-Proto are believed. */
    readonly proxies: readonly Cidr[]
  }
  readonly listen: readonly ListenSpec[]
  readonly advertise: string | null
  readonly udp: UdpMode
  readonly signallingThreads: number
  readonly tls: TlsFiles | null
  readonly dnsServers: readonly string[]
  readonly hep: HepTarget | null
  /** Null: media is never relayed. */
  readonly rtpengine: MediaAddress | null
  readonly messages: MessageOptions
  readonly adminPassword: string | undefined
  readonly apiKey: string | undefined
  readonly configFile: string | undefined
  readonly randomSeed: number | null
  readonly logLevel: string
  readonly drainSeconds: number
}

/** A wrong value: one line that names the variable, the value and what is accepted. Exit code 2. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault'
}

type Environment = Readonly<Record<string, string | undefined>>

const refuse = (name: string, value: string, accepted: string): never => {
  throw new ConfigFault(`${name}="${value}": ${accepted}`)
}

const read = (environment: Environment, name: string): string | undefined => {
  const value = environment[name]?.trim()
  return value === undefined || value === '' ? undefined : value
}

function wholeNumber(environment: Environment, name: string, range: { min: number; max: number }): number | undefined {
  const text = read(environment, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d{1,10}$/.test(text) || value < range.min || value > range.max)
    return refuse(name, text, `a whole number from ${range.min} to ${range.max} is accepted`)
  return value
}

function httpListen(environment: Environment): Config['http'] {
  const name = 'TOLLGATE_HTTP_LISTEN'
  const text = read(environment, name) ?? '127.0.0.1:8080'
  const match = /^(.+):(\d{1,5})$/.exec(text)
  const host = match?.[1] === 'localhost' ? '127.0.0.1' : (match?.[1] ?? '')
  const address = parseAddress(host)
  const port = Number(match?.[2])
  if (match === null || address === undefined || port > 65_535 || (host.includes(':') && !host.startsWith('[')))
    return refuse(name, text, 'accepted is an IP address and a port, like 127.0.0.1:8080 or [::1]:8080')
  return { host: addressText(address), port, proxies: ranges(environment, 'TOLLGATE_HTTP_PROXIES') }
}

function sipListen(environment: Environment): readonly ListenSpec[] {
  const name = 'TOLLGATE_SIP_LISTEN'
  const text = read(environment, name) ?? 'udp:0.0.0.0:5060,tcp:0.0.0.0:5060'
  const parsed = parseListen(text)
  if ('error' in parsed) return refuse(name, text, parsed.error)
  for (const file of ['TOLLGATE_TLS_CERT', 'TOLLGATE_TLS_KEY'])
    if (parsed.specs.some((spec) => spec.protocol === 'tls') && read(environment, file) === undefined)
      return refuse(name, text, `a tls listener needs ${file}`)
  return parsed.specs
}

const udpModes: readonly UdpMode[] = ['auto', 'batched', 'dgram']

function udpMode(environment: Environment): UdpMode {
  const name = 'TOLLGATE_UDP'
  const text = read(environment, name) ?? 'auto'
  return udpModes.find((mode) => mode === text) ?? refuse(name, text, `accepted are ${udpModes.join(', ')}`)
}

function dnsServers(environment: Environment): readonly string[] {
  const name = 'TOLLGATE_DNS_SERVERS'
  const text = read(environment, name)
  if (text === undefined) return []
  const servers = text.split(',').map((one) => one.trim())
  for (const server of servers) {
    const [, host = '', port = ''] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(server) ?? []
    if (parseAddress(host) === undefined || Number(port) < 1 || Number(port) > 65_535)
      refuse(name, text, `"${server}" is not address:port, like 192.0.2.53:53 or [2001:db8::53]:53`)
  }
  return servers
}

function readableFile(environment: Environment, name: string): string | undefined {
  const path = read(environment, name)
  if (path === undefined) return undefined
  try {
    accessSync(path, constants.R_OK)
    return resolve(path)
  } catch (error) {
    return refuse(name, path, `the file cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
}

function tlsFiles(environment: Environment): TlsFiles | null {
  const [certFile, keyFile, caFile] = ['TOLLGATE_TLS_CERT', 'TOLLGATE_TLS_KEY', 'TOLLGATE_TLS_CA'].map((name) =>
    readableFile(environment, name),
  )
  if (certFile === undefined && keyFile === undefined && caFile === undefined) return null
  if (certFile === undefined) return refuse('TOLLGATE_TLS_CERT', '', 'TLS needs a certificate and its key')
  if (keyFile === undefined) return refuse('TOLLGATE_TLS_KEY', '', 'TLS needs a certificate and its key')
  return { certFile, keyFile, caFile: caFile ?? null }
}

function hepTarget(environment: Environment): HepTarget | null {
  const name = 'TOLLGATE_HEP_TARGET'
  const text = read(environment, name)
  const captureId = wholeNumber(environment, 'TOLLGATE_HEP_ID', { min: 0, max: 4_294_967_295 }) ?? 1
  if (text === undefined) return null
  return { ...udpTarget(name, text), captureId }
}

/** `udp:address:port` of another program. */
function udpTarget(name: string, text: string): { address: string; port: number; family: 4 | 6 } {
  const match = /^udp:(\[.+\]|[^:]+):(\d{1,5})$/.exec(text)
  const address = parseAddress(match?.[1] ?? '')
  const port = Number(match?.[2])
  if (address === undefined || port < 1 || port > 65_535)
    return refuse(name, text, 'accepted is udp:address:port, like udp:192.0.2.20:9060 or udp:[2001:db8::20]:9060')
  return { address: addressText(address), port, family: address.family }
}

function rtpengine(environment: Environment): Config['rtpengine'] {
  const name = 'TOLLGATE_RTPENGINE'
  const text = read(environment, name)
  return text === undefined ? null : udpTarget(name, text)
}

const portsOfMail: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 }

/** The value may hold a password: it is never repeated. */
function mailServer(environment: Environment): MailServer | null {
  const name = 'TOLLGATE_SMTP_URL'
  const [text, from] = [read(environment, name), read(environment, 'TOLLGATE_MAIL_FROM')]
  if (text === undefined && from === undefined) return null
  if (text === undefined) return refuse('TOLLGATE_MAIL_FROM', from ?? '', `mail needs ${name}`)
  const url = URL.parse(text)
  const port = portsOfMail[url?.protocol ?? '']
  const accepted = 'accepted is smtp://host:port or smtps://user:password@host:port'
  if (url === null || port === undefined || url.hostname === '') return refuse(name, '...', accepted)
  const isPlain = ['', '/'].includes(url.pathname) && url.search === '' && url.hash === ''
  if (!isPlain || (url.username === '') !== (url.password === '')) return refuse(name, '...', accepted)
  if (from === undefined || !mailAddress.safeParse(from).success)
    return refuse('TOLLGATE_MAIL_FROM', from ?? '', 'an address like tollgate@example.com is accepted')
  const login = { user: decodeText(name, url.username), password: decodeText(name, url.password) }
  return {
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: url.port === '' ? port : Number(url.port),
    secure: url.protocol === 'smtps:',
    login: login.user === '' ? null : login,
    from,
  }
}

function decodeText(name: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse(name, '...', 'write a % in user or password as %25')
  }
}

function ranges(environment: Environment, name: string): readonly Cidr[] {
  const text = read(environment, name) ?? ''
  const parts = text.split(',').map((part) => part.trim())
  return parts
    .filter((part) => part !== '')
    .map((part) => parseCidr(part) ?? refuse(name, text, `"${part}" is no address or range like 10.1.0.0/16`))
}

function fileContent(environment: Environment, name: string, minLength: number): string | undefined {
  const path = read(environment, name)
  if (path === undefined) return undefined
  try {
    const content = readFileSync(path, 'utf8').trim()
    if (content.length >= minLength) return content
  } catch (error) {
    return refuse(name, path, `the file cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
  return refuse(name, path, `the file must hold at least ${minLength} characters`)
}

function refuseReserved(environment: Environment): void {
  for (const name of ['TOLLGATE_DATABASE_URL', 'TOLLGATE_REDIS_URL']) {
    const value = read(environment, name)
    // The value of a database address may hold a password: it is not repeated.
    if (value !== undefined)
      refuse(
        name,
        name.endsWith('_URL') ? `${value.split(':', 1)[0]}:...` : value,
        'not in this version; leave it unset',
      )
  }
}

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Reads the environment; throws ConfigFault for the first wrong value. */
export function readConfig(environment: Environment): Config {
  refuseReserved(environment)
  const logLevel = read(environment, 'TOLLGATE_LOG_LEVEL') ?? 'info'
  if (!levels.includes(logLevel)) refuse('TOLLGATE_LOG_LEVEL', logLevel, `accepted are ${levels.join(', ')}`)
  const advertised = read(environment, 'TOLLGATE_SIP_ADVERTISE')
  const advertise =
    advertised === undefined
      ? null
      : (parseAdvertise(advertised) ??
        refuse('TOLLGATE_SIP_ADVERTISE', advertised, 'an IP address or a host name is accepted'))
  return {
    dataDir: resolve(read(environment, 'TOLLGATE_DATA_DIR') ?? './data'),
    http: httpListen(environment),
    listen: sipListen(environment),
    advertise,
    udp: udpMode(environment),
    signallingThreads: wholeNumber(environment, 'TOLLGATE_SIGNALLING_THREADS', { min: 1, max: 16 }) ?? 1,
    tls: tlsFiles(environment),
    dnsServers: dnsServers(environment),
    hep: hepTarget(environment),
    rtpengine: rtpengine(environment),
    messages: { mail: mailServer(environment), webhookAllow: ranges(environment, 'TOLLGATE_WEBHOOK_ALLOW') },
    adminPassword: fileContent(environment, 'TOLLGATE_ADMIN_PASSWORD_FILE', 8),
    apiKey: fileContent(environment, 'TOLLGATE_API_KEY_FILE', 32),
    configFile: read(environment, 'TOLLGATE_CONFIG'),
    randomSeed: wholeNumber(environment, 'TOLLGATE_RANDOM_SEED', { min: 0, max: 4_294_967_295 }) ?? null,
    logLevel,
    drainSeconds: wholeNumber(environment, 'TOLLGATE_DRAIN_SECONDS', { min: 0, max: 86_400 }) ?? 30,
  }
}
