// Request lines and status lines (RFC 3261 7.1, 7.2): single spaces, no others.
import { indexOfByte, isTextAt, numberIn, skipIn, textIn } from './byte-text.ts'
import { tokenBytes } from './characters.ts'
import type { StartLine } from './message.ts'
import { methodIn } from './method.ts'
import { defaultReasonPhrase } from './status.ts'
import { isUriIn, parseUri, schemeOf } from './uri.ts'

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

const version = 'SIP/2.0'

/** The line stands from `start` to `end`. */
export function parseStartLine(bytes: Buffer, start: number, end: number): StartLine | StartLineFault {
  // A method is a token and holds no slash, so this cannot be a request.
  if (end - start > 4 && bytes[start + 3] === 0x2f && textIn(bytes, start, start + 4).toUpperCase() === 'SIP/')
    return parseStatusLine(bytes, start, end)
  return parseRequestLine(bytes, start, end)
}

/** In any case. */
const isVersion = (bytes: Buffer, start: number, end: number): boolean =>
  end - start === version.length &&
  (isTextAt(bytes, start, version) || textIn(bytes, start, end).toUpperCase() === version)

function parseStatusLine(bytes: Buffer, start: number, end: number): StartLine | StartLineFault {
  if (!isVersion(bytes, start, Math.min(end, start + version.length))) return fault(505, 'sip_version', 'not SIP/2.0')
  const digits = start + 8
  const after = digits + 3
  const wellFormed = after <= end && bytes[start + 7] === 0x20 && (after === end || bytes[after] === 0x20)
  const status = wellFormed ? numberIn(bytes, digits, after, 699) : 0
  if (status < 100) return fault(400, 'status_line', 'the status is not from 100 to 699')
  const reasonPhrase = phraseIn(bytes, Math.min(end, after + 1), end, status)
  return { kind: 'response', method: '', requestUri: '', status, reasonPhrase }
}

/** Mostly it is the usual one, which is there already. */
function phraseIn(bytes: Buffer, start: number, end: number, status: number): string {
  const usual = defaultReasonPhrase(status)
  return usual.length === end - start && isTextAt(bytes, start, usual) ? usual : textIn(bytes, start, end)
}

function parseRequestLine(bytes: Buffer, start: number, end: number): StartLine | StartLineFault {
  const first = indexOfByte(bytes, 0x20, start, end)
  const methodEnd = first === -1 ? end : first
  if (methodEnd === start || skipIn(tokenBytes, bytes, start, methodEnd) !== methodEnd)
    return fault(400, 'request_line', 'the method is no token')
  const method = methodIn(bytes, start, methodEnd)
  let last = end - 1
  while (last > methodEnd && bytes[last] !== 0x20) last -= 1
  const isWhole = last > methodEnd
  const requestUri = isWhole ? textIn(bytes, methodEnd + 1, last) : ''
  const startLine: StartLine = { kind: 'request', method, requestUri, status: 0, reasonPhrase: '' }
  const isOurs = isWhole && isVersion(bytes, last + 1, end)
  if (!isOurs) {
    const spoken = textIn(bytes, last + 1, end)
    if (!isWhole || !/^SIP\/[0-9]+\.[0-9]+$/i.test(spoken))
      return fault(400, 'request_line', 'not "method URI SIP/2.0"', startLine)
    return fault(505, 'sip_version', `${spoken} is not spoken here`, startLine)
  }
  if (!isUriIn(bytes, methodEnd + 1, last)) return fault(400, 'request_uri', 'the Request-URI is malformed', startLine)
  // 19.1.1: headers have no place in a Request-URI; taken over they would inject header fields (RFC 4475 3.1.2.11).
  if (hasHeaders(requestUri)) return fault(400, 'request_uri', 'the Request-URI carries headers', startLine)
  return startLine
}

function hasHeaders(requestUri: string): boolean {
  if (!requestUri.includes('?') || !schemeOf(requestUri).startsWith('sip')) return false
  return (parseUri(requestUri)?.headers ?? '') !== ''
}
