// A gateway on a real UDP socket that picks up every call, or answers every INVITE with one status; it imports nothing of the
// product.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'

export class AutoGateway {
  readonly #socket: Socket
  readonly #contact: string
  /** What every INVITE gets; 100 = it only rings. */
  status = 200
  /** Further lines of every answer. */
  lines: readonly string[] = []
  /** Call-IDs of the calls that were answered and have not ended. */
  readonly live = new Set<string>()
  /** The most that were live at the same time. */
  peak = 0
  /** Every request that came, `METHOD Call-ID`. */
  readonly requests: string[] = []

  private constructor(socket: Socket, contact: string) {
    this.#socket = socket
    this.#contact = contact
    socket.on('message', (bytes, from) => {
      for (const answer of this.#answersTo(bytes.toString('latin1'))) socket.send(answer, from.port, from.address)
    })
  }

  static async open(address: string, port: number): Promise<AutoGateway> {
    const socket = createSocket('udp4')
    socket.bind(port, address)
    await once(socket, 'listening')
    return new AutoGateway(socket, `<sip:gw@${address}:${port}>`)
  }

  close(): void {
    this.#socket.close()
  }

  count(method: string): number {
    return this.requests.filter((request) => request.startsWith(`${method} `)).length
  }

  #answersTo(text: string): string[] {
    const method = text.slice(0, text.indexOf(' '))
    const callId = lineOf(text, 'Call-ID').slice('Call-ID: '.length)
    if (method === 'SIP/2.0') return []
    this.requests.push(`${method} ${callId}`)
    if (method === 'ACK') return []
    if (method === 'INVITE' && this.status === 100) return [this.#answer(text, '180 Ringing')]
    if (method === 'INVITE' && this.status !== 200) return [this.#answer(text, `${this.status} No`)]
    if (method === 'INVITE') this.live.add(callId)
    if (method === 'BYE') this.live.delete(callId)
    this.peak = Math.max(this.peak, this.live.size)
    if (method !== 'CANCEL') return [this.#answer(text, '200 OK')]
    return [this.#answer(text, '200 OK'), this.#answer(text.replace('CSeq: 1 CANCEL', 'CSeq: 1 INVITE'), '487 Gone')]
  }

  #answer(request: string, statusLine: string): string {
    const to = lineOf(request, 'To')
    return [
      `SIP/2.0 ${statusLine}`,
      lineOf(request, 'Via'),
      lineOf(request, 'From'),
      to.includes(';tag=') ? to : `${to};tag=gw`,
      lineOf(request, 'Call-ID'),
      lineOf(request, 'CSeq'),
      `Contact: ${this.#contact}`,
      ...this.lines,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
  }
}

const lineOf = (text: string, name: string): string =>
  text.split('\r\n').find((line) => line.startsWith(`${name}:`)) ?? ''
