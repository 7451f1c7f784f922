// All stream connections: which one serves a target or an answer (RFC 3261 18, 18.2.2: found by address and
// port of the far end), opening new ones, caps in all and per address, and one clock tick for every deadline.
import type { Socket } from 'node:net'
import { connect, isIP } from 'node:net'
import type { Flow, ListenerInfo, Target, TransportErrorKind } from '../sip/flow.ts'
import type { ConnectionOwner } from './connection.ts'
import { Connection } from './connection.ts'
import { canonicalText } from './local-address.ts'
import type { TransportContext } from './receiver.ts'

const checkMs = 250
const closeWaitMs = 500
/** The system asks an idle peer whether it still lives. */
export const keepAliveDelayMs = 30_000

type Peer = Pick<Target, 'protocol' | 'address' | 'port'>

const keyOf = (listener: ListenerInfo, address: string, port: number): string => `${listener.id} ${address} ${port}`

export class Connections implements ConnectionOwner {
  readonly #context: TransportContext
  /** Everything whose socket lives, also what has ended. */
  readonly #all = new Set<Connection>()
  readonly #byId = new Map<number, Connection>()
  /** The newest usable connection to a peer's address and port, by whomever it was opened. */
  readonly #byPeer = new Map<string, Connection>()
  readonly #acceptedByAddress = new Map<string, number>()
  #lastId = 0
  #interval: NodeJS.Timeout | undefined
  #onAllClosed: (() => void) | undefined

  constructor(context: TransportContext) {
    this.#context = context
  }

  get count(): number {
    return this.#all.size
  }

  /** Takes a connection that a peer opened, or resets it when a cap is reached. */
  accept(socket: Socket, listener: ListenerInfo): void {
    const { remoteAddress, remotePort } = socket
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy()
      return
    }
    const address = canonicalText(remoteAddress)
    const fromAddress = this.#acceptedByAddress.get(address) ?? 0
    const { connectionsMax, connectionsPerAddressMax } = this.#context.limits
    if (this.#all.size >= connectionsMax || fromAddress >= connectionsPerAddressMax) {
      socket.on('error', () => undefined)
      socket.resetAndDestroy()
      this.#context.quietLog.warn('connection_refused', { address, fromAddress, connections: this.#all.size })
      return
    }
    this.#acceptedByAddress.set(address, fromAddress + 1)
    this.#add(socket, listener, { address, port: remotePort, accepted: true })
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
    const key = keyOf(connection.listener, connection.address, connection.port)
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
    const connection = this.#byPeer.get(keyOf(listener, peer.address, peer.port)) ?? this.#open(peer, listener)
    connection?.write(bytes, peer)
  }

  #open(peer: Peer, listener: ListenerInfo): Connection | undefined {
    const { protocol, address, port } = peer
    const refusal = this.#refusalFor(address, port)
    if (refusal !== undefined) {
      this.#context.errors.report({ kind: refusal.kind, protocol, address, port, detail: refusal.detail })
      return undefined
    }
    const socket = connect({
      host: address,
      port,
      localAddress: listener.address,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    })
    return this.#add(socket, listener, { address, port, accepted: false })
  }

  #refusalFor(address: string, port: number): { kind: TransportErrorKind; detail: string } | undefined {
    if (port < 1 || port > 65_535) return { kind: 'unreachable', detail: `${port} is no port` }
    if (isIP(address) === 0) return { kind: 'unreachable', detail: 'not an IP address' }
    return this.#makeRoom() ? undefined : { kind: 'other', detail: 'too many connections' }
  }

  #add(
    socket: Socket,
    listener: ListenerInfo,
    peer: { readonly address: string; readonly port: number; readonly accepted: boolean },
  ): Connection {
    this.#lastId += 1
    const connection = new Connection({ id: this.#lastId, listener, socket, ...peer }, this.#context, this)
    this.#all.add(connection)
    this.#byId.set(connection.id, connection)
    this.#byPeer.set(keyOf(listener, peer.address, peer.port), connection)
    this.#interval ??= setInterval(this.#checkDeadlines, checkMs)
    return connection
  }

  /** A connection of ours takes the place of the accepted one that has been silent longest: strangers cannot lock us in. */
  #makeRoom(): boolean {
    if (this.#all.size < this.#context.limits.connectionsMax) return true
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
