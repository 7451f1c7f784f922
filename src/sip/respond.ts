// Responses to a request (RFC 3261 8.2.6, 18.2.1; RFC 3581 4). Fields are echoed as written. Also works on what a
// ParseFault could read: what is not there is left out.
import { splitList } from './characters.ts'
import { headerIdCount, headerIds } from './header.ts'
import type { SipMessage } from './message.ts'
import { withoutParameters } from './parameter.ts'
import { type MessageWriter, messageWriter } from './serialize.ts'
import { defaultReasonPhrase } from './status.ts'
import type { Via } from './via.ts'

export interface ResponseOptions {
  readonly status: number
  readonly reasonPhrase?: string
  /** Added to To when the request has none. */
  readonly toTag?: string | undefined
  /** Where the request came from; written into the top Via as 18.2.1 and RFC 3581 ask. */
  readonly received?: { readonly address: string; readonly port: number }
  /** Our Contact, as a whole line (`linesOf`), and Allow. */
  readonly contactLine?: Buffer | undefined
  readonly allow?: string | undefined
  readonly headers?: readonly (readonly [string, string])[] | undefined
  readonly body?: Buffer | undefined
  readonly contentType?: string | undefined
  /** For responses that make a dialog (12.1.1). */
  readonly copyRecordRoute?: boolean
  /** A response of the other side whose further fields (without those in `except`) and body are passed on. */
  readonly passOn?: SipMessage | undefined
  readonly except?: Uint8Array
}

const nothing = new Uint8Array(headerIdCount)

export function buildResponse(request: SipMessage, options: ResponseOptions): Buffer {
  const { passOn } = options
  const writer = messageWriter()
  writer.statusLine(options.status, options.reasonPhrase ?? defaultReasonPhrase(options.status))
  writeVias(writer, request, options.received)
  if (options.copyRecordRoute === true) writer.copyHeader(request, headerIds.recordRoute)
  writeFirst(writer, request, headerIds.from)
  writeTo(writer, request, options.toTag)
  const callId = request.find(headerIds.callId)
  if (callId !== -1) writer.copyCallIdAt(request, callId)
  writeFirst(writer, request, headerIds.cseq)
  writeOwn(writer, options)
  if (passOn === undefined) return writer.finish(options.body)
  writer.copyHeaders(passOn, options.except ?? nothing)
  return writer.finish(options.body ?? passOn.body)
}

function writeOwn(writer: MessageWriter, { contactLine, allow, headers, contentType }: ResponseOptions): void {
  if (contactLine !== undefined) writer.lines(contactLine)
  if (allow !== undefined) writer.header('Allow', allow)
  if (headers !== undefined) for (const [name, value] of headers) writer.header(name, value)
  if (contentType !== undefined) writer.header('Content-Type', contentType)
}

/** Of a field that wrongly stands twice the first is echoed. */
function writeFirst(writer: MessageWriter, request: SipMessage, id: number): void {
  const index = request.find(id)
  if (index !== -1) writer.copyHeaderAt(request, index)
}

function writeTo(writer: MessageWriter, request: SipMessage, tag: string | undefined): void {
  const index = request.find(headerIds.to)
  if (index === -1) return
  // A To that cannot be read might end inside a quoted string: it is echoed as it is.
  if (tag === undefined || request.toTag !== undefined || request.to.uri === '') writer.copyHeaderAt(request, index)
  else writer.extendHeaderAt(request, index, `;tag=${tag}`)
}

function writeVias(writer: MessageWriter, request: SipMessage, received: ResponseOptions['received']): void {
  const via = request.topVia
  const first = request.find(headerIds.via)
  if (received === undefined || via.host === '' || !needsMark(via, received.address)) {
    writer.copyHeader(request, headerIds.via)
    return
  }
  writer.header('Via', [markVia(via, received), ...splitList(request.headerValueAt(first)).slice(1)].join(', '))
  for (let i = request.find(headerIds.via, first + 1); i !== -1; i = request.find(headerIds.via, i + 1))
    writer.copyHeaderAt(request, i)
}

/** One Via as an answer repeats it. */
export const answerVia = (via: Via, received: { readonly address: string; readonly port: number }): string =>
  needsMark(via, received.address) ? markVia(via, received) : via.text

/** A `received` that the sender wrote itself is never passed back. */
const needsMark = (via: Via, address: string): boolean =>
  via.rport !== undefined || via.received !== undefined || !isHost(via.host, address)

const isHost = (host: string, address: string): boolean => host === address || host === `[${address}]`

function markVia(via: Via, received: { readonly address: string; readonly port: number }): string {
  const sentProtocolAndBy = via.text.slice(0, via.text.length - via.parameters.length).trimEnd()
  const parameters = withoutParameters(via.parameters, ['received', 'rport'])
  const port = via.rport === undefined ? '' : `;rport=${received.port}`
  const mark = via.rport === undefined && isHost(via.host, received.address) ? '' : `;received=${received.address}`
  return `${sentProtocolAndBy}${parameters}${mark}${port}`
}
