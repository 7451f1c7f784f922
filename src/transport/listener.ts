// What TOLLGATE_SIP_LISTEN says, as values: parsed, wildcards expanded to one socket per local address, and named.
// Opening the sockets is for udp.ts and tcp.ts.
import { addressText, isHostName, parseAddress } from '../contract/address.ts'
import type { ListenerInfo, Protocol } from '../sip/flow.ts'
import type { LocalAddress } from './local-address.ts'
import { isLinkLocal, isLoopback } from './local-address.ts'

/** One entry of the list, as written. */
export interface ListenSpec {
  readonly protocol: Protocol
  /** Canonical text without brackets; `0.0.0.0` and `::` are wildcards. */
  readonly address: string
  /** 0 = any free port. */
  readonly port: number
  readonly name: string | null
  readonly advertise: string | null
}

/** One socket to open. */
export interface SocketSpec {
  readonly protocol: Protocol
  readonly family: 4 | 6
  readonly address: string
  readonly port: number
  /** Configured name, else undefined: then the name is made when the port is known. */
  readonly name: string | undefined
  readonly advertise: string | null
  /** Made from a wildcard: an address that has gone in the meantime is no error. */
  readonly expanded: boolean
}

export type ListenParse = { readonly specs: readonly ListenSpec[] } | { readonly error: string }

const accepted =
  'accepted is a comma list of PROTOCOL:address:port[;name=N][;advertise=A] with PROTOCOL udp, tcp or tls, an IP address (IPv6 in brackets; 0.0.0.0 or [::] for all) and a port from 0 to 65535, for example udp:0.0.0.0:5060,tcp:[2001:db8::1]:5060;name=core'
const entryPattern = /^(udp|tcp|tls):(\[[^[\]]*\]|[^[\]:;]+):(\d{1,5})((?:;[^;]*)*)$/i
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

function parseParameters(text: string): { name: string | null; advertise: string | null } | string {
  let name: string | null = null
  let advertise: string | null = null
  for (const part of text.split(';').slice(1)) {
    const equals = part.indexOf('=')
    const key = part.slice(0, Math.max(0, equals)).trim().toLowerCase()
    const value = part.slice(equals + 1).trim()
    if (key === 'name') {
      if (!namePattern.test(value)) return `the name "${value}" may only hold letters, digits, ".", "_" and "-"`
      name = value
    } else if (key === 'advertise') {
      const host = parseAdvertise(value)
      if (host === undefined) return `advertise "${value}" is neither an IP address nor a host name`
      advertise = host
    } else return `"${part}" is not known`
  }
  return { name, advertise }
}

/** An IP address or host name to stand in Via and Contact, as canonical text without brackets; else undefined. */
export function parseAdvertise(text: string): string | undefined {
  const address = parseAddress(text)
  if (address !== undefined) return addressText(address)
  return isHostName(text) ? text.toLowerCase() : undefined
}

function parseEntry(text: string): ListenSpec | string {
  const match = entryPattern.exec(text)
  if (match === null) return 'it does not have that form'
  const [, protocol = '', host = '', portText = '', parameterText = ''] = match
  const address = parseAddress(host)
  if (address === undefined) return `"${host}" is not an IP address`
  if (isLinkLocal(address)) return `"${host}" is a link-local address, which SIP cannot name`
  const port = Number(portText)
  if (port > 65_535) return `port ${portText} is above 65535`
  const parameters = parseParameters(parameterText)
  if (typeof parameters === 'string') return parameters
  return { protocol: protocol.toLowerCase() as Protocol, address: addressText(address), port, ...parameters }
}

/** Parses the text of TOLLGATE_SIP_LISTEN; the error is one sentence that says what is wrong and what is accepted. */
export function parseListen(text: string): ListenParse {
  const specs: ListenSpec[] = []
  const seen = new Set<string>()
  for (const entry of text.split(',').map((part) => part.trim())) {
    const spec = parseEntry(entry)
    if (typeof spec === 'string') return { error: `"${entry}" is not a listener: ${spec}; ${accepted}` }
    const key = `${spec.protocol} ${spec.address} ${spec.port}`
    if (spec.port !== 0 && seen.has(key))
      return { error: `"${entry}" is not a listener: it stands there twice; ${accepted}` }
    seen.add(key)
    specs.push(spec)
  }
  return { specs }
}

const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::'

/**
 * One entry per socket. A wildcard becomes one per local address of its family, without those that another entry
 * names itself. An advertised address given with a wildcard does not hold for loopback, whose peers could not use it.
 */
export function expandListen(
  specs: readonly ListenSpec[],
  local: readonly LocalAddress[],
  advertise: string | null,
): SocketSpec[] {
  const named = new Set(
    specs.filter((spec) => !isWildcard(spec.address)).map((spec) => `${spec.protocol} ${spec.address} ${spec.port}`),
  )
  return specs.flatMap((spec): SocketSpec[] => {
    const family = spec.address.includes(':') ? 6 : 4
    const common = { protocol: spec.protocol, family, port: spec.port } as const
    if (!isWildcard(spec.address)) {
      const name = spec.name ?? undefined
      const shown = spec.advertise ?? advertiseFor(advertise, family)
      return [{ ...common, address: spec.address, name, advertise: shown, expanded: false }]
    }
    const name = spec.name ?? `${spec.protocol}:${bracketed(spec.address)}:${spec.port}`
    return local
      .filter((one) => one.family === family)
      .filter((one) => spec.port === 0 || !named.has(`${spec.protocol} ${one.address} ${spec.port}`))
      .map((one) => {
        const address = parseAddress(one.address)
        const near = address !== undefined && isLoopback(address)
        const shown = near ? null : (spec.advertise ?? advertiseFor(advertise, family))
        return { ...common, address: one.address, name, advertise: shown, expanded: true }
      })
  })
}

/** The advertised address for all listeners holds for those of its own family; a host name for each. */
function advertiseFor(advertise: string | null, family: 4 | 6): string | null {
  const address = advertise === null ? undefined : parseAddress(advertise)
  return address === undefined || address.family === family ? advertise : null
}

const bracketed = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

/** `127.0.0.1:5060`, `[::1]:5060`: for names and sentences. */
export const hostPort = (address: string, port: number): string => `${bracketed(address)}:${port}`

/** The listener as the rest of the program knows it, once its port is known. */
export function describeListener(spec: SocketSpec, id: number, port: number): ListenerInfo {
  return {
    id,
    name: spec.name ?? `${spec.protocol}:${hostPort(spec.address, port)}`,
    protocol: spec.protocol,
    family: spec.family,
    address: spec.address,
    port,
    sentByHost: bracketed(spec.advertise ?? spec.address),
    sentByPort: port,
  }
}
