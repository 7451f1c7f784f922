// SIP and SIPS URIs (RFC 3261 19.1, 25.1). Parts stay raw text (still escaped); what is not asked for is not decoded.
import { bytesOf, indexOfByte, numberIn, skipIn } from './byte-text.ts'
import { allIn, hexValue, hostBytes, ipv6Bytes, isLetter, schemeBytes, userBytes } from './characters.ts'

export interface SipUri {
  readonly scheme: 'sip' | 'sips'
  /** Raw, still escaped, with its user parameters; undefined when there is no `@`. */
  readonly user: string | undefined
  readonly password: string | undefined
  /** Lower case; IPv6 with brackets. */
  readonly host: string
  readonly port: number | undefined
  /** Raw with the leading `;`, or ''. */
  readonly parameters: string
  /** Raw with the leading `?`, or ''. */
  readonly headers: string
}

const portMax = 65_535

/** Classes of what may stand in a URI: printable and unable to end it or the brackets around it. */
const [isNever, isPlainByte, isPercent, isAt, isColon] = [0, 1, 2, 3, 4]
const classes = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code === 0x25) return isPercent
  if (code === 0x40) return isAt
  if (code === 0x3a) return isColon
  return code <= 0x20 || code === 0x7f || code === 0x22 || code === 0x3c || code === 0x3e ? isNever : isPlainByte
})

/** `%` and two hexadecimal digits. */
const isEscape = (bytes: Uint8Array, i: number, end: number): boolean =>
  i + 2 < end && hexValue(bytes[i + 1] as number) !== -1 && hexValue(bytes[i + 2] as number) !== -1

/** No `@`, and escapes are whole. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const kind = classes[bytes[i] as number]
    if (kind === isNever || kind === isAt || (kind === isPercent && !isEscape(bytes, i, end))) return false
  }
  return true
}

/** The position after the host that starts at `start`, or -1. Also used for the sent-by of Via. */
export function endOfHost(bytes: Uint8Array, start: number, end: number): number {
  if (start < end && bytes[start] === 0x5b) {
    const close = indexOfByte(bytes, 0x5d, start, end)
    return close <= start + 2 || skipIn(ipv6Bytes, bytes, start + 1, close) !== close ? -1 : close + 1
  }
  const i = skipIn(hostBytes, bytes, start, end)
  return i === start ? -1 : i
}

/** A port from 1 to 65535, or -1. */
export const portIn = (bytes: Uint8Array, start: number, end: number): number =>
  end - start > 5 ? -1 : numberIn(bytes, start, end, portMax) || -1

/** The scheme in lower case, '' when the text is no URI. */
export function schemeOf(text: string): string {
  const colon = text.indexOf(':')
  if (colon < 1 || !isLetter(text.charCodeAt(0)) || !allIn(schemeBytes, text, 1, colon)) return ''
  return text.slice(0, colon).toLowerCase()
}

/** Where the parts of the URI that was scanned last stand; one scratch object, because each message is checked for some. */
const found = { schemeEnd: 0, userEnd: 0, at: 0, hostStart: 0, hostEnd: 0, port: 0, rest: 0 }

/** The length of `sip:` or `sips:` at `start`, in any case; 0 = another scheme. */
function sipSchemeLength(bytes: Uint8Array, start: number, end: number): number {
  if (start + 3 >= end) return 0
  const isSip =
    ((bytes[start] as number) | 0x20) === 0x73 &&
    ((bytes[start + 1] as number) | 0x20) === 0x69 &&
    ((bytes[start + 2] as number) | 0x20) === 0x70
  if (!isSip) return 0
  const next = bytes[start + 3] as number
  if (next === 0x3a) return 4
  return (next | 0x20) === 0x73 && start + 4 < end && bytes[start + 4] === 0x3a ? 5 : 0
}

/** The user part: its `@` and the end of the user, before a password. False when what stands there is in no URI. */
function scanUser(bytes: Uint8Array, start: number, end: number): boolean {
  found.at = -1
  found.userEnd = -1
  for (let i = start; i < end; i++) {
    const kind = classes[bytes[i] as number]
    if (kind === isPlainByte) continue
    if (kind === isColon) {
      if (found.userEnd === -1) found.userEnd = i
    } else if (kind === isAt) {
      found.at = i
      if (found.userEnd === -1) found.userEnd = i
      return found.userEnd > start
    } else if (kind === isNever || !isEscape(bytes, i, end)) return false
  }
  return true
}

/** Whether a sip or sips URI stands from `from` to `end`; makes no text, and says in `found` where its parts are. */
function scanUri(bytes: Uint8Array, from: number, end: number): boolean {
  const scheme = sipSchemeLength(bytes, from, end)
  if (scheme === 0) return false
  const start = from + scheme
  if (!scanUser(bytes, start, end)) return false
  const hostStart = found.at === -1 ? start : found.at + 1
  const hostEnd = endOfHost(bytes, hostStart, end)
  if (hostEnd === -1) return false
  let i = hostEnd
  found.port = -1
  if (i < end && bytes[i] === 0x3a) {
    i += 1
    while (i < end && bytes[i] !== 0x3b && bytes[i] !== 0x3f) i += 1
    found.port = portIn(bytes, hostEnd + 1, i)
    if (found.port === -1) return false
  }
  if (i < end && bytes[i] !== 0x3b && bytes[i] !== 0x3f) return false
  // Without a user the whole of it was looked at.
  if (found.at !== -1 && !isPlain(bytes, i, end)) return false
  found.schemeEnd = start - 1
  found.hostStart = hostStart
  found.hostEnd = hostEnd
  found.rest = i
  return true
}

/** Only makes a text where there is a capital. */
export function inLowerCase(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x41 && code <= 0x5a) return text.toLowerCase()
  }
  return text
}

/** The last ones that were asked for: of one call the same URI is asked for a dozen times, and a gateway's in every call. */
const remembered: { readonly text: string; readonly uri: SipUri }[] = []
const rememberedMax = 8
let oldest = 0

/** sip and sips; other schemes and malformed text give undefined. */
export function parseUri(text: string): SipUri | undefined {
  for (const known of remembered) if (known.text === text) return known.uri
  const uri = readUri(text)
  if (uri === undefined) return undefined
  remembered[oldest] = { text, uri }
  oldest = (oldest + 1) % rememberedMax
  return uri
}

function readUri(text: string): SipUri | undefined {
  if (!scanUri(bytesOf(text), 0, text.length)) return undefined
  const { schemeEnd, userEnd, hostStart, hostEnd, port, rest } = found
  const hasUser = found.at !== -1
  const question = text.indexOf('?', rest)
  const parametersEnd = question === -1 ? text.length : question
  return {
    scheme: schemeEnd === 3 ? 'sip' : 'sips',
    user: hasUser ? text.slice(schemeEnd + 1, userEnd) : undefined,
    password: hasUser && userEnd !== found.at ? text.slice(userEnd + 1, found.at) : undefined,
    host: inLowerCase(text.slice(hostStart, hostEnd)),
    port: port === -1 ? undefined : port,
    parameters: text.slice(rest, parametersEnd),
    headers: text.slice(parametersEnd),
  }
}

export function serializeUri(uri: SipUri): string {
  const password = uri.password === undefined ? '' : `:${uri.password}`
  const user = uri.user === undefined ? '' : `${uri.user}${password}@`
  const port = uri.port === undefined ? '' : `:${uri.port}`
  return `${uri.scheme}:${user}${uri.host}${port}${uri.parameters}${uri.headers}`
}

/** True for a URI of any scheme that can be echoed and forwarded; sip and sips must be whole (19.1.1). */
export const isUri = (text: string): boolean => isUriIn(bytesOf(text), 0, text.length)

/** The same of bytes. */
export function isUriIn(bytes: Uint8Array, start: number, end: number): boolean {
  if (sipSchemeLength(bytes, start, end) > 0) return scanUri(bytes, start, end)
  const schemeEnd = indexOfByte(bytes, 0x3a, start, end)
  if (schemeEnd <= start || !isLetter(bytes[start] as number)) return false
  if (skipIn(schemeBytes, bytes, start + 1, schemeEnd) !== schemeEnd || schemeEnd + 1 === end) return false
  for (let i = schemeEnd + 1; i < end; i++) if (classes[bytes[i] as number] === isNever) return false
  return true
}

/** A URI parameter by name in any case, raw; '' = flag. */
export function uriParameter(uri: SipUri, name: string): string | undefined {
  return listedParameter(uri.parameters, name)
}

function listedParameter(parameters: string, name: string): string | undefined {
  if (parameters === '') return undefined
  const wanted = name.toLowerCase()
  for (const parameter of parameters.slice(1).split(';')) {
    const equals = parameter.indexOf('=')
    const key = equals === -1 ? parameter : parameter.slice(0, equals)
    if (unescapeUser(key).toLowerCase() === wanted) return equals === -1 ? '' : parameter.slice(equals + 1)
  }
  return undefined
}

/**
 * Resolves %XX once, never twice (RFC 4475 3.1.1.3). Escaped control characters stay escaped (3.1.1.4), so the result
 * never holds one.
 */
export function unescapeUser(text: string): string {
  if (!text.includes('%')) return text
  let result = ''
  for (let i = 0; i < text.length; i++) {
    const high = text.charCodeAt(i) === 0x25 ? hexValue(text.charCodeAt(i + 1)) : -1
    const low = high === -1 ? -1 : hexValue(text.charCodeAt(i + 2))
    const code = high * 16 + low
    if (low === -1 || code < 0x20 || code === 0x7f) result += text[i]
    else {
      result += String.fromCharCode(code)
      i += 2
    }
  }
  return result
}

/** Escapes what a user part may not hold raw. The text is latin1: one character per byte of the wire. */
export function escapeUser(text: string): string {
  if (allIn(userBytes, text, 0, text.length)) return text
  let result = ''
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (userBytes[code] === 1) result += text[i]
    else for (const byte of code > 0xff ? Buffer.from(String(text[i]), 'utf8') : [code]) result += escapeByte(byte)
  }
  return result
}

const escapeByte = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`

/** `+1234;phone-context=x` -> number `+1234`, parameters `;phone-context=x`. */
export function splitUser(user: string): { number: string; parameters: string } {
  const semicolon = user.indexOf(';')
  if (semicolon === -1) return { number: user, parameters: '' }
  return { number: user.slice(0, semicolon), parameters: user.slice(semicolon) }
}

export interface TelUri {
  /** As written, with visual separators. */
  readonly number: string
  /** Raw with the leading `;`, or ''. */
  readonly parameters: string
}

/** tel URIs (RFC 3966). */
export function parseTelUri(text: string): TelUri | undefined {
  if (schemeOf(text) !== 'tel') return undefined
  const { number, parameters } = splitUser(text.slice(4))
  return /^\+?[0-9A-Fa-f*#().-]+$/.test(number) && isUri(text) ? { number, parameters } : undefined
}
