// Request lines and status lines (RFC 3261 7.1, 7.2): single spaces, no others.
import { allIn, isDigit, tokenBytes } from './characters.ts'
import type { StartLine } from './message.ts'
import { isUri, parseUri, schemeOf } from './uri.ts'

export interface StartLineFault {
  readonly status: 400 | 505
  readonly reason: 'request_line' | 'request_uri' | 'sip_version' | 'status_line'
  readonly detail: string
  /** As far as it could be read; undefined = no answer can be built. */
  readonly startLine: StartLine | undefined
}

const fault = (
  status: 400 | 505,
  reason: StartLineFault['reason'],
  detail: string,
  startLine?: StartLine,
): StartLineFault => ({ status, reason, detail, startLine })

export function parseStartLine(line: string): StartLine | StartLineFault {
  // A method is a token and holds no slash, so this cannot be a request.
  if (line.charCodeAt(3) === 0x2f && line.slice(0, 4).toUpperCase() === 'SIP/' && line.length > 4)
    return parseStatusLine(line)
  return parseRequestLine(line)
}

function parseStatusLine(line: string): StartLine | StartLineFault {
  if (!line.startsWith('SIP/2.0') && line.slice(0, 7).toUpperCase() !== 'SIP/2.0')
    return fault(505, 'sip_version', 'not SIP/2.0')
  const wellFormed =
    line.charCodeAt(7) === 0x20 &&
    isDigit(line.charCodeAt(8)) &&
    isDigit(line.charCodeAt(9)) &&
    isDigit(line.charCodeAt(10)) &&
    (line.length === 11 || line.charCodeAt(11) === 0x20)
  const status = wellFormed ? Number(line.slice(8, 11)) : 0
  if (status < 100 || status > 699) return fault(400, 'status_line', 'the status is not from 100 to 699')
  return { kind: 'response', method: '', requestUri: '', status, reasonPhrase: line.slice(12) }
}

function parseRequestLine(line: string): StartLine | StartLineFault {
  const first = line.indexOf(' ')
  const methodEnd = first === -1 ? line.length : first
  if (methodEnd === 0 || !allIn(tokenBytes, line, 0, methodEnd))
    return fault(400, 'request_line', 'the method is no token')
  const method = line.slice(0, methodEnd)
  const last = line.lastIndexOf(' ')
  const requestUri = last > first ? line.slice(first + 1, last) : ''
  const startLine: StartLine = { kind: 'request', method, requestUri, status: 0, reasonPhrase: '' }
  const version = line.endsWith(' SIP/2.0') ? 'SIP/2.0' : line.slice(last + 1)
  if (last <= first || (version !== 'SIP/2.0' && !/^SIP\/[0-9]+\.[0-9]+$/i.test(version)))
    return fault(400, 'request_line', 'not "method URI SIP/2.0"', startLine)
  if (version.toUpperCase() !== 'SIP/2.0') return fault(505, 'sip_version', `${version} is not spoken here`, startLine)
  if (!isUri(requestUri)) return fault(400, 'request_uri', 'the Request-URI is malformed', startLine)
  // 19.1.1: headers have no place in a Request-URI; taken over they would inject header fields (RFC 4475 3.1.2.11).
  if (hasHeaders(requestUri)) return fault(400, 'request_uri', 'the Request-URI carries headers', startLine)
  return startLine
}

function hasHeaders(requestUri: string): boolean {
  if (!requestUri.includes('?') || !schemeOf(requestUri).startsWith('sip')) return false
  return (parseUri(requestUri)?.headers ?? '') !== ''
}
