// A carrier's gateway for the browser tests: answers OPTIONS with 200 and INVITE with 100, 180 and 200, then takes the
// ACK and answers BYE. RFC 3261 as a carrier's equipment does it; shares no code with the product.
import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import { answerTo } from './options-responder.ts'

export interface SipResponder {
  readonly address: string
  readonly port: number
  /** Request lines in the order in which they came; OPTIONS are left out. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

const sdp = (address: string): string =>
  [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    'm=audio 40000 RTP/AVP 8 0',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n')

/** Replies to one request, in order. */
function repliesTo(text: string, source: RemoteInfo, address: string, port: number): string[] {
  const contact = `Contact: <sip:gateway@${address}:${port}>`
  const reply = (status: string, lines: readonly string[] = [], body = ''): string =>
    answerTo(text, source, { status, lines, body })
  if (text.startsWith('INVITE '))
    return [
      reply('100 Trying'),
      reply('180 Ringing', [contact]),
      reply('200 OK', [contact, 'Content-Type: application/sdp'], sdp(address)),
    ]
  if (text.startsWith('ACK ')) return []
  return [reply('200 OK')]
}

/** Port 0 = any free port. */
export async function openSipResponder(address: string, port = 0): Promise<SipResponder> {
  const socket: Socket = createSocket('udp4')
  const requests: string[] = []
  socket.on('message', (bytes, source) => {
    const text = bytes.toString('latin1')
    if (!/^[A-Z]+ \S+ SIP\/2\.0\r\n/.test(text)) return
    if (!text.startsWith('OPTIONS ')) requests.push(text.slice(0, text.indexOf('\r\n')))
    for (const reply of repliesTo(text, source, address, socket.address().port))
      socket.send(Buffer.from(reply, 'latin1'), source.port, source.address)
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  return {
    address,
    port: socket.address().port,
    requests,
    close: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}
