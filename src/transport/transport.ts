// The sockets of the program behind one interface: opens the listeners, delivers messages with the flow they came by,
// sends requests to targets and answers by the flow of their request (RFC 3261 18, RFC 3581). What the bytes mean,
// and names (RFC 3263), are left to others.
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Flow, ListenerInfo, Protocol, Target } from '../sip/flow.ts'
import type { TlsFiles } from './certificates.ts'
import type { Batching } from './batched-socket.ts'
import { BatchedUdpListener } from './batched-udp.ts'
import type { UdpMode } from './batching.ts'
import { openBatching } from './batching.ts'
import { Certificates } from './certificates.ts'
import { ConnectedSockets } from './connected-sockets.ts'
import { Connections } from './connections.ts'
import type { ListenSpec, SocketSpec } from './listener.ts'
import { expandListen, hostPort } from './listener.ts'
import type { LocalAddress } from './local-address.ts'
import { localAddresses } from './local-address.ts'
import { OwnListeners } from './own-listeners.ts'
import { errorCode, PeerErrors } from './peer-errors.ts'
import type { TransportContext, TransportLimits, TransportReceiver } from './receiver.ts'
import { transportLimits } from './receiver.ts'
import { TcpListener } from './tcp.ts'
import { ThrottledLog } from './throttled-log.ts'
import { TlsListener } from './tls.ts'
import { busyTime } from './busy-time.ts'
import { UdpListener } from './udp.ts'

export type { TransportReceiver } from './receiver.ts'

export interface TransportOptions {
  readonly listen: readonly ListenSpec[]
  /** Address or host name for Via and Contact of every listener that names none itself. */
  readonly advertise: string | null
  readonly receiver: TransportReceiver
  readonly clock: Clock
  readonly log: Log
  /** Needed for TLS listeners, and with them for outgoing TLS. */
  readonly tls?: TlsFiles | null
  /** How UDP is served (default dgram). */
  readonly udp?: UdpMode
  /** Answers to what a stream brought may come after what followed in it: one that breaks off stays open for a moment. */
  readonly answersComeLate?: boolean
  /** Other bounds than those of base/limits.ts. */
  readonly limits?: Partial<TransportLimits>
  /** Stands in for the machine's addresses. */
  readonly localAddresses?: readonly LocalAddress[]
}

type Listener = UdpListener | BatchedUdpListener | TcpListener | TlsListener

export class Transport {
  readonly listeners: readonly ListenerInfo[]
  readonly #open: readonly Listener[]
  readonly #context: TransportContext
  readonly #connected: ConnectedSockets
  readonly #connections: Connections
  readonly #certificates: Certificates | undefined
  readonly #own: OwnListeners
  readonly #isQueueLong: () => boolean
  readonly #batching: Batching | undefined
  #closed = false

  private constructor(parts: TransportParts, open: readonly Listener[]) {
    this.#open = open
    this.#context = parts.context
    this.#connected = parts.connected
    const { batching } = parts
    this.#batching = batching
    const busyMs = busyTime()
    this.#isQueueLong = batching === undefined ? () => busyMs() > longBusyMs : () => batching.loop.isLong
    this.#connections = parts.connections
    this.#certificates = parts.certificates
    this.listeners = open.map((one) => one.info)
    this.#own = new OwnListeners(this.listeners, parts.local)
  }

  /**
   * Opens all listeners or none.
   * @throws Fault `edge_unavailable` naming the address and port that cannot be opened, or the TLS file that is wrong.
   */
  static async open(options: TransportOptions): Promise<Transport> {
    const local = options.localAddresses ?? localAddresses()
    const specs = expandListen(options.listen, local, options.advertise)
    refuseUnusable(options, specs)
    const hasUdp = specs.some((spec) => spec.protocol === 'udp')
    const batching = hasUdp ? await openBatching(options.udp ?? 'dgram', options.log) : undefined
    const parts = { ...makeParts(options, local), batching }
    const open: Listener[] = []
    try {
      for (const spec of specs) {
        // oxlint-disable-next-line no-await-in-loop -- the order decides the ids, and the first failure ends it
        const listener = await openListener(spec, open.length, parts)
        if (listener !== undefined) open.push(listener)
      }
    } catch (error) {
      await Promise.all(open.map((one) => one.close()))
      parts.certificates?.close()
      throw error
    }
    const transport = new Transport(parts, open)
    for (const one of open) one.start()
    return transport
  }

  /** See OwnListeners. */
  findListener(protocol: Protocol, address: string, name: string | null): ListenerInfo | undefined {
    return this.#own.find(protocol, address, name)
  }

  /** Sends one message. Failures come by `onPeerError`, never from here. */
  send(bytes: Buffer, target: Target): void {
    if (this.#closed) return
    const listener = this.#open[target.listener.id]
    if (listener === undefined || listener.info.protocol !== target.protocol) {
      const { protocol, address, port, tls } = target
      const detail = `no ${protocol} listener`
      this.#context.errors.report({ kind: 'no_listener', protocol, address, port, tls, detail })
      return
    }
    listener.send(bytes, target)
  }

  /**
   * Answers by the listener and connection of the request; `port` counts for UDP (the source port with rport, else
   * that of sent-by) and for a stream that is gone: it is opened again to `flow.address` and `port`, there always the
   * port of sent-by (RFC 3261 18.2.2, RFC 3581 4).
   */
  reply(bytes: Buffer, flow: Flow, port: number): void {
    if (this.#closed) return
    this.#open[flow.listener.id]?.reply(bytes, flow, port)
  }

  /** See OwnListeners. */
  isOwnAddress(address: string, port: number): boolean {
    return this.#own.isOwn(address, port)
  }

  /** More waits than is read at once; where that is not known, the thread has had something to do for some time. */
  isQueueLong(): boolean {
    return this.#isQueueLong()
  }

  /** A timer of Node is due then (monotonic clock): no wait for datagrams lasts longer. Only the last one said counts. */
  wakeAt(dueMs: number): void {
    if (this.#batching !== undefined) this.#batching.loop.dueMs = dueMs
  }

  /** There is work for the next immediate of Node: the next wait for datagrams only looks. */
  hurry(): void {
    this.#batching?.loop.hurry()
  }

  /** Open stream connections. */
  get connectionCount(): number {
    return this.#connections.count
  }

  /** Connected UDP sockets kept for watched targets. */
  get connectedSocketCount(): number {
    return this.#connected.count
  }

  /** Closes all sockets; nothing is delivered or reported afterwards. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#context.errors.close()
    this.#connected.close()
    this.#certificates?.close()
    await Promise.all([this.#connections.close(), ...this.#open.map((one) => one.close())])
  }
}

interface TransportParts {
  /** Undefined: UDP by node:dgram. */
  readonly batching: Batching | undefined
  readonly context: TransportContext
  readonly connected: ConnectedSockets
  readonly connections: Connections
  readonly certificates: Certificates | undefined
  readonly local: readonly LocalAddress[]
}

/** Where nobody says how much waits: a thread that had nothing to do was idle within this time. */
const longBusyMs = 10
/** An answer of another thread takes about a millisecond. */
const lingerMs = 250

function makeParts(options: TransportOptions, local: readonly LocalAddress[]): Omit<TransportParts, 'batching'> {
  const { receiver, clock, log, tls = null } = options
  const faultLingerMs = options.answersComeLate === true ? lingerMs : 0
  const errors = new PeerErrors(receiver, log)
  const quietLog = new ThrottledLog(log, clock)
  const context = {
    receiver,
    clock,
    log,
    quietLog,
    errors,
    limits: transportLimits(options.limits ?? {}),
    faultLingerMs,
  }
  const certificates = tls === null ? undefined : new Certificates(tls, log)
  return {
    context,
    connected: new ConnectedSockets(context),
    connections: new Connections(context, certificates),
    certificates,
    local,
  }
}

function refuseUnusable({ listen, tls }: TransportOptions, specs: readonly SocketSpec[]): void {
  const secure = listen.find((spec) => spec.protocol === 'tls')
  if (secure !== undefined && (tls ?? null) === null)
    throw new Fault(
      'edge_unavailable',
      `cannot open tls:${hostPort(secure.address, secure.port)}: no certificate and key are configured`,
    )
  if (specs.length === 0)
    throw new Fault('edge_unavailable', 'no listener: this machine has no address of the families to listen on')
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another socket has this address and port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'not permitted to this user',
}

async function openListener(spec: SocketSpec, id: number, parts: TransportParts): Promise<Listener | undefined> {
  try {
    const { context, connected, connections, certificates, batching } = parts
    if (spec.protocol === 'udp' && batching !== undefined) return BatchedUdpListener.open(spec, id, batching, context)
    if (spec.protocol === 'udp') return await UdpListener.open(spec, id, connected, context)
    if (spec.protocol === 'tls' && certificates !== undefined)
      return await TlsListener.open(spec, id, connections, { context, certificates })
    return await TcpListener.open(spec, id, connections, context)
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    const where = `${spec.protocol}:${hostPort(spec.address, spec.port)}`
    if (spec.expanded && errorCode(cause) === 'EADDRNOTAVAIL') {
      parts.context.log.warn('listener_address_gone', { listener: where })
      return undefined
    }
    const detail = `cannot open ${where}: ${reasons[errorCode(cause)] ?? cause.message}`
    throw new Fault('edge_unavailable', detail, { cause })
  }
}
