// The ACK of a non-2xx final response, which the INVITE client transaction sends by itself (RFC 3261 17.1.1.3).
import { assert } from '../base/assert.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseDatagram } from '../sip/parse.ts'
import { messageWriter } from '../sip/serialize.ts'

/**
 * Request-URI, Call-ID, From, Route and the CSeq number are those of `request`, the only Via is its top one, To is that
 * of `response`; credentials are repeated (RFC 3261 22.1). No body.
 */
export function buildAck(request: Buffer | SipMessage, response: SipMessage): Buffer {
  const invite = Buffer.isBuffer(request) ? parseDatagram(request) : request
  assert(invite.kind !== 'fault', 'our own INVITE does not parse')
  return messageWriter()
    .requestLine('ACK', invite.requestUri)
    .header('Via', invite.topVia.text)
    .header('Max-Forwards', '70')
    .copyHeader(invite, headerIds.route)
    .copyHeader(invite, headerIds.from)
    .header('To', response.value(headerIds.to) ?? '')
    .copyHeader(invite, headerIds.callId)
    .header('CSeq', `${invite.cseq.number} ACK`)
    .copyHeader(invite, headerIds.authorization)
    .copyHeader(invite, headerIds.proxyAuthorization)
    .finish()
}
