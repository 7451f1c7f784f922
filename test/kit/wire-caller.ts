// A caller on a real UDP socket that writes SIP as text and imports nothing from the product: one INVITE, its answers, ACK.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'

export interface WireAnswer {
  readonly status: number
  readonly reasonPhrase: string
  readonly text: string
  /** Milliseconds from the INVITE to the final answer. */
  readonly afterMs: number
}

export interface WireRequest {
  readonly method?: string
  readonly number?: string
  readonly from?: string
  readonly lines?: readonly string[]
  readonly body?: string
}

const patienceMs = 15_000
let counter = 0

export class WireCaller {
  readonly #socket: Socket
  readonly #address: string
  readonly #remote: { address: string; port: number }
  /** Every datagram that came, as text. */
  readonly received: string[] = []

  private constructor(socket: Socket, address: string, remote: { address: string; port: number }) {
    this.#socket = socket
    this.#address = address
    this.#remote = remote
    socket.setMaxListeners(0)
    socket.on('message', (datagram) => this.received.push(datagram.toString('latin1')))
  }

  static async open(address: string, remote: { address: string; port: number }, port = 0): Promise<WireCaller> {
    const socket = createSocket('udp4')
    socket.bind(port, address)
    await once(socket, 'listening')
    return new WireCaller(socket, address, remote)
  }

  close(): void {
    this.#socket.close()
  }

  send(text: string): void {
    this.#socket.send(Buffer.from(text, 'latin1'), this.#remote.port, this.#remote.address)
  }

  compose(request: WireRequest, branch: string, callId: string): string {
    const { method = 'INVITE', number = '441782000000', from = '441000', lines = [], body = '' } = request
    const { port } = this.#socket.address()
    return [
      `${method} sip:${number}@${this.#remote.address}:${this.#remote.port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#address}:${port};rport;branch=${branch}`,
      'Max-Forwards: 70',
      `From: <sip:${from}@${this.#address}>;tag=t${callId}`,
      `To: <sip:${number}@${this.#remote.address}>`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:caller@${this.#address}:${port}>`,
      ...lines,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n')
  }

  /** Sends a request once and waits for its final answer; a failure to an INVITE is acknowledged. */
  async request(request: WireRequest = {}): Promise<WireAnswer> {
    counter += 1
    const callId = `wire${process.pid}x${counter}`
    const branch = `z9hG4bK${callId}`
    const startedAt = performance.now()
    this.send(this.compose(request, branch, callId))
    const text = await this.#finalOf(callId)
    const [, status = '', reasonPhrase = ''] = /^SIP\/2\.0 (\d{3}) ?([^\r\n]*)/.exec(text) ?? []
    if ((request.method ?? 'INVITE') === 'INVITE' && Number(status) >= 300)
      this.send(this.#ackOf(request, text, { branch, callId }))
    return { status: Number(status), reasonPhrase, text, afterMs: performance.now() - startedAt }
  }

  #ackOf(request: WireRequest, answer: string, ids: { branch: string; callId: string }): string {
    const to = /^To: *(.*)$/im.exec(answer)?.[1]?.trim() ?? ''
    return this.compose({ ...request, method: 'ACK', body: '' }, ids.branch, ids.callId).replace(
      /^To: .*$/m,
      `To: ${to}`,
    )
  }

  async #finalOf(callId: string): Promise<string> {
    const isFinal = (text: string): boolean => text.includes(`Call-ID: ${callId}\r\n`) && /^SIP\/2\.0 [2-6]/.test(text)
    const known = this.received.find(isFinal)
    if (known !== undefined) return known
    return new Promise((resolve, reject) => {
      const look = (datagram: Buffer): void => {
        const text = datagram.toString('latin1')
        if (!isFinal(text)) return
        clearTimeout(limit)
        this.#socket.off('message', look)
        resolve(text)
      }
      const limit = setTimeout(() => {
        this.#socket.off('message', look)
        reject(new Error(`no final answer to ${callId} in ${patienceMs} ms`))
      }, patienceMs)
      this.#socket.on('message', look)
    })
  }
}
