// SIP and SIPS URIs (RFC 3261 19.1, 25.1). Parts stay raw text (still escaped); what is not asked for is not decoded.
import { allIn, hexValue, hostBytes, ipv6Bytes, isLetter, parseNumber, schemeBytes, userBytes } from './characters.ts'

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

/** Printable and unable to end the URI or the brackets around it; escapes must be whole. */
function isPlain(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code <= 0x20 || code === 0x7f || code === 0x22 || code === 0x3c || code === 0x3e || code === 0x40) return false
    if (code === 0x25 && (hexValue(text.charCodeAt(i + 1)) === -1 || hexValue(text.charCodeAt(i + 2)) === -1))
      return false
  }
  return true
}

/** The position after the host that starts at `at`, or -1. Also used for the sent-by of Via. */
export function endOfHost(text: string, at: number): number {
  if (text.charCodeAt(at) === 0x5b) {
    const close = text.indexOf(']', at)
    return close <= at + 2 || !allIn(ipv6Bytes, text, at + 1, close) ? -1 : close + 1
  }
  let i = at
  while (i < text.length && hostBytes[text.charCodeAt(i)] === 1) i += 1
  return i === at ? -1 : i
}

/** A port from 1 to 65535, or -1. */
export function parsePort(text: string): number {
  return text.length > 5 ? -1 : parseNumber(text, portMax) || -1
}

/** The scheme in lower case, '' when the text is no URI. */
export function schemeOf(text: string): string {
  const colon = text.indexOf(':')
  if (colon < 1 || !isLetter(text.charCodeAt(0)) || !allIn(schemeBytes, text, 1, colon)) return ''
  return text.slice(0, colon).toLowerCase()
}

/** Where the parts of the URI that was scanned last stand; one scratch object, because each message is checked for some. */
const found = { schemeEnd: 0, userEnd: 0, at: 0, hostStart: 0, hostEnd: 0, port: 0, rest: 0 }

/** The length of `sip:` or `sips:` at `start`, in any case; 0 = another scheme. */
function sipSchemeLength(text: string, start: number): number {
  const isSip =
    (text.charCodeAt(start) | 0x20) === 0x73 &&
    (text.charCodeAt(start + 1) | 0x20) === 0x69 &&
    (text.charCodeAt(start + 2) | 0x20) === 0x70
  if (!isSip) return 0
  const next = text.charCodeAt(start + 3)
  if (next === 0x3a) return 4
  return (next | 0x20) === 0x73 && text.charCodeAt(start + 4) === 0x3a ? 5 : 0
}

const indexIn = (text: string, code: number, start: number, end: number): number => {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === code) return i
  return -1
}

/** Whether a sip or sips URI stands from `from` to `end`; makes no text, and says in `found` where its parts are. */
function scanUri(text: string, from: number, end: number): boolean {
  const scheme = sipSchemeLength(text, from)
  if (scheme === 0) return false
  const start = from + scheme
  const at = indexIn(text, 0x40, start, end)
  let userEnd = start
  if (at !== -1) {
    if (at === start || !isPlain(text, start, at)) return false
    const colon = indexIn(text, 0x3a, start, at)
    userEnd = colon === -1 ? at : colon
    if (userEnd === start) return false
  }
  const hostStart = at === -1 ? start : at + 1
  const hostEnd = endOfHost(text, hostStart)
  if (hostEnd === -1 || hostEnd > end) return false
  let i = hostEnd
  found.port = -1
  if (i < end && text.charCodeAt(i) === 0x3a) {
    i += 1
    while (i < end && text.charCodeAt(i) !== 0x3b && text.charCodeAt(i) !== 0x3f) i += 1
    found.port = parsePort(text.slice(hostEnd + 1, i))
    if (found.port === -1) return false
  }
  if (i < end && text.charCodeAt(i) !== 0x3b && text.charCodeAt(i) !== 0x3f) return false
  if (!isPlain(text, i, end)) return false
  found.schemeEnd = start - 1
  found.userEnd = userEnd
  found.at = at
  found.hostStart = hostStart
  found.hostEnd = hostEnd
  found.rest = i
  return true
}

/** Only makes a text where there is a capital. */
function inLowerCase(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x41 && code <= 0x5a) return text.toLowerCase()
  }
  return text
}

/** sip and sips; other schemes and malformed text give undefined. */
export function parseUri(text: string): SipUri | undefined {
  if (!scanUri(text, 0, text.length)) return undefined
  const { schemeEnd, userEnd, at, hostStart, hostEnd, port, rest } = found
  const question = text.indexOf('?', rest)
  const parametersEnd = question === -1 ? text.length : question
  return {
    scheme: schemeEnd === 3 ? 'sip' : 'sips',
    user: at === -1 ? undefined : text.slice(schemeEnd + 1, userEnd),
    password: at === -1 || userEnd === at ? undefined : text.slice(userEnd + 1, at),
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
export const isUri = (text: string): boolean => isUriIn(text, 0, text.length)

/** The same of a part of a text. */
export function isUriIn(text: string, start: number, end: number): boolean {
  if (sipSchemeLength(text, start) > 0) return scanUri(text, start, end)
  const colon = indexIn(text, 0x3a, start, end)
  if (colon <= start || !isLetter(text.charCodeAt(start)) || !allIn(schemeBytes, text, start + 1, colon)) return false
  if (colon + 1 === end) return false
  for (let i = colon + 1; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code <= 0x20 || code === 0x7f || code === 0x22 || code === 0x3c || code === 0x3e) return false
  }
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
