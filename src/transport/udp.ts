// One UDP listener of node:dgram: receives datagrams and sends them from its address and port (RFC 3261 18, RFC 3581 4).
// Targets that are watched go by a connected socket of the same address and port; see connected-sockets.ts.
import type { RemoteInfo, Socket } from 'node:dgram'
import type { Flow, ListenerInfo, Target, TransportErrorKind } from '../sip/flow.ts'
import type { ConnectedSockets } from './connected-sockets.ts'
import type { SocketSpec } from './listener.ts'
import { describeListener } from './listener.ts'
import { canonicalText } from './local-address.ts'
import { errorCode, errorKind } from './peer-errors.ts'
import type { TransportContext } from './receiver.ts'
import { sendFaultText } from './send-faults.ts'
import { bindUdp, closeUdp, createUdpSocket, growBuffers, isKeepAlive, unsendable, UdpSender } from './udp-socket.ts'

export class UdpListener {
  readonly info: ListenerInfo
  readonly #context: TransportContext
  readonly #socket: Socket
  readonly #connected: ConnectedSockets
  readonly #sender: UdpSender
  #started = false

  private constructor(info: ListenerInfo, socket: Socket, connected: ConnectedSockets, context: TransportContext) {
    this.info = info
    this.#socket = socket
    this.#connected = connected
    this.#context = context
    this.#sender = new UdpSender(socket, context.limits.udpQueueBytesMax, this.#onSendError)
    socket.on('message', (bytes, from) => this.receive(bytes, from))
    socket.on('error', (error) => context.quietLog.warn('udp_socket', { listener: info.name, detail: error.message }))
  }

  /**
   * Opens the socket. Watched targets need SO_REUSEADDR, with which two processes could share a port unnoticed on
   * Linux; so a first socket without it proves that nobody has the port.
   */
  static async open(
    spec: SocketSpec,
    id: number,
    connected: ConnectedSockets,
    context: TransportContext,
  ): Promise<UdpListener> {
    const probe = createUdpSocket(spec.family, false)
    let port: number
    try {
      port = await bindUdp(probe, spec.address, spec.port)
    } finally {
      await closeUdp(probe)
    }
    const socket = createUdpSocket(spec.family, true)
    try {
      await bindUdp(socket, spec.address, port)
    } catch (error) {
      await closeUdp(socket)
      throw error
    }
    growBuffers(socket, context.limits.udpBufferBytes)
    return new UdpListener(describeListener(spec, id, port), socket, connected, context)
  }

  /** From now on datagrams are delivered. */
  start(): void {
    this.#started = true
  }

  /** A datagram of this listener's socket or of one of its connected sockets. */
  receive(bytes: Buffer, from: RemoteInfo): void {
    if (!this.#started || isKeepAlive(bytes)) return
    const flow: Flow = { listener: this.info, address: canonicalText(from.address), port: from.port, connection: 0 }
    this.#context.receiver.onMessage(bytes, flow)
  }

  send(bytes: Buffer, target: Target): void {
    const { address, port } = target
    if (!this.#isSendable(bytes, address, port)) return
    if (target.watched === true && this.#connected.send(bytes, target, this)) return
    this.#sendUnconnected(bytes, address, port)
  }

  /** By the listener's own socket to the address that the request came from (RFC 3581 4). */
  reply(bytes: Buffer, flow: Flow, port: number): void {
    if (this.#isSendable(bytes, flow.address, port)) this.#sendUnconnected(bytes, flow.address, port)
  }

  async close(): Promise<void> {
    this.#started = false
    await closeUdp(this.#socket)
  }

  #sendUnconnected(bytes: Buffer, address: string, port: number): void {
    if (!this.#sender.send(bytes, port, address)) this.#report('other', address, port, 'the send queue is full')
  }

  // One function for all sends, because the error names its address and port. EMSGSIZE: see ConnectedSockets.
  readonly #onSendError = (error: Error): void => {
    const { address, port } = error as Error & { address?: string; port?: number }
    if (address === undefined || port === undefined || errorCode(error) === 'EMSGSIZE') return
    this.#report(errorKind(error), address, port, sendFaultText(error, this.info, { address }))
  }

  #isSendable(bytes: Buffer, address: string, port: number): boolean {
    const fault = unsendable(bytes, port, this.info.family)
    if (fault !== undefined) this.#report(fault.kind, address, port, fault.detail)
    return fault === undefined
  }

  #report(kind: TransportErrorKind, address: string, port: number, detail: string): void {
    this.#context.errors.report({ kind, protocol: 'udp', address, port, detail })
  }
}
