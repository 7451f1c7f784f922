// A caller for the browser tests: sends an INVITE, acknowledges what comes, answers a BYE. RFC 3261 as a PBX does it;
// shares no code with the product.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { answerTo } from './options-responder.ts'

export interface CallerPlan {
  /** Where it calls from: one of the test's own addresses. */
  readonly address: string
  readonly edge: { readonly address: string; readonly port: number }
  readonly number: string
  /** The whole value of From, without its tag. */
  readonly from?: string
}

export interface SipCaller {
  readonly callId: string
  /** Statuses in the order in which they came. */
  readonly statuses: readonly number[]
  /** Resolves with the final status. */
  readonly final: Promise<number>
  /** The edge has ended the call. */
  readonly ended: Promise<void>
  /** Ends an answered call; resolves when the BYE is answered. */
  hangUp(): Promise<void>
  close(): Promise<void>
}

let calls = 0

export async function placeCall({ address, edge, number, from }: CallerPlan): Promise<SipCaller> {
  calls += 1
  const socket = createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  const { port } = socket.address()
  const callId = `call-${calls}-${process.pid}@${address}`
  const uri = `sip:${number}@${edge.address}:${edge.port}`
  const body = `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n`
  const statuses: number[] = []
  const final = Promise.withResolvers<number>()
  const ended = Promise.withResolvers<void>()
  const hungUp = Promise.withResolvers<void>()
  let answered = ''
  const send = (text: string): void => socket.send(Buffer.from(text, 'latin1'), edge.port, edge.address)
  const request = (method: string, to: string, branch: string, content: string): string =>
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bK-${calls}-${branch}`,
      'Max-Forwards: 70',
      `From: ${from ?? `<sip:4411@${address}>`};tag=caller`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:caller@${address}:${port}>`,
      ...(content === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${content.length}`,
      '',
      content,
    ].join('\r\n')
  socket.on('message', (bytes, source) => {
    const text = bytes.toString('latin1')
    const status = Number(/^SIP\/2\.0 (\d{3}) /.exec(text)?.[1] ?? 0)
    if (status === 0) {
      socket.send(
        Buffer.from(answerTo(text, source, { status: '200 OK', lines: [], body: '' })),
        source.port,
        source.address,
      )
      if (text.startsWith('BYE ')) ended.resolve()
      return
    }
    if (/^CSeq:\s*2 BYE/im.test(text)) return hungUp.resolve()
    statuses.push(status)
    if (status < 200) return
    const to = /^To:\s*(.+)$/im.exec(text)?.[1] ?? ''
    answered = to
    send(request('ACK', to, status < 300 ? 'ack' : 'invite', ''))
    final.resolve(status)
  })
  send(request('INVITE', `<${uri}>`, 'invite', body))
  return {
    callId,
    statuses,
    final: final.promise,
    ended: ended.promise,
    hangUp: () => {
      send(request('BYE', answered, 'bye', '').replace('CSeq: 1', 'CSeq: 2'))
      return hungUp.promise
    },
    close: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}
