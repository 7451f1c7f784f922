// On the first signalling thread: the others. Hands them the messages that are theirs, does what they ask of the sockets, and
// tells them what only this thread knows.
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { CallTransport } from '../call/context.ts'
import type { IpAddress } from '../contract/address.ts'
import { addressText, parseAddress } from '../contract/address.ts'
import type { TargetHealth } from '../policy/verdict.ts'
import type { Binding } from '../registrar/binding.ts'
import type { Flow, ListenerInfo, Target, TransportError } from '../sip/flow.ts'
import type { CrewOptions } from './crew.ts'
import type { Edge } from './edge.ts'
import type { RingRecord } from './hand-over-ring.ts'
import { threadOf } from './ownership.ts'
import { recordKinds, ThreadLink } from './thread-link.ts'
import { evidenceKinds } from './thread-news.ts'
import type { ThreadNews } from './thread-news.ts'

export interface FurtherThreadsParts {
  readonly crew: CrewOptions
  readonly transport: CallTransport
  readonly listeners: readonly ListenerInfo[]
  readonly log: Log
}

export class FurtherThreads {
  readonly #parts: FurtherThreadsParts
  readonly #links: readonly ThreadLink[]
  #edge: Edge | undefined
  #handedOver: { readonly metrics: Metrics; readonly series: readonly number[] } | undefined

  constructor(parts: FurtherThreadsParts) {
    this.#parts = parts
    this.#links = parts.crew.links.map(
      (link, index) =>
        new ThreadLink(link, true, parts.log, {
          onRecord: (record) => this.#take(record, index),
        }),
    )
  }

  /** What the others ask for is done from now on. */
  use(edge: Edge): void {
    this.#edge = edge
    const { metrics } = edge.metrics
    const series = this.#links.map((_link, index) => metrics.series('handedOver', String(index + 2)))
    this.#handedOver = { metrics, series }
  }

  handOver(bytes: Buffer, flow: Flow): boolean {
    const { crew } = this.#parts
    const thread = threadOf(bytes, crew.threads)
    if (thread === 0) return false
    const { listener, address, port, connection, peerNames } = flow
    this.#links[thread - 1]?.write({
      kind: recordKinds.message,
      a: listener.id,
      b: port,
      c: connection,
      text: address,
      more: peerNames === undefined ? '' : JSON.stringify(peerNames),
      bytes,
    })
    const counted = this.#handedOver
    if (counted !== undefined) counted.metrics.add(counted.series[thread - 1] as number)
    return true
  }

  tellPeerError(error: TransportError): void {
    this.#tell({ type: 'peerError', error })
  }

  tellHealth(key: string, health: TargetHealth | undefined): void {
    this.#tell({ type: 'health', key, health: health ?? null })
  }

  tellBindings(userId: string, bindings: readonly Binding[]): void {
    this.#tell({ type: 'bindings', userId, bindings })
  }

  tellWrongAnswer(ip: IpAddress): void {
    this.#tell({ type: 'wrongAnswer', address: addressText(ip) })
  }

  #tell(news: ThreadNews, except?: number): void {
    const text = JSON.stringify(news)
    for (const [index, link] of this.#links.entries())
      if (index !== except) link.write({ kind: recordKinds.news, text })
  }

  #take(record: Readonly<RingRecord>, index: number): void {
    const { transport } = this.#parts
    const { kind, bytes } = record
    if (kind === recordKinds.send && bytes !== undefined) {
      const target = this.#targetOf(record)
      if (target !== undefined) transport.send(bytes, target)
    } else if (kind === recordKinds.reply && bytes !== undefined) {
      const flow = this.#flowOf(record)
      if (flow !== undefined) transport.reply(bytes, flow, record.b)
    } else if (kind === recordKinds.evidence) this.#takeEvidence(record)
    else this.#takeNews(JSON.parse(record.text) as ThreadNews, index)
  }

  #targetOf({ a, b, c, text: address, more }: Readonly<RingRecord>): Target | undefined {
    const listener = this.#parts.listeners[a]
    if (listener === undefined) return undefined
    const rest = more === '' ? {} : (JSON.parse(more) as Pick<Target, 'watched' | 'tls'>)
    const target = { ...rest, protocol: listener.protocol, address, port: b, listener }
    return c === -1 ? target : { ...target, connection: c }
  }

  #flowOf({ a, c, d: port, text: address }: Readonly<RingRecord>): Flow | undefined {
    const listener = this.#parts.listeners[a]
    return listener === undefined ? undefined : { listener, address, port, connection: c }
  }

  #takeEvidence({ a, b, text: key, more }: Readonly<RingRecord>): void {
    const probes = this.#edge?.probes
    const kind = evidenceKinds[a]
    if (probes === undefined || kind === undefined) return
    if (kind === 'onTransportError') probes.onTransportError(key, more)
    else if (kind === 'onFirstReplyTimeout' || kind === 'onRetryAfter') probes[kind](key, b)
    else probes[kind](key)
  }

  #takeNews(news: ThreadNews, index: number): void {
    const edge = this.#edge
    if (news.type === 'trust') edge?.guard.trust(news.address)
    else if (news.type === 'rejected') edge?.guard.onRejected(news.address, news.reason, news.sample)
    else if (news.type === 'wrongAnswer') {
      const ip = parseAddress(news.address)
      if (ip !== undefined) edge?.noteWrongAnswer(ip)
      this.#tell(news, index)
    }
  }

  /** Does what the others still asked for before they ended. */
  close(): void {
    for (const link of this.#links) {
      link.drain()
      link.close()
    }
  }
}
