// One stream connection: cuts what comes into messages, writes what goes, answers keep-alives (RFC 5626 3.5.1), and
// knows its own deadlines. Which connection serves whom is for connections.ts.
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Flow, ListenerInfo, Peer, TlsPeer, TransportErrorKind } from '../sip/flow.ts'
import { peerKey } from '../sip/flow.ts'
import { StreamFramer } from '../sip/stream-framer.ts'
import { errorKind } from './peer-errors.ts'
import { sendFaultText } from './send-faults.ts'
import type { TransportContext } from './receiver.ts'
import { handshakeText, isTlsError } from './tls-connect.ts'

export interface ConnectionOwner {
  /** No more messages in or out: it must not be used again. Said once. */
  onConnectionEnded(connection: Connection): void
  /** The socket is gone. Said once, after onConnectionEnded. */
  onConnectionClosed(connection: Connection): void
}

export interface ConnectionParts {
  readonly id: number
  readonly listener: ListenerInfo
  readonly socket: Socket
  readonly accepted: boolean
  readonly address: string
  readonly port: number
  /** TLS that the peer opened: what its certificate proved. */
  readonly peerNames?: readonly string[]
  /** TLS that we open: whom we expect. */
  readonly tls?: Pick<TlsPeer, 'identity'> | undefined
  /** Asked after the handshake: why the far end is not the one we expect. */
  readonly findFault?: () => string | undefined
}

type State = 'connecting' | 'open' | 'ended' | 'closed'

// 64*T1 (RFC 3261 17): no transaction waits longer for a reply to what was sent.
const transactionMs = 32_000
// Peers that one connection serves besides the one at its other end (RFC 5923); more are not told of its end.
const otherPeersMax = 16
// A connection that has ended may still hand over what was written.
const lingerMs = 2_000

export class Connection {
  readonly id: number
  readonly listener: ListenerInfo
  readonly address: string
  readonly port: number
  /** Whether the peer opened it. */
  readonly accepted: boolean
  readonly tls: Pick<TlsPeer, 'identity'> | undefined
  readonly #flow: Flow
  readonly #socket: Socket
  readonly #isTls: boolean
  readonly #findFault: (() => string | undefined) | undefined
  readonly #context: TransportContext
  readonly #owner: ConnectionOwner
  readonly #framer = new StreamFramer()
  readonly #otherPeers = new Map<string, { readonly peer: Peer; sentMs: number }>()
  #state: State
  /** When the state began. */
  #sinceMs: number
  #lastActivityMs: number
  #sentMs = Number.NEGATIVE_INFINITY
  #hasSpoken = false
  /** Its framing is lost: nothing is read any more. */
  #isBroken = false
  #messageStartMs: number | undefined
  /** What waits for the proof of a TLS peer: it gets nothing before. */
  #unproved: Buffer[] = []
  #unprovedBytes = 0
  #tcpIsOpen: boolean

  constructor(parts: ConnectionParts, context: TransportContext, owner: ConnectionOwner) {
    this.id = parts.id
    this.listener = parts.listener
    this.address = parts.address
    this.port = parts.port
    this.accepted = parts.accepted
    const { id: connection, listener, address, port, peerNames = [] } = parts
    this.#flow = { listener, address, port, connection, ...(peerNames.length === 0 ? {} : { peerNames }) }
    this.tls = parts.tls
    this.#socket = parts.socket
    this.#isTls = parts.socket instanceof TLSSocket
    this.#findFault = parts.findFault
    this.#tcpIsOpen = parts.accepted
    this.#context = context
    this.#owner = owner
    this.#state = parts.accepted ? 'open' : 'connecting'
    this.#sinceMs = context.clock.nowMs()
    this.#lastActivityMs = this.#sinceMs
    this.#listen()
  }

  /** Still good for sending; what is written while it connects goes out when it is open. */
  get isUsable(): boolean {
    return this.#state === 'open' || this.#state === 'connecting'
  }

  get lastActivityMs(): number {
    return this.#lastActivityMs
  }

  /** Bytes of a message that is not whole yet. */
  get pendingBytes(): number {
    return this.#framer.pendingBytes
  }

  /** Writes one message for `peer`, who is told if the connection ends before a reply can have come. */
  write(bytes: Buffer, peer: Peer): void {
    const nowMs = this.#context.clock.nowMs()
    this.#lastActivityMs = nowMs
    this.#remember(peer, nowMs)
    if (this.#isTls && this.#state === 'connecting') {
      this.#unproved.push(bytes)
      this.#unprovedBytes += bytes.length
    } else this.#socket.write(bytes)
    this.#shedIfFull()
  }

  /** Ends what is over its time; called every quarter of a second. */
  checkDeadlines(nowMs: number): void {
    const { limits } = this.#context
    const inStateMs = nowMs - this.#sinceMs
    if (this.#state === 'connecting') {
      if (inStateMs >= limits.connectMs) this.#dropUnopened(limits.connectMs)
    } else if (this.#state === 'ended') {
      if (inStateMs >= lingerMs) this.#socket.destroy()
    } else if (this.#messageStartMs !== undefined && nowMs - this.#messageStartMs >= limits.connectionHeaderMs) {
      this.#closeLate('a started message was not completed')
    } else if (!this.#hasSpoken && this.accepted && inStateMs >= limits.connectionSilentMs) {
      this.#closeLate('no message came')
    } else if (nowMs - this.#lastActivityMs >= limits.connectionIdleMs) {
      this.drop('closed', 'idle')
    }
  }

  /** Ends it at once; what was not sent is lost. */
  drop(kind: TransportErrorKind, detail: string): void {
    this.#end(kind, detail)
    this.#socket.destroy()
  }

  /** Hands what was written to the kernel, then closes. */
  finish(): void {
    const connecting = this.#state === 'connecting'
    this.#end(undefined, '')
    if (connecting) this.#socket.destroy()
    else this.#socket.end(() => this.#socket.destroy())
  }

  /** Closes without caring for anything. */
  destroy(): void {
    this.#socket.destroy()
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('connect', () => {
      this.#tcpIsOpen = true
      if (!this.#isTls) this.#onOpen()
    })
    socket.on('secureConnect', () => this.#onHandshake())
    socket.on('data', (bytes) => this.#onData(bytes))
    socket.on('end', () => {
      if (this.#isShaking) this.#end('tls', 'the peer ended the TLS handshake')
      else this.#end('closed', 'the peer closed the connection')
    })
    socket.on('error', (error) => this.#onError(error))
    socket.on('close', () => {
      this.#end('closed', 'the connection was closed')
      this.#state = 'closed'
      this.#owner.onConnectionClosed(this)
    })
  }

  #onHandshake(): void {
    if (this.#state !== 'connecting') return
    const fault = this.#findFault?.()
    if (fault !== undefined) {
      this.drop('tls', fault)
      return
    }
    this.#onOpen()
    for (const bytes of this.#unproved) this.#socket.write(bytes)
    this.#unproved = []
    this.#unprovedBytes = 0
  }

  /** The TLS handshake is under way, on a stream that is open. */
  get #isShaking(): boolean {
    return this.#isTls && this.#tcpIsOpen && this.#state === 'connecting'
  }

  #onError(error: Error): void {
    if (this.#isShaking || isTlsError(error)) this.#end('tls', handshakeText(error))
    else if (this.#state === 'connecting') this.#end(errorKind(error), sendFaultText(error, this.listener, this))
    else this.#end(errorKind(error), error.message)
  }

  #dropUnopened(waitedMs: number): void {
    if (this.#isShaking) this.drop('tls', `no TLS handshake within ${waitedMs} ms`)
    else this.drop('timeout', `no connection within ${waitedMs} ms`)
  }

  #onOpen(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'open'
    this.#sinceMs = this.#context.clock.nowMs()
    this.#lastActivityMs = this.#sinceMs
  }

  #onData(bytes: Buffer): void {
    if (!this.isUsable || this.#isBroken || this.#state === 'connecting') return
    const nowMs = this.#context.clock.nowMs()
    this.#lastActivityMs = nowMs
    this.#framer.push(bytes)
    for (let next = this.#framer.next(); next !== undefined; next = this.#framer.next()) {
      this.#hasSpoken = true
      this.#messageStartMs = undefined
      if (!Buffer.isBuffer(next)) {
        this.#context.receiver.onStreamFault(next, this.#flow)
        this.#endAfterFault()
        return
      }
      this.#context.receiver.onMessage(next, this.#flow)
      if (!this.isUsable) return
    }
    this.#answerPings()
    this.#messageStartMs = this.#framer.pendingBytes === 0 ? undefined : (this.#messageStartMs ?? nowMs)
  }

  #answerPings(): void {
    const pings = this.#framer.takePings()
    if (pings === 0) return
    this.#hasSpoken = true
    this.#socket.write('\r\n'.repeat(pings))
    this.#shedIfFull()
  }

  /** The answer goes out, then our end closes; what still comes is thrown away, so that no RST overtakes the answer. */
  #endAfterFault(): void {
    const { faultLingerMs } = this.#context
    this.#isBroken = true
    const end = (): void => {
      this.#end('closed', 'framing is lost')
      this.#socket.end()
    }
    if (faultLingerMs === 0) end()
    else setTimeout(end, faultLingerMs).unref()
  }

  #closeLate(detail: string): void {
    const { address, port } = this
    this.#context.quietLog.warn('connection_late', { address, port, detail })
    this.drop('closed', detail)
  }

  #shedIfFull(): void {
    const unsent = this.#socket.writableLength + this.#unprovedBytes
    if (unsent <= this.#context.limits.connectionWriteBytesMax) return
    const { address, port } = this
    this.#context.quietLog.warn('connection_shed', { address, port, unsent })
    this.#remember(this.#flowPeer(), this.#context.clock.nowMs())
    this.#end('timeout', `the peer does not read: ${unsent} bytes are unsent`)
    if (this.#isTls) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }

  #remember(peer: Peer, nowMs: number): void {
    if (peer.port === this.port && peer.address === this.address && peer.tls?.identity === this.tls?.identity) {
      this.#sentMs = nowMs
      return
    }
    const key = peerKey(peer)
    const known = this.#otherPeers.get(key)
    if (known !== undefined) known.sentMs = nowMs
    else if (this.#otherPeers.size < otherPeersMax) this.#otherPeers.set(key, { peer, sentMs: nowMs })
  }

  /** The first call decides; `kind` undefined = our own wish, nobody is told. */
  #end(kind: TransportErrorKind | undefined, detail: string): void {
    if (!this.isUsable) return
    const nowMs = this.#context.clock.nowMs()
    this.#state = 'ended'
    this.#sinceMs = nowMs
    this.#owner.onConnectionEnded(this)
    if (kind === undefined) return
    const sent = [{ peer: this.#flowPeer(), sentMs: this.#sentMs }, ...this.#otherPeers.values()]
    for (const { peer, sentMs } of sent) {
      if (nowMs - sentMs > transactionMs) continue
      const { protocol, address, port, tls } = peer
      this.#context.errors.report({ kind, protocol, address, port, tls, detail })
    }
  }

  #flowPeer(): Peer {
    return { protocol: this.listener.protocol, address: this.address, port: this.port, tls: this.tls }
  }
}
