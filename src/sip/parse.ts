// Bytes to a message or a fault (RFC 3261 7, 8.1.1, 18.3; the checks of RFC 4475). Nothing here throws for what a peer
// sends. What a well-formed message means is decided above: unknown schemes, methods and extensions pass.
import { bound } from '../base/limits.ts'
import { type CheckFault, checkMessage } from './check.ts'
import { headerIds } from './header.ts'
import { SipMessage, type StartLine, packIndex } from './message.ts'
import { HeadScanner, type ScanResult, contentLengthAbsent, skipEmptyLines } from './scanner.ts'
import { type StartLineFault, parseStartLine } from './start-line.ts'

/** Labels of metrics: each says why a message was refused. */
export type ParseFaultReason =
  | Exclude<ScanResult, 'complete' | 'incomplete'>
  | StartLineFault['reason']
  | CheckFault['reason']
  | 'empty'
  | 'truncated'
  | 'content_length_missing'

export interface ParseFault {
  readonly kind: 'fault'
  readonly status: 400 | 413 | 505
  readonly reason: ParseFaultReason
  readonly detail: string
  /** What could be read, to build the answer from; undefined = drop (responses, ACK, no Via). */
  readonly message: SipMessage | undefined
}

const scanner = new HeadScanner()
const nothing = Buffer.alloc(0)
const messageBytesMax = bound('messageBytesMax')

const details: Record<Exclude<ScanResult, 'complete'>, string> = {
  incomplete: 'the head has no end',
  bare_line_end: 'a line end that is not CRLF',
  control_character: 'a control character in the head',
  malformed_header: 'a line that is no header field',
  too_many_headers: 'too many header fields',
  content_length: 'Content-Length is not one whole number',
  too_large: 'the message is too large',
}

/** One message from one datagram: bytes after Content-Length are ignored, fewer are a fault (RFC 3261 18.3). */
export function parseDatagram(bytes: Buffer): SipMessage | ParseFault {
  const start = skipEmptyLines(bytes, 0, bytes.length)
  if (start === bytes.length)
    return { kind: 'fault', status: 400, reason: 'empty', detail: 'empty', message: undefined }
  scanner.reset(start)
  const result = scanner.scan(bytes, bytes.length)
  if (result !== 'complete') return scanFault(bytes, scanner, result)
  const available = bytes.length - scanner.bodyStart
  const length = scanner.contentLength === contentLengthAbsent ? available : scanner.contentLength
  if (length > available) return framingFault(bytes, scanner, 'truncated')
  return finish(bytes, scanner.bodyStart + length)
}

/** Exactly one framed message from a stream. */
export function parseFramed(bytes: Buffer): SipMessage | ParseFault {
  scanner.reset(0)
  const result = scanner.scan(bytes, bytes.length)
  if (result !== 'complete') return scanFault(bytes, scanner, result)
  if (scanner.contentLength === contentLengthAbsent) return framingFault(bytes, scanner, 'content_length_missing')
  if (scanner.bodyStart + scanner.contentLength !== bytes.length) return framingFault(bytes, scanner, 'truncated')
  return finish(bytes, bytes.length)
}

/** A fault of the scan; `scanned` says how far it came. */
export function scanFault(bytes: Buffer, scanned: HeadScanner, result: Exclude<ScanResult, 'complete'>): ParseFault {
  const startLine = startLineOf(bytes, scanned)
  return {
    kind: 'fault',
    status: result === 'too_large' ? 413 : 400,
    reason: result === 'incomplete' ? 'truncated' : result,
    detail: details[result],
    message: answerable(partOf(bytes, scanned, 'reason' in startLine ? startLine.startLine : startLine)),
  }
}

/** A whole head whose body is missing, too large or of unknown length. */
export function framingFault(
  bytes: Buffer,
  scanned: HeadScanner,
  reason: 'truncated' | 'content_length_missing' | 'too_large',
): ParseFault {
  const startLine = startLineOf(bytes, scanned)
  return {
    kind: 'fault',
    status: reason === 'too_large' ? 413 : 400,
    reason,
    detail: reason === 'content_length_missing' ? 'a stream needs Content-Length' : 'Content-Length and body differ',
    message: answerable(partOf(bytes, scanned, 'reason' in startLine ? startLine.startLine : startLine)),
  }
}

function startLineOf(bytes: Buffer, scanned: HeadScanner): StartLine | StartLineFault {
  if (scanned.startLineEnd === -1) return { status: 400, reason: 'request_line', detail: '', startLine: undefined }
  return parseStartLine(bytes, scanned.messageStart, scanned.startLineEnd)
}

function finish(bytes: Buffer, end: number): SipMessage | ParseFault {
  const startLine = startLineOf(bytes, scanner)
  if ('reason' in startLine) {
    const { status, reason, detail } = startLine
    const message = answerable(partOf(bytes, scanner, startLine.startLine))
    return { kind: 'fault', status, reason, detail, message }
  }
  const message = messageOf(bytes, scanner, startLine, end)
  if (message.bytes.length > messageBytesMax)
    return { kind: 'fault', status: 413, reason: 'too_large', detail: details.too_large, message: answerable(message) }
  const fault = checkMessage(message)
  if (fault === undefined) return message
  return { kind: 'fault', status: 400, reason: fault.reason, detail: fault.detail, message: answerable(message) }
}

/** The message that was read up to a fault in its head. */
function partOf(bytes: Buffer, scanned: HeadScanner, startLine: StartLine | undefined): SipMessage | undefined {
  if (startLine === undefined || scanned.headerCount === 0) return undefined
  return messageOf(bytes, scanned, startLine, bytes.length)
}

/** Offsets in a message count from its own first byte, so that it can be kept without the bytes around it. */
function messageOf(bytes: Buffer, scanned: HeadScanner, startLine: StartLine, end: number): SipMessage {
  const start = scanned.messageStart
  const index = packIndex(scanned.index, scanned.headerCount, start)
  const complete = scanned.headEnd !== -1
  const headEnd = (complete ? scanned.headEnd : scanned.lineStart) - start
  const own = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)
  const bodyStart = complete ? headEnd + 2 : own.length
  // A view of nothing costs as much as one of something, and most messages have no body.
  const body = bodyStart === own.length ? nothing : own.subarray(bodyStart)
  return new SipMessage(own, startLine, { index, headEnd, body })
}

/** Only a request that is no ACK and says in a Via where it comes from gets an answer. */
function answerable(message: SipMessage | undefined): SipMessage | undefined {
  if (message === undefined || message.kind === 'response' || message.method === 'ACK') return undefined
  return message.find(headerIds.via) === -1 ? undefined : message
}
