// CANCEL from the bytes of the INVITE that it cancels (RFC 3261 9.1).
import { assert } from '../base/assert.ts'
import { headerIds } from '../sip/header.ts'
import { parseFramed } from '../sip/parse.ts'
import { messageWriter } from '../sip/serialize.ts'

/** `reason` is the value of a Reason field of the caller's CANCEL, or of our own time-out. */
export function composeCancel(invite: Buffer, reason: string | undefined): Buffer {
  const request = parseFramed(invite)
  assert(request.kind === 'request', 'our own INVITE parses')
  const writer = messageWriter().requestLine('CANCEL', request.requestUri)
  writer.header('Via', request.topVia.text)
  writer.copyHeader(request, headerIds.route)
  writer.header('Max-Forwards', '70')
  writer.copyHeader(request, headerIds.from).copyHeader(request, headerIds.to).copyHeader(request, headerIds.callId)
  writer.header('CSeq', `${request.cseq.number} CANCEL`)
  if (reason !== undefined) writer.header('Reason', reason)
  return writer.finish()
}
