// One Via value (RFC 3261 20.42, RFC 3581). Blanks may stand around every separator.
import { isDigit, skipBlanks, tokenBytes } from './characters.ts'
import { isNamed, lastValue, readParameter } from './parameter.ts'
import { endOfHost, parsePort } from './uri.ts'

export interface Via {
  /** Upper case: UDP, TCP, TLS, ... */
  readonly transport: string
  /** sent-by host as written; IPv6 with brackets. '' only for what could not be read. */
  readonly host: string
  readonly port: number | undefined
  readonly branch: string | undefined
  /** '' = present without value. */
  readonly rport: string | undefined
  readonly received: string | undefined
  readonly maddr: string | undefined
  /** Raw parameters with the leading `;`, or ''. */
  readonly parameters: string
  /** The whole value as written. */
  readonly text: string
}

function endOfToken(text: string, at: number): number {
  let i = at
  while (i < text.length && tokenBytes[text.charCodeAt(i)] === 1) i += 1
  return i === at ? -1 : i
}

/** The position after the `/` that must stand at `at` or after blanks, and the blanks behind it; or -1. */
function afterSlash(text: string, at: number): number {
  const i = skipBlanks(text, at)
  return text.charCodeAt(i) === 0x2f ? skipBlanks(text, i + 1) : -1
}

/** Where `name / version / transport` ends; its transport starts at `protocol.start`. */
const protocol = { start: 0, end: 0 }

function readProtocol(text: string): boolean {
  let i = endOfToken(text, skipBlanks(text, 0))
  if (i === -1) return false
  i = afterSlash(text, i)
  if (i === -1) return false
  i = endOfToken(text, i)
  if (i === -1) return false
  i = afterSlash(text, i)
  if (i === -1) return false
  protocol.start = i
  protocol.end = endOfToken(text, i)
  return protocol.end !== -1
}

/** The first of each parameter that routing needs, filled in one walk over the list. */
interface Found {
  branch: string | undefined
  rport: string | undefined
  received: string | undefined
  maddr: string | undefined
}

/** False when a parameter is malformed or something else follows. */
function readParameters(value: string, start: number, into: Found): boolean {
  let i = start
  while (i < value.length) {
    i = readParameter(value, i)
    if (i === -1) return false
    if (isNamed(value, 'branch')) into.branch ??= lastValue(value)
    else if (isNamed(value, 'rport')) into.rport ??= lastValue(value)
    else if (isNamed(value, 'received')) into.received ??= lastValue(value)
    else if (isNamed(value, 'maddr')) into.maddr ??= lastValue(value)
  }
  return true
}

/** One value; undefined when it is malformed. */
export function parseVia(value: string): Via | undefined {
  if (!readProtocol(value)) return undefined
  const hostStart = skipBlanks(value, protocol.end)
  if (hostStart === protocol.end) return undefined
  const isUdp = protocol.end === protocol.start + 3 && value.startsWith('UDP', protocol.start)
  const transport = isUdp ? 'UDP' : value.slice(protocol.start, protocol.end).toUpperCase()
  const hostEnd = endOfHost(value, hostStart)
  if (hostEnd === -1) return undefined
  let i = skipBlanks(value, hostEnd)
  let port: number | undefined
  if (value.charCodeAt(i) === 0x3a) {
    const portStart = skipBlanks(value, i + 1)
    i = portStart
    while (i < value.length && isDigit(value.charCodeAt(i))) i += 1
    port = parsePort(value.slice(portStart, i))
    if (port === -1) return undefined
    i = skipBlanks(value, i)
  }
  const into: Found = { branch: undefined, rport: undefined, received: undefined, maddr: undefined }
  if (!readParameters(value, i, into)) return undefined
  return {
    transport,
    host: value.slice(hostStart, hostEnd),
    port,
    branch: into.branch === '' ? undefined : into.branch,
    rport: into.rport,
    received: into.received,
    maddr: into.maddr,
    parameters: value.slice(i),
    text: value,
  }
}

/** Stands for a top Via that could not be read; its answer can only go where the request came from. */
export const unreadableVia: Via = {
  transport: '',
  host: '',
  port: undefined,
  branch: undefined,
  rport: undefined,
  received: undefined,
  maddr: undefined,
  parameters: '',
  text: '',
}

/**
 * The port that an answer goes to (RFC 3261 18.2.2, RFC 3581 4): the source port with rport, else that of sent-by, else
 * the default one of the transport the request really came by (a Via over UDP may say TLS).
 */
export function responsePort(via: Via, sourcePort: number, defaultPort = 5060): number {
  if (via.rport !== undefined || via.host === '') return sourcePort
  return via.port ?? defaultPort
}
