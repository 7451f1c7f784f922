// SIP as text for the peer processes. On purpose it shares nothing with the product: what both got wrong would agree.
import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'

export interface Message {
  readonly text: string
  /** 0 for requests. */
  readonly status: number
  /** Of the request line, or of CSeq in a response. */
  readonly method: string
  readonly callId: string
  readonly cseq: number
  readonly vias: readonly string[]
  readonly from: string
  readonly to: string
  readonly contact: string
  readonly source: RemoteInfo
}

const field = (text: string, name: string): string =>
  new RegExp(`^${name} *: *(.*)$`, 'im').exec(text)?.[1]?.trim() ?? ''

export function readMessage(datagram: Buffer, from: RemoteInfo): Message {
  const text = datagram.toString('latin1')
  const [cseq = '0', cseqMethod = ''] = field(text, 'CSeq').split(' ')
  const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0)
  return {
    text,
    status,
    method: status === 0 ? (/^\S+/.exec(text)?.[0] ?? '') : cseqMethod,
    callId: field(text, 'Call-ID'),
    cseq: Number(cseq),
    vias: [...text.matchAll(/^Via *: *(.*)$/gim)].map((match) => match[1]?.trim() ?? ''),
    from: field(text, 'From'),
    to: field(text, 'To'),
    contact: /<([^>]*)>/.exec(field(text, 'Contact'))?.[1] ?? '',
    source: from,
  }
}

export const sdp = (address: string): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n`

export function respond(
  received: Message,
  status: number,
  more: { tag?: string; address: string; port: number; body?: string },
): string {
  const body = more.body ?? ''
  const to = /;tag=/i.test(received.to) || more.tag === undefined ? received.to : `${received.to};tag=${more.tag}`
  return [
    `SIP/2.0 ${status} Status ${status}`,
    ...received.vias.map((via) => `Via: ${via}`),
    `From: ${received.from}`,
    `To: ${to}`,
    `Call-ID: ${received.callId}`,
    `CSeq: ${received.cseq} ${received.method}`,
    `Contact: <sip:peer@${more.address}:${more.port}>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

export interface RequestParts {
  readonly method: string
  readonly uri: string
  readonly callId: string
  readonly cseq: number
  readonly from: string
  readonly to: string
  readonly branch: string
  readonly address: string
  readonly port: number
  readonly body?: string
}

export function request(parts: RequestParts): string {
  const body = parts.body ?? ''
  return [
    `${parts.method} ${parts.uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${parts.address}:${parts.port};branch=${parts.branch}`,
    'Max-Forwards: 70',
    `From: ${parts.from}`,
    `To: ${parts.to}`,
    `Call-ID: ${parts.callId}`,
    `CSeq: ${parts.cseq} ${parts.method}`,
    `Contact: <sip:peer@${parts.address}:${parts.port}>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

export async function openSocket(address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 })
  socket.bind(port, address)
  await once(socket, 'listening')
  return socket
}

/** `sip:user@host:port` -> where its requests go. */
export function addressOf(uri: string): { address: string; port: number } {
  const [, address = '', port = '5060'] = /@?([\d.]+):?(\d+)?(?:;|$)/.exec(uri.replace(/^sip:(?:[^@]*@)?/, '')) ?? []
  return { address, port: Number(port) }
}
