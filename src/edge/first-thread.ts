// On a further signalling thread: the first one. Its sockets, what it knows of gateways and devices, and its guard, as far as
// calls need them; what is asked of it goes through the link.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { bound } from '../base/limits.ts'
import type { CallTransport, GatewayEvidence } from '../call/context.ts'
import type { IpAddress } from '../contract/address.ts'
import { addressText, parseAddress } from '../contract/address.ts'
import type { DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import { isConfiguredAddress } from '../policy/identify.ts'
import type { TargetHealth } from '../policy/verdict.ts'
import type { Binding } from '../registrar/binding.ts'
import type { Flow, ListenerInfo, Protocol, Target } from '../sip/flow.ts'
import { localAddresses } from '../transport/local-address.ts'
import { OwnListeners } from '../transport/own-listeners.ts'
import type { CrewOptions, FirstThreadView } from './crew.ts'
import type { Edge } from './edge.ts'
import type { RingRecord } from './hand-over-ring.ts'
import { targetsOfBindings } from './phones.ts'
import { recordKinds, ThreadLink } from './thread-link.ts'
import type { LinkParts, LinkUser } from './thread-link.ts'
import { evidenceKinds } from './thread-news.ts'
import type { ThreadNews } from './thread-news.ts'

export interface FirstThreadParts {
  readonly crew: CrewOptions
  readonly clock: Clock
  readonly log: Log
}

/** A source that is no stranger is told again after this time. */
const trustAgainMs = 60_000

export class FirstThread implements CallTransport, FirstThreadView, LinkUser {
  readonly #parts: FirstThreadParts
  readonly #link: ThreadLink
  readonly #own: OwnListeners
  readonly #health = new Map<string, TargetHealth>()
  readonly #bindings = new Map<string, readonly Binding[]>()
  /** How many contacts were registered from each address. */
  readonly #addresses = new Map<string, number>()
  /** When it was told of whom. */
  readonly #trusted = new Map<string, number>()
  #edge: Edge | undefined

  constructor(parts: FirstThreadParts) {
    this.#parts = parts
    const { crew, log } = parts
    this.#own = new OwnListeners(crew.listeners, localAddresses())
    this.#link = new ThreadLink(crew.links[0] as LinkParts, false, log, this)
  }

  /** What comes is handed to it from now on. */
  use(edge: Edge): void {
    this.#edge = edge
    this.drain()
  }

  /** What the first thread has told before now is known after this. */
  drain(): void {
    this.#link.drain()
  }

  /** More has come than is handled in one turn. */
  get hasMore(): boolean {
    return this.#link.hasMore
  }

  /** Everything that was asked of it is on its way. */
  get isEmpty(): boolean {
    return this.#link.isEmpty
  }

  close(): void {
    this.#link.close()
  }

  send(bytes: Buffer, target: Target): void {
    const { address, port, listener, connection = -1, watched, tls } = target
    const more = watched === undefined && tls === undefined ? '' : JSON.stringify({ watched, tls })
    this.#link.write({ kind: recordKinds.send, a: listener.id, b: port, c: connection, text: address, more, bytes })
  }

  reply(bytes: Buffer, flow: Flow, port: number): void {
    const { listener, address, connection } = flow
    this.#link.write({
      kind: recordKinds.reply,
      a: listener.id,
      b: port,
      c: connection,
      d: flow.port,
      text: address,
      bytes,
    })
  }

  findListener(protocol: Protocol, address: string, name: string | null): ListenerInfo | undefined {
    return this.#own.find(protocol, address, name)
  }

  isOwnAddress(address: string, port: number): boolean {
    return this.#own.isOwn(address, port)
  }

  readonly health = { find: (key: string): TargetHealth | undefined => this.#health.get(key) }

  readonly contacts = {
    targetsOf: (endpoint: DirectoryEndpoint): readonly GatewayTarget[] => {
      const { sipUser } = endpoint
      return sipUser === undefined ? [] : targetsOfBindings(endpoint, sipUser, this.#bindings.get(sipUser.id) ?? [])
    },
    isRegisteredFrom: (address: string): boolean => this.#addresses.has(address),
  }

  readonly evidence: GatewayEvidence = {
    onAttempt: (key) => this.#tellEvidence('onAttempt', key),
    onReply: (key) => this.#tellEvidence('onReply', key),
    onFirstReplyTimeout: (key, ms) => this.#tellEvidence('onFirstReplyTimeout', key, ms),
    onTransportError: (key, detail) => this.#tellEvidence('onTransportError', key, 0, detail),
    onRetryAfter: (key, seconds) => this.#tellEvidence('onRetryAfter', key, seconds),
  }

  readonly gate = {
    /** The first thread has looked before it handed the message over. */
    findDrop: () => undefined,
    isStranger: (address: string): boolean => {
      if (this.#trusted.has(address) || this.contacts.isRegisteredFrom(address)) return false
      const ip = parseAddress(address)
      return ip === undefined || this.#edge === undefined || !isConfiguredAddress(this.#edge.directory, ip)
    },
    trust: (address: string): void => {
      const nowMs = this.#parts.clock.nowMs()
      if (nowMs - (this.#trusted.get(address) ?? -Infinity) < trustAgainMs) return
      if (this.#trusted.size >= bound('trustedSourcesMax')) this.#trusted.clear()
      this.#trusted.set(address, nowMs)
      this.#tell({ type: 'trust', address })
    },
    onRejected: (address: string, reason: string, sample: string): void =>
      this.#tell({ type: 'rejected', address, reason, sample }),
  }

  tellWrongAnswer(ip: IpAddress): void {
    this.#tell({ type: 'wrongAnswer', address: addressText(ip) })
  }

  #tell(news: ThreadNews): void {
    this.#link.write({ kind: recordKinds.news, text: JSON.stringify(news) })
  }

  #tellEvidence(kind: keyof GatewayEvidence, key: string, number = 0, more = ''): void {
    this.#link.write({ kind: recordKinds.evidence, a: evidenceKinds.indexOf(kind), b: number, text: key, more })
  }

  onRecord(record: Readonly<RingRecord>): void {
    if (record.kind === recordKinds.message) this.#takeMessage(record)
    else this.#takeNews(JSON.parse(record.text) as ThreadNews)
  }

  #takeMessage({ a, b: port, c: connection, text: address, more, bytes }: Readonly<RingRecord>): void {
    const { crew } = this.#parts
    const listener = crew.listeners[a]
    if (listener === undefined || bytes === undefined) return
    const flow: Flow = { listener, address, port, connection }
    this.#edge?.onMessage(bytes, more === '' ? flow : { ...flow, peerNames: JSON.parse(more) as string[] })
  }

  #takeNews(news: ThreadNews): void {
    if (news.type === 'health') {
      if (news.health === null) this.#health.delete(news.key)
      else this.#health.set(news.key, news.health)
    } else if (news.type === 'bindings') this.#setBindings(news.userId, news.bindings)
    else if (news.type === 'peerError') this.#edge?.onPeerError(news.error)
    else if (news.type === 'wrongAnswer') {
      const ip = parseAddress(news.address)
      if (ip !== undefined) this.#edge?.noteWrongAnswer(ip)
    }
  }

  #setBindings(userId: string, bindings: readonly Binding[]): void {
    const before = this.#bindings.get(userId) ?? []
    for (const { flow } of before) this.#countAddress(flow.address, -1)
    for (const { flow } of bindings) this.#countAddress(flow.address, 1)
    if (bindings.length === 0) this.#bindings.delete(userId)
    // The newest first.
    else this.#bindings.set(userId, bindings.toReversed())
  }

  #countAddress(address: string, amount: number): void {
    const count = (this.#addresses.get(address) ?? 0) + amount
    if (count === 0) this.#addresses.delete(address)
    else this.#addresses.set(address, count)
  }
}
