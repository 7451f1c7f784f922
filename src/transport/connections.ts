// All stream connections: which one serves a target or an answer (RFC 3261 18, 18.2.2: found by address and
// port of the far end), opening new ones, caps in all and per address, and one clock tick for every deadline.
import type { Socket } from 'node:net'
import { connect, isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Fault } from '../base/fault.ts'
import type { Flow, ListenerInfo, Target, TransportErrorKind } from '../sip/flow.ts'
import type { Certificates } from './certificates.ts'
import type { ConnectionOwner, ConnectionParts } from './connection.ts'
import { Connection } from './connection.ts'
import { canonicalText } from './local-address.ts'
import type { TransportContext } from './receiver.ts'
import { connectTls, findProofFault } from './tls-connect.ts'

const checkMs = 250
const closeWaitMs = 500
/** The system asks an idle peer whether it still lives. */
export const keepAliveDelayMs = 30_000

type Peer = Pick<Target, 'protocol' | 'address' | 'port' | 'tls'>

/** Connections that proved another identity, or none, are other connections (RFC 5923 9). */
const keyOf = (listener: ListenerInfo, peer: Pick<ConnectionParts, 'address' | 'port' | 'tls'>): string =>
  `${listener.id} ${peer.address} ${peer.port} ${peer.tls?.identity ?? ''}`

export class Connections implements ConnectionOwner {
  readonly #context: TransportContext
  readonly #certificates: Certificates | undefined
  /** Everything whose socket lives, also what has ended. */
  readonly #all = new Set<Connection>()
  readonly #byId = new Map<number, Connection>()
  /** The newest usable connection to a peer's address and port, by whomever it was opened. */
  readonly #byPeer = new Map<string, Connection>()
  readonly #acceptedByAddress = new Map<string, number>()
  /** Accepted streams whose TLS handshake is under way. */
  #reserved = 0
  #lastId = 0
  #interval: NodeJS.Timeout | undefined
  #onAllClosed: (() => void) | undefined

  constructor(context: TransportContext, certificates?: Certificates) {
    this.#context = context
    this.#certificates = certificates
  }

  get count(): number {
    return this.#all.size
  }

  /** Takes a connection that a peer opened, or resets it when a cap is reached. */
  accept(socket: Socket, listener: ListenerInfo): void {
    if (!this.reserve(socket)) return
    this.acceptReserved(socket, listener)
  }

  /** Keeps room for a connection that a peer opened and that is not ready yet; false: it was reset, a cap is reached. */
  reserve(socket: Socket): boolean {
    const { remoteAddress } = socket
    if (remoteAddress === undefined) {
      socket.destroy()
      return false
    }
    const address = canonicalText(remoteAddress)
    const fromAddress = this.#acceptedByAddress.get(address) ?? 0
    const { connectionsMax, connectionsPerAddressMax } = this.#context.limits
    const connections = this.#all.size + this.#reserved
    if (connections >= connectionsMax || fromAddress >= connectionsPerAddressMax) {
      socket.on('error', () => undefined)
      socket.resetAndDestroy()
      this.#context.quietLog.warn('connection_refused', { address, fromAddress, connections })
      return false
    }
    this.#acceptedByAddress.set(address, fromAddress + 1)
    this.#reserved += 1
    return true
  }

  /** Gives the room of `reserve` back. */
  release(address: string): void {
    this.#reserved -= 1
    this.#forgetAccepted(address)
  }

  /** Takes a connection for which room was kept. */
  acceptReserved(socket: Socket, listener: ListenerInfo, peerNames: readonly string[] = []): void {
    const { remoteAddress, remotePort } = socket
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy()
      this.release(canonicalText(remoteAddress ?? ''))
      return
    }
    this.#reserved -= 1
    const address = canonicalText(remoteAddress)
    this.#add({ socket, listener, address, port: remotePort, accepted: true, peerNames })
  }

  /** By the target's connection if it still serves, else by any to its address and port, else by a new one. */
  send(bytes: Buffer, target: Target): void {
    const named = target.connection === undefined ? undefined : this.#byId.get(target.connection)
    if (named !== undefined && named.listener.id === target.listener.id) named.write(bytes, target)
    else this.#sendTo(bytes, target, target.listener)
  }

  /** By the connection of the request; when it is gone, as `send` to `port` of the address it came from. */
  reply(bytes: Buffer, flow: Flow, port: number): void {
    const named = this.#byId.get(flow.connection)
    const peer: Peer = {
      protocol: flow.listener.protocol,
      address: flow.address,
      port: named === undefined ? port : flow.port,
    }
    if (named === undefined) this.#sendTo(bytes, peer, flow.listener)
    else named.write(bytes, peer)
  }

  /** Hands over what was written, and gives up after half a second. */
  async close(): Promise<void> {
    if (this.#interval !== undefined) clearInterval(this.#interval)
    this.#interval = undefined
    if (this.#all.size === 0) return
    await new Promise<void>((resolve) => {
      const timeout = setTimeout(() => {
        for (const connection of this.#all) connection.destroy()
      }, closeWaitMs)
      this.#onAllClosed = () => {
        clearTimeout(timeout)
        resolve()
      }
      for (const connection of this.#all) connection.finish()
    })
  }

  onConnectionEnded(connection: Connection): void {
    this.#byId.delete(connection.id)
    const key = keyOf(connection.listener, connection)
    if (this.#byPeer.get(key) === connection) this.#byPeer.delete(key)
  }

  onConnectionClosed(connection: Connection): void {
    this.#all.delete(connection)
    if (connection.accepted) this.#forgetAccepted(connection.address)
    if (this.#all.size > 0) return
    if (this.#interval !== undefined) clearInterval(this.#interval)
    this.#interval = undefined
    this.#onAllClosed?.()
  }

  #sendTo(bytes: Buffer, peer: Peer, listener: ListenerInfo): void {
    const connection = this.#byPeer.get(keyOf(listener, peer)) ?? this.#open(peer, listener)
    connection?.write(bytes, peer)
  }

  #open(peer: Peer, listener: ListenerInfo): Connection | undefined {
    const { protocol, address, port, tls } = peer
    const refusal = this.#refusalFor(address, port)
    if (refusal !== undefined) {
      this.#context.errors.report({ kind: refusal.kind, protocol, address, port, tls, detail: refusal.detail })
      return undefined
    }
    if (protocol === 'tls') return this.#openTls(peer, listener)
    const socket = connect({
      host: address,
      port,
      localAddress: listener.address,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    })
    return this.#add({ socket, listener, address, port, accepted: false })
  }

  #openTls(peer: Peer, listener: ListenerInfo): Connection | undefined {
    const { protocol, address, port, tls } = peer
    let socket: TLSSocket
    try {
      if (this.#certificates === undefined) throw new Fault('edge_unavailable', 'no TLS certificate is configured')
      socket = connectTls(peer, listener, this.#certificates)
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      this.#context.errors.report({ kind: 'tls', protocol, address, port, tls, detail })
      return undefined
    }
    socket.setKeepAlive(true, keepAliveDelayMs)
    const findFault = (): string | undefined => findProofFault(socket, peer)
    return this.#add({ socket, listener, address, port, accepted: false, tls, findFault })
  }

  #refusalFor(address: string, port: number): { kind: TransportErrorKind; detail: string } | undefined {
    if (port < 1 || port > 65_535) return { kind: 'unreachable', detail: `${port} is no port` }
    if (isIP(address) === 0) return { kind: 'unreachable', detail: 'not an IP address' }
    return this.#makeRoom() ? undefined : { kind: 'other', detail: 'too many connections' }
  }

  #add(parts: Omit<ConnectionParts, 'id'>): Connection {
    this.#lastId += 1
    const connection = new Connection({ id: this.#lastId, ...parts }, this.#context, this)
    this.#all.add(connection)
    this.#byId.set(connection.id, connection)
    this.#byPeer.set(keyOf(parts.listener, parts), connection)
    this.#interval ??= setInterval(this.#checkDeadlines, checkMs)
    return connection
  }

  /** A connection of ours takes the place of the accepted one that has been silent longest: strangers cannot lock us in. */
  #makeRoom(): boolean {
    if (this.#all.size + this.#reserved < this.#context.limits.connectionsMax) return true
    let quietest: Connection | undefined
    for (const one of this.#all)
      if (one.accepted && one.isUsable && (quietest === undefined || one.lastActivityMs < quietest.lastActivityMs))
        quietest = one
    quietest?.drop('closed', 'its place was needed')
    return quietest !== undefined
  }

  #forgetAccepted(address: string): void {
    const left = (this.#acceptedByAddress.get(address) ?? 1) - 1
    if (left === 0) this.#acceptedByAddress.delete(address)
    else this.#acceptedByAddress.set(address, left)
  }

  readonly #checkDeadlines = (): void => {
    const nowMs = this.#context.clock.nowMs()
    for (const connection of this.#all) connection.checkDeadlines(nowMs)
  }
}
