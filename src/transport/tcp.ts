// One TCP listener: accepts connections and hands them, and everything sent by it, to connections.ts.
import type { Server } from 'node:net'
import { createServer } from 'node:net'
import type { Flow, ListenerInfo, Target } from '../sip/flow.ts'
import type { Connections } from './connections.ts'
import { keepAliveDelayMs } from './connections.ts'
import type { SocketSpec } from './listener.ts'
import { describeListener } from './listener.ts'
import type { TransportContext } from './receiver.ts'

const backlog = 1_024

/** Binds the server and gives its port, or throws the system's error. */
export async function listenOn(server: Server, spec: SocketSpec): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: spec.address, port: spec.port, backlog, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const bound = server.address()
  return bound !== null && typeof bound === 'object' ? bound.port : spec.port
}

export class TcpListener {
  readonly info: ListenerInfo
  readonly #server: Server
  readonly #connections: Connections
  #started = false

  private constructor(info: ListenerInfo, server: Server, connections: Connections, context: TransportContext) {
    this.info = info
    this.#server = server
    this.#connections = connections
    server.on('error', (error) => context.quietLog.warn('tcp_accept', { listener: info.name, detail: error.message }))
    server.on('connection', (socket) => {
      if (this.#started) connections.accept(socket, info)
      else socket.destroy()
    })
  }

  static async open(
    spec: SocketSpec,
    id: number,
    connections: Connections,
    context: TransportContext,
  ): Promise<TcpListener> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs })
    const port = await listenOn(server, spec)
    return new TcpListener(describeListener(spec, id, port), server, connections, context)
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
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }
}
