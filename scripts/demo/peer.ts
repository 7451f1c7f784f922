// A small SIP peer on one UDP socket, for the demo only: no retransmission, because loopback loses nothing.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { randomToken } from '../../src/base/random.ts'
import type { Random } from '../../src/base/random.ts'
import { parseDatagram } from '../../src/sip/parse.ts'
import { messageWriter } from '../../src/sip/serialize.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { sipPort } from './places.ts'

export interface RequestParts {
  readonly method: string
  readonly uri: string
  readonly branch: string
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly cseq: number
  readonly body?: string
}

export const sdp = (address: string): string =>
  `v=0\r\no=demo 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n`

export class Peer {
  readonly address: string
  readonly random: Random
  readonly #socket: Socket = createSocket('udp4')
  readonly #timers = new Set<NodeJS.Timeout>()
  #closed = false

  constructor(address: string, random: Random) {
    this.address = address
    this.random = random
  }

  open(onMessage: (message: SipMessage, from: { address: string; port: number }) => void): Promise<void> {
    this.#socket.on('message', (bytes, from) => {
      const message = parseDatagram(bytes)
      if (message.kind !== 'fault') onMessage(message, from)
    })
    // A closed port of the other side is reported here; the demo goes on.
    this.#socket.on('error', () => {})
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject)
      this.#socket.bind({ address: this.address, port: sipPort, exclusive: true }, resolve)
    })
  }

  send(bytes: Buffer, to: { address: string; port: number }): void {
    if (!this.#closed) this.#socket.send(bytes, to.port, to.address)
  }

  request(parts: RequestParts, to: { address: string; port: number }): void {
    const here = `${this.address}:${sipPort}`
    const writer = messageWriter()
      .requestLine(parts.method, parts.uri)
      .header('Via', `SIP/2.0/UDP ${here};branch=${parts.branch}`)
      .header('Max-Forwards', '70')
      .header('From', parts.from)
      .header('To', parts.to)
      .header('Call-ID', parts.callId)
      .header('CSeq', `${parts.cseq} ${parts.method}`)
      .header('Contact', `<sip:demo@${here}>`)
    if (parts.body !== undefined) writer.header('Content-Type', 'application/sdp')
    this.send(writer.finish(parts.body), to)
  }

  token(): string {
    return randomToken(this.random, 16)
  }

  branch(): string {
    return `z9hG4bK${this.token()}`
  }

  after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#socket.close()
  }
}
