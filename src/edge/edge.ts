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
import { DirectoryAssembly } from '../directory/assembly.ts'
import { frameBetween, partsBetween } from '../directory/delta.ts'
import type { DirectoryPart, PublishedFrame } from '../directory/delta.ts'
import type { Directory } from '../directory/directory.ts'
import { emptyDirectory } from '../directory/empty.ts'
import { NgClient } from '../media/ng-client.ts'
import { Failures } from '../policy/backoff.ts'
import { Limits } from '../policy/limits.ts'
import { Suspensions } from '../policy/suspensions.ts'
import type { Flow, ListenerInfo, TransportError } from '../sip/flow.ts'
import { peerKey } from '../sip/flow.ts'
import type { ParseFault } from '../sip/parse.ts'
import { Transactions } from '../transaction/transactions.ts'
import { answerQuestion } from './answers.ts'
import { callBehind } from './call-behind.ts'
import { EdgeMetrics } from './edge-metrics.ts'
import { GatewayLogins } from './gateway-logins.ts'
import { Phones } from './phones.ts'
import { followUp } from './follow-up.ts'
import { failureText, GatewayProbes } from './gateway-probes.ts'
import { OutboundRegistrations } from './outbound-registrations.ts'
import { Guard } from './guard.ts'
import { Receiver } from './receive.ts'
import { sayBackoff } from './failure-report.ts'
import { Overload } from './overload.ts'
import type { QueueAge } from './overload.ts'
import { RecordQueue } from './record-queue.ts'
import { Rejections } from './rejections.ts'
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
  /** Undefined = never behind. */
  readonly queueAgeMs?: QueueAge | undefined
  /** Runs work in a later turn of the thread; undefined = there is no other turn, everything runs at once. */
  readonly later?: ((work: () => void) => void) | undefined
  /** More datagrams wait than are read at once. Absent: never. */
  readonly isQueueLong?: (() => boolean) | undefined
  /** One datagram to rtpengine; undefined = none is configured. */
  readonly sendToMedia?: ((bytes: Buffer) => void) | undefined
}

const publishedPerTurnMax = bound('publishedPerTurnMax')
const flushEveryMs = 100
const sampleMax = 120

/** Of a packet that nobody parses. */
function firstLineOf(bytes: Buffer): string {
  const end = bytes.indexOf(0x0d)
  return bytes.toString('latin1', 0, Math.min(end === -1 ? bytes.length : end, sampleMax))
}

export class Edge {
  readonly parts: EdgeParts
  readonly timers: Timers
  readonly metrics = new EdgeMetrics()
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
    const { clock, random, log } = parts
    this.timers = new Timers(clock.nowMs(), (error, owner) => this.#onTimerBug(error, owner))
    this.#dueTickMs = clock.nowMs()
    this.transactions = new Transactions({
      clock,
      timers: this.timers,
      onRetransmission: (direction) => this.metrics.onRetransmission(direction),
    })
    this.failures = new Failures(clock, (change) => sayBackoff(log, this.#directory, change))
    this.suspensions = new Suspensions(clock)
    this.limits = new Limits(clock, this.metrics.metrics)
    this.rejections = new Rejections(clock, this.metrics.metrics, log)
    this.guard = new Guard(this.#directory, clock, log)
    this.rejections.onRejected = (address, reason, sample) => this.guard.onRejected(address, reason, sample)
    const counted = this.#countingTransport(parts.transport)
    const { listeners, trace } = parts
    const { calls, metrics } = this
    this.tracing = new Tracing({ options: trace, clock, listeners, calls, metrics: metrics.metrics })
    const transport = this.tracing.traced(counted)
    this.logins = new GatewayLogins(random)
    const { logins, timers, transactions } = this
    this.probes = new GatewayProbes({ ...parts, transport: counted, timers, transactions, logins })
    const onRefused = (id: string, reason: string | undefined): void => this.probes.onRegistration(id, reason)
    const registrationParts = { ...parts, transport: counted, timers, transactions, logins, onRefused }
    this.registrations = new OutboundRegistrations(registrationParts)
    this.phones = new Phones({ ...parts, transport: counted, timers, transactions })
    this.#media = this.#openMedia()
    this.context = {
      clock,
      timers: this.timers,
      random,
      transactions: this.transactions,
      transport,
      limits: this.limits,
      failures: this.failures,
      health: this.probes,
      contacts: this.phones,
      suspensions: this.suspensions,
      evidence: this.probes,
      metrics: this.metrics,
      calls: this.calls,
      waiting: new WaitingRoom({ clock, timers: this.timers, limits: this.limits }),
      logins: this.logins,
      media: this.#media,
      directory: () => this.#directory,
      onRecord: (record) => {
        this.#records.add(record)
        this.tracing.onRecord(record)
      },
    }
    this.testCalls = this.#openTestCalls()
    this.overload = this.#openOverload(counted)
    this.#receiver = new Receiver({
      overload: this.overload,
      context: this.context,
      listeners: parts.listeners,
      metrics: this.metrics,
      rejections: this.rejections,
      phones: this.phones,
      guard: this.guard,
      tracing: this.tracing,
      stateless: new StatelessAnswers(this.tracing.tracedForStrays(counted), randomToken(random, 16)),
      onBug: (error) => this.#onBug(error),
    })
  }

  #openTestCalls(): TestCalls {
    const { context, tracing, parts } = this
    const { metrics } = this.metrics
    return new TestCalls({ context, listeners: parts.listeners, tracing, metrics, draining: () => this.draining })
  }

  #openOverload(transport: CallTransport): Overload {
    const { metrics, transactions } = this
    const queueAgeMs = this.parts.queueAgeMs ?? (() => 0)
    const isQueueLong = this.parts.isQueueLong ?? (() => false)
    const directory = (): Directory => this.#directory
    return new Overload({ ...this.parts, metrics, queueAgeMs, isQueueLong, directory, transactions, transport })
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

  /** Every message that leaves is counted here. */
  #countingTransport(inner: CallTransport): CallTransport {
    return {
      send: (bytes, target) => {
        this.metrics.onSent(bytes, target.protocol)
        this.guard.trust(target.address)
        inner.send(bytes, target)
      },
      reply: (bytes, flow, port) => {
        this.metrics.onSent(bytes, flow.listener.protocol)
        inner.reply(bytes, flow, port)
      },
      findListener: (protocol, address, name) => inner.findListener(protocol, address, name),
      isOwnAddress: (address, port) => inner.isOwnAddress(address, port),
    }
  }

  get directory(): Directory {
    return this.#directory
  }

  get draining(): boolean {
    return this.#receiver.draining
  }

  onMessage(bytes: Buffer, flow: Flow): void {
    this.overload.onMessage()
    const drop = this.guard.findDrop(flow.address)
    if (drop === undefined) this.#receiver.onMessage(bytes, flow)
    else this.rejections.add(flow, drop, firstLineOf(bytes))
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
    this.phones.use(directory)
    this.metrics.onRevision(directory.revision)
    this.#follow(followUp(this, directory, changes))
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
