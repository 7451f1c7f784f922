// One UDP listener on a socket of our own (batched-socket.ts), with the same duties as that of udp.ts. Every target is
// watched: the kernel tells ICMP errors on this socket together with the address, so that none needs a socket of its own.
import type { Flow, ListenerInfo, Target, TransportErrorKind } from '../sip/flow.ts'
import type { BatchedReceiver, Batching } from './batched-socket.ts'
import { BatchedSocket } from './batched-socket.ts'
import type { SocketSpec } from './listener.ts'
import { describeListener } from './listener.ts'
import { errorCode, errorKind } from './peer-errors.ts'
import { errorsOf } from './message-vector.ts'
import type { TransportContext } from './receiver.ts'
import { sendFaultText } from './send-faults.ts'
import {
  readSocketPort,
  socketAddressBytes,
  socketAddressLength,
  socketFamily,
  writeSocketAddress,
} from './socket-address.ts'
import type { SystemCalls } from './system-calls.ts'
import { systemError } from './system-calls.ts'
import { isKeepAlive, unsendable } from './udp-socket.ts'

const datagramNoWaitCloseOnExec = 2 | 0o4000 | 0o2000000
/** Levels and names of setsockopt. */
const socketLevel = 1
const sendBuffer = 7
const receiveBuffer = 8

export class BatchedUdpListener implements BatchedReceiver {
  readonly info: ListenerInfo
  readonly #context: TransportContext
  readonly #socket: BatchedSocket
  #started = false

  private constructor(info: ListenerInfo, descriptor: number, batching: Batching, context: TransportContext) {
    this.info = info
    this.#context = context
    this.#socket = new BatchedSocket(descriptor, batching, this, {
      family: info.family,
      queueBytesMax: context.limits.udpQueueBytesMax,
    })
  }

  /** @throws the system's error when the address and port cannot be had. */
  static open(spec: SocketSpec, id: number, batching: Batching, context: TransportContext): BatchedUdpListener {
    const { calls } = batching
    const { descriptor, port } = openSocket(calls, spec, context.limits.udpBufferBytes)
    return new BatchedUdpListener(describeListener(spec, id, port), descriptor, batching, context)
  }

  /** From now on datagrams are delivered. */
  start(): void {
    this.#started = true
  }

  onDatagram(bytes: Buffer, address: string, port: number): void {
    if (!this.#started || isKeepAlive(bytes)) return
    const flow: Flow = { listener: this.info, address, port, connection: 0 }
    this.#context.receiver.onMessage(bytes, flow)
  }

  send(bytes: Buffer, target: Target): void {
    this.#send(bytes, target.address, target.port)
  }

  /** To the address that the request came from (RFC 3581 4). */
  reply(bytes: Buffer, flow: Flow, port: number): void {
    this.#send(bytes, flow.address, port)
  }

  #send(bytes: Buffer, address: string, port: number): void {
    const fault = unsendable(bytes, port, this.info.family)
    if (fault !== undefined) this.#report(fault.kind, address, port, fault.detail)
    else if (!this.#socket.send(bytes, address, port)) this.#report('other', address, port, 'the send queue is full')
  }

  /** EMSGSIZE: a router asked for smaller packets; the kernel fragments from now on, and the retransmission arrives. */
  onSendError(error: Error, address: string, port: number): void {
    if (errorCode(error) === 'EMSGSIZE') return
    this.#report(errorKind(error), address, port, sendFaultText(error, this.info, { address }))
  }

  onSocketError(error: Error): void {
    this.#context.quietLog.warn('udp_socket', { listener: this.info.name, detail: error.message })
  }

  close(): Promise<void> {
    this.#started = false
    this.#socket.close()
    return Promise.resolve()
  }

  #report(kind: TransportErrorKind, address: string, port: number, detail: string): void {
    this.#context.errors.report({ kind, protocol: 'udp', address, port, detail })
  }
}

function setOption(
  calls: SystemCalls,
  descriptor: number,
  option: { level: number; name: number; value: number },
): void {
  const value = new Uint8Array(Int32Array.of(option.value).buffer)
  calls.setsockopt(descriptor, option.level, option.name, value, value.length)
}

function openSocket(
  calls: SystemCalls,
  spec: SocketSpec,
  bufferBytes: number,
): { readonly descriptor: number; readonly port: number } {
  const { family, address, port } = spec
  const descriptor = calls.socket(socketFamily(family), datagramNoWaitCloseOnExec, 0)
  if (descriptor < 0) throw systemError(calls.errno(), 'socket')
  const name = new Uint8Array(socketAddressBytes)
  writeSocketAddress(name, 0, { family, address, port })
  const length = new Uint8Array(Uint32Array.of(name.length).buffer)
  if (
    calls.bind(descriptor, name, socketAddressLength(family)) !== 0 ||
    calls.getsockname(descriptor, name, length) !== 0
  ) {
    const error = systemError(calls.errno(), 'bind')
    calls.close(descriptor)
    throw error
  }
  setOption(calls, descriptor, { ...errorsOf[family], value: 1 })
  // A system that grants smaller buffers is no error.
  setOption(calls, descriptor, { level: socketLevel, name: receiveBuffer, value: bufferBytes })
  setOption(calls, descriptor, { level: socketLevel, name: sendBuffer, value: bufferBytes })
  return { descriptor, port: readSocketPort(name, 0) }
}
