// One Via value (RFC 3261 20.42, RFC 3581). Blanks may stand around every separator.
import { bytesOf, isTextAt, skipBlankBytes, skipIn, textIn } from './byte-text.ts'
import { isDigit, tokenBytes } from './characters.ts'
import { isNamed, lastValue, readParameter } from './parameter.ts'
import { endOfHost, portIn } from './uri.ts'

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

function endOfToken(bytes: Uint8Array, at: number, end: number): number {
  const i = skipIn(tokenBytes, bytes, at, end)
  return i === at ? -1 : i
}

/** The position after the `/` that must stand at `at` or after blanks, and the blanks behind it; or -1. */
function afterSlash(bytes: Uint8Array, at: number, end: number): number {
  const i = skipBlankBytes(bytes, at, end)
  return i < end && bytes[i] === 0x2f ? skipBlankBytes(bytes, i + 1, end) : -1
}

/** Where the parts of the value that was scanned last stand; its transport is the last part of its protocol. */
const scanned = { transportStart: 0, transportEnd: 0, hostStart: 0, hostEnd: 0, port: 0, parametersStart: 0 }

function readProtocol(bytes: Uint8Array, start: number, end: number): boolean {
  let i = endOfToken(bytes, skipBlankBytes(bytes, start, end), end)
  if (i === -1) return false
  i = afterSlash(bytes, i, end)
  if (i === -1) return false
  i = endOfToken(bytes, i, end)
  if (i === -1) return false
  i = afterSlash(bytes, i, end)
  if (i === -1) return false
  scanned.transportStart = i
  scanned.transportEnd = endOfToken(bytes, i, end)
  return scanned.transportEnd !== -1
}

/** Protocol and sent-by. */
function readSentBy(bytes: Uint8Array, start: number, end: number): boolean {
  if (!readProtocol(bytes, start, end)) return false
  const hostStart = skipBlankBytes(bytes, scanned.transportEnd, end)
  if (hostStart === scanned.transportEnd) return false
  const hostEnd = endOfHost(bytes, hostStart, end)
  if (hostEnd === -1) return false
  let i = skipBlankBytes(bytes, hostEnd, end)
  scanned.port = 0
  if (i < end && bytes[i] === 0x3a) {
    const portStart = skipBlankBytes(bytes, i + 1, end)
    i = portStart
    while (i < end && isDigit(bytes[i] as number)) i += 1
    scanned.port = portIn(bytes, portStart, i)
    if (scanned.port === -1) return false
    i = skipBlankBytes(bytes, i, end)
  }
  scanned.hostStart = hostStart
  scanned.hostEnd = hostEnd
  scanned.parametersStart = i
  return true
}

/** The first of each parameter that routing needs, filled in one walk over the list. */
interface Found {
  readonly text: string
  readonly start: number
  branch: string | undefined
  rport: string | undefined
  received: string | undefined
  maddr: string | undefined
}

/** From `at` to `end`, where `text` begins at `start`. False when a parameter is malformed or something else follows. */
function readParameters(bytes: Uint8Array, at: number, end: number, into: Found): boolean {
  const { text, start } = into
  for (let i = at; i < end;) {
    i = readParameter(bytes, i, end)
    if (i === -1) return false
    if (isNamed(bytes, 'branch')) into.branch ??= lastValue(text, start)
    else if (isNamed(bytes, 'rport')) into.rport ??= lastValue(text, start)
    else if (isNamed(bytes, 'received')) into.received ??= lastValue(text, start)
    else if (isNamed(bytes, 'maddr')) into.maddr ??= lastValue(text, start)
  }
  return true
}

/** One value; undefined when it is malformed. */
export const parseVia = (value: string): Via | undefined => viaIn(bytesOf(value), 0, value.length, value)

/** The same of bytes; `written` is the text that they are, if there is one. */
export function viaIn(bytes: Buffer, start: number, end: number, written?: string): Via | undefined {
  if (!readSentBy(bytes, start, end)) return undefined
  const { transportStart, transportEnd, hostStart, hostEnd, port, parametersStart } = scanned
  // The other texts are parts of this one.
  const text = written ?? textIn(bytes, start, end)
  const into: Found = { text, start, branch: undefined, rport: undefined, received: undefined, maddr: undefined }
  if (!readParameters(bytes, parametersStart, end, into)) return undefined
  const isUdp = transportEnd === transportStart + 3 && isTextAt(bytes, transportStart, 'UDP')
  return {
    transport: isUdp ? 'UDP' : text.slice(transportStart - start, transportEnd - start).toUpperCase(),
    host: text.slice(hostStart - start, hostEnd - start),
    port: port === 0 ? undefined : port,
    branch: into.branch === '' ? undefined : into.branch,
    rport: into.rport,
    received: into.received,
    maddr: into.maddr,
    parameters: text.slice(parametersStart - start),
    text,
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
