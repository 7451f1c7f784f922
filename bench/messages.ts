// The messages of both peers for measuring without sockets: one call as the scenarios of SIPp make it, and the directory
// that carries it.
import type { Flow, ListenerInfo } from '../src/sip/flow.ts'
import { directoryOf } from '../test/kit/directory.ts'

export const listener: ListenerInfo = {
  id: 0,
  name: 'udp:10.0.0.1:5060',
  protocol: 'udp',
  family: 4,
  address: '10.0.0.1',
  port: 5060,
  sentByHost: '10.0.0.1',
  sentByPort: 5060,
}
export const caller: Flow = { listener, address: '10.0.1.1', port: 5070, connection: 0 }
export const sdp = `v=0\r\no=bench 20 20 IN IP4 10.0.1.1\r\ns=call\r\nc=IN IP4 10.0.1.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n`

export const request = (method: string, number: number, more: { cseq: number; toTag: string; body?: string }): string =>
  `${method} sip:441782555555@10.0.0.1:5060 SIP/2.0\r\n` +
  `Via: SIP/2.0/UDP 10.0.1.1:5070;branch=z9hG4bK-${method}-${number}\r\n` +
  `From: "Bench" <sip:441782000000@10.0.1.1:5070>;tag=c${number}\r\n` +
  `To: <sip:441782555555@10.0.0.1:5060>${more.toTag}\r\nCall-ID: ${number}-3@10.0.1.1\r\nCSeq: ${more.cseq} ${method}\r\n` +
  (method === 'INVITE' ? 'Contact: <sip:bench@10.0.1.1:5070>\r\n' : '') +
  'Max-Forwards: 70\r\n' +
  (more.body === undefined
    ? 'Content-Length: 0\r\n\r\n'
    : `User-Agent: bench\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nContent-Type: application/sdp\r\nContent-Length: ${more.body.length}\r\n\r\n${more.body}`)

export const lineOf = (text: string, name: string): string => {
  const start = text.indexOf(`\r\n${name}: `)
  return text.slice(start + 2, text.indexOf('\r\n', start + 2))
}

export const response = (text: string, status: string, tag: string, body = ''): Buffer =>
  Buffer.from(
    `SIP/2.0 ${status}\r\n${lineOf(text, 'Via')}\r\n${lineOf(text, 'From')}\r\n${lineOf(text, 'To')}${tag}\r\n` +
      `${lineOf(text, 'Call-ID')}\r\n${lineOf(text, 'CSeq')}\r\nContact: <sip:bench@10.0.2.1:5080>\r\n` +
      (body === '' ? '' : 'Content-Type: application/sdp\r\n') +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    'latin1',
  )

const wide = { channelsMax: 1_000_000, callsPerSecondMax: 1_000_000 }
export const directory = directoryOf({
  carriers: [
    {
      name: 'Bench',
      ...wide,
      endpoints: ['10.0.2.1', '10.0.2.2'].map((address, i) => ({
        name: `gateway-${i}`,
        direction: 'receives',
        addresses: [address],
        port: 5080,
        weight: i === 0 ? 10 : 1,
        probe: { enabled: false },
        ...wide,
      })),
    },
  ],
  customers: [{ name: 'Load', endpoints: [{ name: 'load', direction: 'sends', addresses: ['10.0.1.0/24'] }] }],
  routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Bench' }] }],
})
