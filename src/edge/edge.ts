// The signalling side as one object: transactions, calls, limits, health and counters on given sockets, clock and chance.
// The worker runs it on real sockets; the simulation runs it on a wire of its own.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { randomToken } from '../base/random.ts'
import { Timers } from '../base/timers.ts'
import { CallTable } from '../call/call-table.ts'
import { WaitingRoom } from '../call/waiting-room.ts'
import type { CallContext, CallTransport } from '../call/context.ts'
import type { IpAddress } from '../contract/address.ts'
import { DirectoryAssembly } from '../directory/assembly.ts'
import { frameBetween, partsBetween } from '../directory/delta.ts'
import type { DirectoryPart, PublishedFrame } from '../directory/delta.ts'
import type { Directory } from '../directory/directory.ts'
import { emptyDirectory } from '../directory/empty.ts'
import { NgClient } from '../media/ng-client.ts'
import { Failures } from '../policy/backoff.ts'
import { SharedFailureRows } from '../policy/failure-rows.ts'
import { Limits } from '../policy/limits.ts'
import { Suspensions } from '../policy/suspensions.ts'
import type { Flow, ListenerInfo, TransportError } from '../sip/flow.ts'
import { peerKey } from '../sip/flow.ts'
import type { ParseFault } from '../sip/parse.ts'
import { Transactions } from '../transaction/transactions.ts'
import { answerQuestion } from './answers.ts'
import { callBehind } from './call-behind.ts'
import { countingTransport } from './counting-transport.ts'
import type { EdgeCrew } from './crew.ts'
import { EdgeMetrics } from './edge-metrics.ts'
import { GatewayLogins } from './gateway-logins.ts'
import { Phones } from './phones.ts'
import { followUp } from './follow-up.ts'
import type { Followers } from './follow-up.ts'
import { failureText, GatewayProbes } from './gateway-probes.ts'
import { OutboundRegistrations } from './outbound-registrations.ts'
import { Guard } from './guard.ts'
import type { Gate } from './guard.ts'
import { Receiver } from './receive.ts'
import { sayBackoff } from './failure-report.ts'
import { Overload } from './overload.ts'
import { RecordQueue } from './record-queue.ts'
import { firstLineOf, Rejections } from './rejections.ts'
import type { EdgeQuestionName, UpMessage } from './seam.ts'
import { SharedWeights } from './shared-weight.ts'
import { TestCalls } from './test-calls.ts'
import { StatelessAnswers } from './stateless.ts'
import { Tracing } from './tracing.ts'
import type { TraceOptions } from './tracing.ts'

export interface EdgeParts {
  readonly transport: CallTransport
  readonly listeners: readonly ListenerInfo[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly up: (message: UpMessage) => void
  readonly trace: TraceOptions
  /** Runs work in a later turn of the thread; undefined = there is no other turn, everything runs at once. */
  readonly later?: ((work: () => void) => void) | undefined
  /** More datagrams wait than are read at once. Absent: never. */
  readonly isQueueLong?: (() => boolean) | undefined
  /** One datagram to rtpengine; undefined = none is configured. */
  readonly sendToMedia?: ((bytes: Buffer) => void) | undefined
  /** Undefined: this is the only signalling thread. */
  readonly crew?: EdgeCrew | undefined
}

const publishedPerTurnMax = bound('publishedPerTurnMax')
const flushEveryMs = 100

export class Edge {
  readonly parts: EdgeParts
  readonly timers: Timers
  readonly metrics: EdgeMetrics
  readonly transactions: Transactions
  readonly calls = new CallTable()
  readonly limits: Limits
  readonly failures: Failures
  readonly suspensions: Suspensions
  readonly probes: GatewayProbes
  readonly rejections: Rejections
  readonly guard: Guard
  readonly logins: GatewayLogins
  readonly registrations: OutboundRegistrations
  readonly phones: Phones
  readonly tracing: Tracing
  readonly overload: Overload
  readonly testCalls: TestCalls
  readonly context: CallContext
  readonly #media: NgClient | undefined
  readonly #gate: Gate
  readonly #receiver: Receiver
  readonly #records = new RecordQueue()
  #directory: Directory = emptyDirectory()
  /** The next directory, while its parts come. */
  #assembly: DirectoryAssembly | undefined
  readonly #weights = new SharedWeights()
  #stopped = false
  #nextFlushMs = 0
  #nextReapMs = 0
  /** When the next tick is to come. */
  #dueTickMs: number

  constructor(parts: EdgeParts) {
    this.parts = parts
    const { clock, random, log, crew } = parts
    const { book, isHome, onRouting } = crew ?? {}
    this.metrics = new EdgeMetrics(crew?.number)
    this.timers = new Timers(clock.nowMs(), (error, owner) => this.#onTimerBug(error, owner))
    this.#dueTickMs = clock.nowMs()
    this.transactions = new Transactions({
      clock,
      timers: this.timers,
      onRetransmission: (direction) => this.metrics.onRetransmission(direction),
    })
    const rows = book === undefined ? undefined : new SharedFailureRows(clock, book)
    this.failures = new Failures(clock, (change) => sayBackoff(log, this.#directory, change), rows)
    this.suspensions = new Suspensions(clock)
    this.limits = new Limits(clock, this.metrics.metrics, book)
    this.rejections = new Rejections(clock, this.metrics.metrics, log)
    this.guard = new Guard(this.#directory, clock, log)
    this.#gate = crew?.first?.gate ?? this.guard
    this.rejections.onRejected = (address, reason, sample) => this.#gate.onRejected(address, reason, sample)
    const counted = countingTransport(parts.transport, this.metrics, this.#gate)
    const { listeners, trace } = parts
    const { calls, metrics } = this
    this.tracing = new Tracing({ options: trace, clock, listeners, calls, metrics: metrics.metrics })
    const transport = this.tracing.traced(counted)
    this.logins = new GatewayLogins(random)
    const { logins, timers, transactions } = this
    const wire = { ...parts, transport: counted, timers, transactions, isHome }
    this.probes = new GatewayProbes({ ...wire, logins, onRouting })
    const onRefused = (id: string, reason: string | undefined): void => this.probes.onRegistration(id, reason)
    this.registrations = new OutboundRegistrations({ ...wire, logins, onRefused })
    this.phones = new Phones(wire)
    this.#media = this.#openMedia()
    this.context = this.#makeContext(transport)
    this.testCalls = this.#openTestCalls()
    this.overload = this.#openOverload(counted)
    this.#receiver = new Receiver({
      overload: this.overload,
      context: this.context,
      listeners: parts.listeners,
      metrics: this.metrics,
      rejections: this.rejections,
      phones: this.phones,
      isRegisteredFrom: (address) => (crew?.first?.contacts ?? this.phones).isRegisteredFrom(address),
      sharedDigest: crew?.digest,
      guard: this.#gate,
      tracing: this.tracing,
      stateless: new StatelessAnswers(this.tracing.tracedForStrays(counted), randomToken(random, 16)),
      onBug: (error) => this.#onBug(error),
    })
  }

  /** On a further thread, what is known of gateways and devices comes from the first one. */
  #makeContext(transport: CallTransport): CallContext {
    const { clock, random, crew } = this.parts
    const { timers, transactions, limits, failures, suspensions, metrics, calls, logins } = this
    return {
      clock,
      timers,
      random,
      transactions,
      transport,
      limits,
      failures,
      health: crew?.first?.health ?? this.probes,
      contacts: crew?.first?.contacts ?? this.phones,
      suspensions,
      evidence: crew?.first?.evidence ?? this.probes,
      metrics,
      calls,
      waiting: new WaitingRoom({ clock, timers, limits }),
      logins,
      isHome: crew?.isHome,
      media: this.#media,
      directory: () => this.#directory,
      onRecord: (record) => {
        this.#records.add(record)
        this.tracing.onRecord(record)
      },
    }
  }

  #openTestCalls(): TestCalls {
    const { context, tracing, parts } = this
    const { metrics } = this.metrics
    return new TestCalls({ context, listeners: parts.listeners, tracing, metrics, draining: () => this.draining })
  }

  #openOverload(transport: CallTransport): Overload {
    const { metrics, transactions } = this
    const { later } = this.parts
    const isQueueLong = this.parts.isQueueLong ?? (() => false)
    const directory = (): Directory => this.#directory
    const isStranger = (address: string): boolean => this.#gate.isStranger(address)
    const handle = (bytes: Buffer, flow: Flow): void => this.#receiver.onMessage(bytes, flow)
    const own = { metrics, later, isQueueLong, handle, directory, isStranger, transactions, transport }
    return new Overload({ ...this.parts, ...own })
  }

  #openMedia(): NgClient | undefined {
    const { clock, random, log, sendToMedia } = this.parts
    const { timers } = this
    const onTrouble = (detail: string | undefined): void =>
      detail === undefined ? log.info('media relay answers again') : log.error('media relay', { detail })
    return sendToMedia === undefined ? undefined : new NgClient({ clock, timers, random, send: sendToMedia, onTrouble })
  }

  /** The media relay answered something. */
  onMediaDatagram(bytes: Buffer): void {
    try {
      this.#media?.receive(bytes)
    } catch (bug) {
      this.#onBug(bug)
    }
  }

  get directory(): Directory {
    return this.#directory
  }

  get draining(): boolean {
    return this.#receiver.draining
  }

  onMessage(bytes: Buffer, flow: Flow): void {
    const drop = this.#gate.findDrop(flow.address)
    const { crew } = this.parts
    if (drop === undefined && crew?.handOver?.(bytes, flow) === true) return
    if (drop === undefined) {
      if (!this.overload.defers(bytes, flow)) this.#receiver.onMessage(bytes, flow)
      return
    }
    this.rejections.add(flow, drop, firstLineOf(bytes))
  }

  onStreamFault(fault: ParseFault, flow: Flow): void {
    const drop = this.guard.findDrop(flow.address)
    if (drop === undefined) this.#receiver.onFault(fault, flow)
    else this.rejections.add(flow, drop, fault.reason)
  }

  onPeerError(error: TransportError): void {
    try {
      this.transactions.failPeer(peerKey(error), failureText(error))
    } catch (bug) {
      this.#onBug(bug)
    }
  }

  /** A bug of ours costs one timer, one message or one report, never the thread. */
  #onBug(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    this.parts.log.error('internal error', { error: String(error), stack })
  }

  #onTimerBug(error: unknown, owner: unknown): void {
    this.#onBug(error)
    callBehind(owner)?.abort()
  }

  /** A whole directory, for those who run the edge in their own thread. */
  publish(directory: Directory): void {
    const before = this.#directory
    for (const part of partsBetween(before, directory, publishedPerTurnMax)) this.takePart(part)
    this.swap(frameBetween(before, directory))
  }

  /** Lays a part of the next directory beside the one in force; the sender waits until it is taken. */
  takePart(part: DirectoryPart): void {
    this.#assembly ??= new DirectoryAssembly(this.#directory)
    this.#assembly.take(part)
    this.parts.up({ type: 'taken' })
  }

  /** Swaps the directory in one step. Running calls keep the one they were admitted under; what follows it takes turns. */
  swap(frame: PublishedFrame): void {
    const assembly = this.#assembly ?? new DirectoryAssembly(this.#directory)
    this.#assembly = undefined
    const { directory, changes } = assembly.finish(frame)
    this.#directory = directory
    this.#weights.add(Object.values(frame.fields))
    this.guard.use(directory)
    this.limits.use(directory)
    if (this.parts.crew?.first === undefined) this.phones.use(directory)
    this.metrics.onRevision(directory.revision)
    this.#follow(followUp(this.#followers(), directory, changes))
  }

  /** On a further thread, health, registrations and devices are the first one's. */
  #followers(): Followers {
    const { context, limits, logins } = this
    if (this.parts.crew?.first === undefined) return this
    return { context, limits, logins, probes: undefined, registrations: undefined, phones: undefined }
  }

  /** One turn of what follows a publication; the next one comes when others had theirs. */
  #follow(steps: Iterator<undefined>): void {
    const { later, up } = this.parts
    if (this.#stopped) return
    const most = later === undefined ? Infinity : publishedPerTurnMax
    try {
      for (let count = 0; count < most; count++)
        if (steps.next().done === true) {
          up({ type: 'published', revision: this.#directory.revision })
          return
        }
      later?.(() => this.#follow(steps))
    } catch (bug) {
      // The directory is in force; whoever waits for that must not wait for ever.
      this.#onBug(bug)
      up({ type: 'published', revision: this.#directory.revision })
    }
  }

  /** Turns the timer wheel and hands records up. Gives the milliseconds until the next time (`Timers.onEarlier` shortens it). */
  tick(): number {
    const nowMs = this.parts.clock.nowMs()
    this.metrics.onPause(Math.max(0, nowMs - this.#dueTickMs) / 1_000)
    this.timers.advance(nowMs)
    this.rejections.tick(nowMs)
    this.guard.tick(nowMs)
    this.overload.tick(nowMs)
    if (nowMs >= this.#nextFlushMs) this.#flush(nowMs, false)
    if (nowMs >= this.#nextReapMs) this.#reap(nowMs)
    const waitMs = this.timers.sleep(nowMs, flushEveryMs)
    this.#dueTickMs = nowMs + waitMs
    return waitMs
  }

  /** Leases without a call are a bug: they are given back and told. */
  #reap(nowMs: number): void {
    this.#nextReapMs = nowMs + bound('reapSeconds') * 1_000
    for (const { callId, name } of this.limits.reap((id) => this.calls.find(id) !== undefined))
      this.parts.log.error('channel without a call given back', { call: callId, scope: name })
  }

  #flush(nowMs: number, all: boolean): void {
    this.#nextFlushMs = nowMs + flushEveryMs
    const batch = this.#records.take()
    if (batch !== undefined) this.parts.up({ type: 'records', ...batch })
    this.tracing.flush(this.parts.up, all)
  }

  /** A wrong digest answer came to another thread: it counts here, too. */
  noteWrongAnswer(ip: IpAddress): void {
    this.#receiver.noteWrongAnswer(ip)
  }

  answer(id: number, name: EdgeQuestionName, ask: unknown): void {
    try {
      this.parts.up({ type: 'answer', id, answer: answerQuestion(this, name, ask), error: null })
    } catch (error) {
      this.parts.up({ type: 'answer', id, answer: null, error: error instanceof Error ? error.message : String(error) })
    }
  }

  /** New INVITEs get 503 from now on; running calls go on. */
  drain(): void {
    this.#receiver.draining = true
  }

  /** Ends what still runs and hands up the last records. */
  stop(): void {
    this.#stopped = true
    this.drain()
    this.probes.stop()
    this.registrations.stop()
    this.phones.stop()
    for (const call of this.calls.values()) call.release('drained', 'Tollgate was stopped')
    this.#flush(this.parts.clock.nowMs(), true)
  }

  /** Resolves when the registrars know that we are gone, or after a second. */
  async registrationsEnded(turnsLeft = 100): Promise<void> {
    if (turnsLeft === 0 || this.registrations.count === 0) return
    await new Promise((resolve) => {
      setTimeout(resolve, 10)
    })
    await this.registrationsEnded(turnsLeft - 1)
  }

  /** What must be zero when nothing runs; for tests and the simulation. */
  leftovers(): { calls: number; legs: number; transactions: number; timers: number } {
    return {
      calls: this.calls.count,
      legs: this.calls.legCount,
      transactions: this.transactions.count,
      timers: this.timers.count,
    }
  }
}
