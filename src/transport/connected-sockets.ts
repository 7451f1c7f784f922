// Connected UDP sockets for watched targets (gateways): the kernel reports ICMP errors only to a connected socket.
// Each is bound to its listener's address and port as well, so the gateway sees no difference; the kernel gives it
// that gateway's datagrams, and all others to the listener. Binding and connecting happen within one call, so no
// datagram waits; what a stranger sends in between is delivered like any other, by the address it came from.
import type { RemoteInfo, Socket } from 'node:dgram'
import type { ListenerInfo, Target, TransportErrorKind } from '../sip/flow.ts'
import { errorCode, errorKind } from './peer-errors.ts'
import type { TransportContext } from './receiver.ts'
import { sendFaultText } from './send-faults.ts'
import { createUdpSocket, growBuffers, UdpSender } from './udp-socket.ts'

// A socket used this recently is not closed for another one: an ICMP error or a reply may still be on its way.
const keepMs = 5_000
// After the system refused a socket (no descriptors left), none is asked for during this time.
const pauseMs = 1_000

interface DatagramSink {
  readonly info: ListenerInfo
  receive(bytes: Buffer, from: RemoteInfo): void
}

interface ConnectedSocket {
  readonly socket: Socket
  readonly sender: UdpSender
  lastUsedMs: number
}

export class ConnectedSockets {
  readonly #context: TransportContext
  readonly #sockets = new Map<string, ConnectedSocket>()
  #pausedUntilMs = Number.NEGATIVE_INFINITY

  constructor(context: TransportContext) {
    this.#context = context
  }

  get count(): number {
    return this.#sockets.size
  }

  /** Sends by the target's connected socket, opening it if need be. False: none could be had, nothing was sent. */
  send(bytes: Buffer, target: Target, sink: DatagramSink): boolean {
    const key = `${sink.info.id} ${target.address} ${target.port}`
    const nowMs = this.#context.clock.nowMs()
    const known = this.#sockets.get(key) ?? this.#open(key, target, sink, nowMs)
    if (known === undefined) return false
    known.lastUsedMs = nowMs
    if (!known.sender.sendConnected(bytes)) this.#report('other', target, 'the send queue is full')
    return true
  }

  close(): void {
    for (const one of this.#sockets.values()) one.socket.close()
    this.#sockets.clear()
  }

  #open(key: string, target: Target, sink: DatagramSink, nowMs: number): ConnectedSocket | undefined {
    if (nowMs < this.#pausedUntilMs || !this.#makeRoom(nowMs)) return undefined
    const socket = connect(target, sink.info)
    if (socket === 'no_route') return undefined
    if (socket === 'no_socket') {
      this.#pausedUntilMs = nowMs + pauseMs
      this.#context.quietLog.warn('udp_connected_socket', { address: target.address, port: target.port })
      return undefined
    }
    const { limits } = this.#context
    growBuffers(socket, limits.udpBufferBytes)
    const onError = (error: Error): void => this.#onError(error, target, sink.info)
    const sender = new UdpSender(socket, limits.udpQueueBytesMax, onError)
    const one: ConnectedSocket = { socket, sender, lastUsedMs: nowMs }
    socket.on('error', onError)
    socket.on('message', (bytes, from) => {
      one.lastUsedMs = this.#context.clock.nowMs()
      sink.receive(bytes, from)
    })
    this.#sockets.set(key, one)
    return one
  }

  /** The least recently used one goes, unless all are in use: then the caller sends by the listener. */
  #makeRoom(nowMs: number): boolean {
    if (this.#sockets.size < this.#context.limits.connectedSocketsMax) return true
    let oldestKey: string | undefined
    let oldestMs = nowMs - keepMs
    for (const [key, one] of this.#sockets) {
      if (one.lastUsedMs >= oldestMs) continue
      oldestMs = one.lastUsedMs
      oldestKey = key
    }
    if (oldestKey === undefined) return false
    this.#sockets.get(oldestKey)?.socket.close()
    this.#sockets.delete(oldestKey)
    return true
  }

  // A pending error is returned by the next send instead of being raised, so both ways lead here. EMSGSIZE says that
  // a router asked for smaller packets: the kernel fragments from now on, and the retransmission arrives.
  #onError(error: Error, target: Target, from: ListenerInfo): void {
    if (errorCode(error) === 'EMSGSIZE') return
    this.#report(errorKind(error), target, sendFaultText(error, from, target))
  }

  #report(kind: TransportErrorKind, target: Target, detail: string): void {
    this.#context.errors.report({ kind, protocol: 'udp', address: target.address, port: target.port, detail })
  }
}

/** Binds and connects at once; without a route the listener's own send will tell why. */
function connect(target: Target, listener: ListenerInfo): Socket | 'no_socket' | 'no_route' {
  const socket = createUdpSocket(listener.family, true)
  let bound = true
  const onError = (): void => {
    bound = false
  }
  socket.on('error', onError)
  socket.bind({ address: listener.address, port: listener.port, exclusive: true })
  if (!bound) {
    socket.close()
    return 'no_socket'
  }
  socket.connect(target.port, target.address)
  if (!isConnected(socket)) {
    socket.close()
    return 'no_route'
  }
  socket.off('error', onError)
  return socket
}

function isConnected(socket: Socket): boolean {
  try {
    return socket.remoteAddress().port > 0
  } catch {
    return false
  }
}
