// One TLS listener (TLS 1.2 or newer): lets peers finish their handshake under the caps of all connections, then hands
// the connections, and everything sent by it, to connections.ts. New certificates serve new connections.
import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { createServer } from 'node:tls'
import type { Flow, ListenerInfo, Target } from '../sip/flow.ts'
import type { Certificates } from './certificates.ts'
import type { Connections } from './connections.ts'
import { keepAliveDelayMs } from './connections.ts'
import type { SocketSpec } from './listener.ts'
import { describeListener } from './listener.ts'
import { canonicalText } from './local-address.ts'
import type { TransportContext } from './receiver.ts'
import { listenOn } from './tcp.ts'
import { provedNames } from './tls-identity.ts'

const keyOf = (socket: Socket | TLSSocket): string => `${socket.remoteAddress} ${socket.remotePort}`

export class TlsListener {
  readonly info: ListenerInfo
  readonly #server: Server
  readonly #connections: Connections
  /** Streams whose handshake is under way, by the far end. */
  readonly #shaking = new Map<string, Socket>()
  #started = false

  private constructor(info: ListenerInfo, server: Server, connections: Connections, context: TransportContext) {
    this.info = info
    this.#server = server
    this.#connections = connections
    server.on('error', (error) => context.quietLog.warn('tls_accept', { listener: info.name, detail: error.message }))
    server.on('connection', (socket: Socket) => this.#onStream(socket))
    server.on('secureConnection', (socket) => this.#onSecure(socket))
    server.on('tlsClientError', (error, socket) => {
      const { remoteAddress: address = '' } = socket
      context.quietLog.warn('tls_handshake', { listener: info.name, address, detail: error.message })
      socket.destroy()
    })
  }

  static async open(
    spec: SocketSpec,
    id: number,
    connections: Connections,
    parts: { readonly context: TransportContext; readonly certificates: Certificates },
  ): Promise<TlsListener> {
    const { context, certificates } = parts
    const server = createServer({
      ...certificates.serverOptions,
      // A caller without a certificate, or with one that proves nothing, is known by its address like any other.
      requestCert: certificates.asksCallers,
      rejectUnauthorized: false,
      handshakeTimeout: context.limits.connectMs,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    })
    const port = await listenOn(server, spec)
    certificates.onReload((options) => server.setSecureContext(options))
    return new TlsListener(describeListener(spec, id, port), server, connections, context)
  }

  /** From now on connections are taken. */
  start(): void {
    this.#started = true
  }

  send(bytes: Buffer, target: Target): void {
    this.#connections.send(bytes, target)
  }

  reply(bytes: Buffer, flow: Flow, port: number): void {
    this.#connections.reply(bytes, flow, port)
  }

  /** Takes no more connections; those that are open are closed by Connections. */
  close(): Promise<void> {
    this.#started = false
    for (const socket of this.#shaking.values()) socket.destroy()
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #onStream(socket: Socket): void {
    const { remoteAddress } = socket
    if (!this.#started || remoteAddress === undefined || !this.#connections.reserve(socket)) {
      socket.destroy()
      return
    }
    const key = keyOf(socket)
    const address = canonicalText(remoteAddress)
    this.#shaking.set(key, socket)
    socket.once('close', () => {
      if (this.#shaking.delete(key)) this.#connections.release(address)
    })
  }

  #onSecure(socket: TLSSocket): void {
    if (!this.#shaking.delete(keyOf(socket))) {
      socket.destroy()
      return
    }
    const names = socket.authorized ? provedNames(socket.getPeerCertificate()) : []
    this.#connections.acceptReserved(socket, this.info, names)
  }
}
