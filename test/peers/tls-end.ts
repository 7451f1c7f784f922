// A SIP peer over TLS as text: listens with a certificate of its own, calls by TLS, and remembers every message. On purpose
// it shares nothing with the product: what both got wrong would agree.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:tls'
import type { SecureContextOptions, Server } from 'node:tls'

export interface TlsEndOptions {
  readonly address: string
  readonly port: number
  /** Own certificate and key, and whom it trusts. */
  readonly files: SecureContextOptions
}

const field = (text: string, name: string): string =>
  new RegExp(`^${name} *: *(.*)$`, 'im').exec(text)?.[1]?.trim() ?? ''
const patienceMs = 10_000

export class TlsEnd {
  readonly address: string
  readonly port: number
  /** Whole messages, oldest first. */
  readonly received: string[] = []
  /** How it answers a request; undefined = not at all. */
  answer: (request: string) => readonly string[] = () => []
  readonly #files: SecureContextOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #own: Socket | undefined
  #onMessage: (() => void) | undefined

  private constructor(options: TlsEndOptions) {
    this.address = options.address
    this.port = options.port
    this.#files = options.files
    this.#server = createServer({ ...options.files, minVersion: 'TLSv1.2' }, (socket) => this.#read(socket))
    this.#server.on('tlsClientError', () => undefined)
  }

  static async open(options: TlsEndOptions): Promise<TlsEnd> {
    const end = new TlsEnd(options)
    end.#server.listen(options.port, options.address)
    await once(end.#server, 'listening')
    return end
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** Opens the connection of its own requests; the certificate of the other side must be good for `name`. */
  async dial(address: string, port: number, name: string): Promise<void> {
    const local = { localAddress: this.address }
    const socket = connect({ host: address, port, servername: name, ...this.#files, ...local })
    await once(socket, 'secureConnect')
    this.#own = socket
    this.#read(socket)
  }

  send(text: string): void {
    this.#own?.write(text)
  }

  /** The first message that `fits`, waiting for it if need be. */
  async waitFor(what: string, fits: (text: string) => boolean): Promise<string> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const found = this.received.find(fits)
      if (found !== undefined) return found
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) throw new Error(`${what} did not come; received:\n${this.received.join('\n---\n')}`)
      await new Promise<void>((resolve) => {
        const timeout = setTimeout(resolve, leftMs)
        this.#onMessage = () => {
          clearTimeout(timeout)
          resolve()
        }
      })
    }
  }

  #read(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => undefined)
    let pending = ''
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1')
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const whole = end + 4 + Number(field(pending.slice(0, end), 'Content-Length'))
        if (pending.length < whole) return
        this.#take(socket, pending.slice(0, whole))
        pending = pending.slice(whole)
      }
    })
  }

  #take(socket: Socket, text: string): void {
    this.received.push(text)
    if (!text.startsWith('SIP/2.0')) for (const answer of this.answer(text)) socket.write(answer)
    this.#onMessage?.()
  }
}

/** A response to `request` as it goes back on its connection. */
export function respondTo(request: string, status: number, more: { contact?: string; body?: string } = {}): string {
  const { contact, body = '' } = more
  const to = field(request, 'To')
  return [
    `SIP/2.0 ${status} Status ${status}`,
    ...[...request.matchAll(/^Via *: *(.*)$/gim)].map(([, via]) => `Via: ${via?.trim()}`),
    `From: ${field(request, 'From')}`,
    `To: ${to.includes(';tag=') ? to : `${to};tag=answered`}`,
    `Call-ID: ${field(request, 'Call-ID')}`,
    `CSeq: ${field(request, 'CSeq')}`,
    ...(contact === undefined ? [] : [`Contact: <${contact}>`]),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

export interface TlsRequest {
  readonly method: string
  readonly uri: string
  readonly callId: string
  readonly cseq: number
  readonly from: string
  readonly to: string
  readonly body?: string
}

/** A request of `end` for its own connection. */
export function requestOf(end: TlsEnd, parts: TlsRequest): string {
  const { method, uri, callId, cseq, from, to, body = '' } = parts
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/TLS ${end.address}:${end.port};branch=z9hG4bK${callId}${cseq}${method}`,
    'Max-Forwards: 70',
    `From: ${from}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    `Contact: <sip:peer@${end.address}:${end.port};transport=tls>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** The value of a header field of a message. */
export const headerOf = field
