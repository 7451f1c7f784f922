// One UDP socket of node:dgram: opened without DNS, with large buffers; and the questions both kinds of socket share.
import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import type { TransportErrorKind } from '../sip/flow.ts'

// dgram looks every address up, also numeric ones; answering at once keeps bind, connect and send synchronous.
const numericLookup = (
  hostname: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void => callback(null, hostname, hostname.includes(':') ? 6 : 4)

/** A datagram's payload cannot be larger: 65,535 less the IP (IPv4 only) and UDP headers. */
export const datagramBytesMax = (family: 4 | 6): number => (family === 4 ? 65_507 : 65_527)

/** Why these bytes cannot go to this port; undefined = they can. */
export function unsendable(
  bytes: Buffer,
  port: number,
  family: 4 | 6,
): { readonly kind: TransportErrorKind; readonly detail: string } | undefined {
  if (bytes.length > datagramBytesMax(family))
    return { kind: 'too_large', detail: `${bytes.length} bytes do not fit into a datagram` }
  return port >= 1 && port <= 65_535 ? undefined : { kind: 'unreachable', detail: `${port} is no port` }
}

/** A socket that is not bound yet. `shared` = SO_REUSEADDR: others that say so too may bind the same port. */
export function createUdpSocket(family: 4 | 6, shared: boolean): Socket {
  return createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    reuseAddr: shared,
    lookup: numericLookup,
  })
}

/** Asks for `bytes` of kernel buffer; a system that grants less is no error. */
export function growBuffers(socket: Socket, bytes: number): void {
  try {
    socket.setRecvBufferSize(bytes)
    socket.setSendBufferSize(bytes)
  } catch {
    // The system's default stays.
  }
}

/** Binds and gives the port, or throws the system's error. */
export function bindUdp(socket: Socket, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('listening', () => {
      socket.off('error', reject)
      resolve(socket.address().port)
    })
    socket.bind({ address, port, exclusive: true })
  })
}

export const closeUdp = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.close(resolve)
  })

// Asking a socket for its queue is a call into the runtime; so it is asked only when this many sends are unanswered.
const unansweredMax = 1_024

/** Sends on one socket without a closure per datagram, and keeps what the kernel has not taken yet within a bound. */
export class UdpSender {
  readonly #socket: Socket
  readonly #queueBytesMax: number
  readonly #onError: (error: Error) => void
  #unanswered = 0

  /** @param onError an error of one of the sends (unconnected: it names `address` and `port`), a turn later. */
  constructor(socket: Socket, queueBytesMax: number, onError: (error: Error) => void) {
    this.#socket = socket
    this.#queueBytesMax = queueBytesMax
    this.#onError = onError
  }

  /** False: too much waits, the datagram was dropped. */
  send(bytes: Buffer, port: number, address: string): boolean {
    if (this.#isFull()) return false
    this.#unanswered += 1
    this.#socket.send(bytes, port, address, this.#onSent)
    return true
  }

  /** The same on a connected socket. */
  sendConnected(bytes: Buffer): boolean {
    if (this.#isFull()) return false
    this.#unanswered += 1
    this.#socket.send(bytes, this.#onSent)
    return true
  }

  #isFull(): boolean {
    return this.#unanswered >= unansweredMax && this.#socket.getSendQueueSize() > this.#queueBytesMax
  }

  readonly #onSent = (error: Error | null): void => {
    this.#unanswered -= 1
    if (error !== null) this.#onError(error)
  }
}

const keepAliveBytes = new Set([0x00, 0x0a, 0x0d])

/** Nothing but CR, LF and NUL: a keep-alive (RFC 5626 3.5.1 and what user agents send instead), not a message. */
export function isKeepAlive(bytes: Buffer): boolean {
  if (bytes.length > 0 && (bytes[0] as number) > 0x0d) return false
  return bytes.every((byte) => keepAliveBytes.has(byte))
}
