// Builds small SIP messages for tests as text, so that no test depends on our own serializer.
import assert from 'node:assert/strict'
import type { SipMessage } from '../../src/sip/message.ts'
import { parseDatagram } from '../../src/sip/parse.ts'

export interface MessageParts {
  readonly method?: string
  readonly requestUri?: string
  /** The whole top Via value. */
  readonly via?: string
  readonly branch?: string
  readonly callId?: string
  readonly fromTag?: string
  readonly toTag?: string
  readonly cseq?: number
  /** Whole further header lines, without line ends. */
  readonly lines?: readonly string[]
}

function headLines(parts: MessageParts): string[] {
  const { method = 'INVITE', branch = 'z9hG4bK-one', callId = 'call-1', fromTag = 'from-1', toTag, cseq = 1 } = parts
  return [
    `Via: ${parts.via ?? `SIP/2.0/UDP client.example.com:5060;branch=${branch}`}`,
    `From: <sip:alice@example.com>${fromTag === '' ? '' : `;tag=${fromTag}`}`,
    `To: <sip:bob@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    ...(parts.lines ?? []),
    'Content-Length: 0',
    '',
    '',
  ]
}

export function requestBytes(parts: MessageParts = {}): Buffer {
  const { method = 'INVITE', requestUri = 'sip:bob@192.0.2.9' } = parts
  return Buffer.from(
    [`${method} ${requestUri} SIP/2.0`, 'Max-Forwards: 70', ...headLines(parts)].join('\r\n'),
    'latin1',
  )
}

export function responseBytes(status: number, parts: MessageParts = {}): Buffer {
  return Buffer.from([`SIP/2.0 ${status} Phrase`, ...headLines(parts)].join('\r\n'), 'latin1')
}

export function parsed(bytes: Buffer): SipMessage {
  const message = parseDatagram(bytes)
  assert(message.kind !== 'fault', 'a message of the test does not parse')
  return message
}

export const requestOf = (parts?: MessageParts): SipMessage => parsed(requestBytes(parts))

export const responseOf = (status: number, parts?: MessageParts): SipMessage => parsed(responseBytes(status, parts))
