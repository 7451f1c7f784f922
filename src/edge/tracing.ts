// What passes the sockets, copied into two rings: one for what belongs to calls and registrations, a small one for samples
// of what was refused before it became a call. Finds the trace of a call in them, and hands those of failed calls up.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Metrics, Sample } from '../base/metrics.ts'
import { hasCallId } from '../call/rest.ts'
import type { CallTable } from '../call/call-table.ts'
import type { CallTransport } from '../call/context.ts'
import type { CallRecord } from '../call/record.ts'
import type { Flow, ListenerInfo } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { MessageRing } from '../trace/message-ring.ts'
import type { Trace, TracedCall, TraceLeg, TraceMessage } from '../trace/trace.ts'
import { HepFeed } from './hep-feed.ts'
import type { UpMessage } from './seam.ts'
import { callOfLive, callOfNote, callOfRecord, noteOfRecord } from './traced-call.ts'

export interface TraceOptions {
  /** Powers of two. */
  readonly ringBytes: number
  readonly strayBytes: number
  /** Hand every message up, for a HEP collector. */
  readonly hep: boolean
}

export interface TracingParts {
  readonly options: TraceOptions
  readonly clock: Clock
  readonly listeners: readonly ListenerInfo[]
  readonly calls: CallTable
  readonly metrics: Metrics
}

/** The ACK of a refusal, and what a gateway still answers to a CANCEL, come after the call's end. */
const settleMs = 1_000
const sampleEveryMs = 10_000
const secondMs = 1_000

interface Settling {
  readonly dueMs: number
  readonly call: TracedCall
}

/** Worth keeping longer: what somebody will ask about. */
const isFailure = ({ outcome, releaseReason }: CallRecord): boolean =>
  outcome === 'failed' || outcome === 'refused' || releaseReason === 'missing ACK' || releaseReason === 'internal error'

export class Tracing {
  readonly #parts: TracingParts
  readonly #ring: MessageRing
  readonly #strays: MessageRing
  readonly #hep: HepFeed | undefined
  readonly #dropped: number
  /** Messages of each source in this time's sample. */
  readonly #samples = new Map<string, number>()
  #samplesEndMs = 0
  #sampled: Flow | undefined
  #settling: Settling[] = []
  #secondEndMs = 0
  #inSecond = 0

  constructor(parts: TracingParts) {
    this.#parts = parts
    const { options, clock, metrics } = parts
    this.#ring = new MessageRing(options.ringBytes, clock)
    this.#strays = new MessageRing(options.strayBytes, clock)
    this.#hep = options.hep ? new HepFeed(this.#ring, parts) : undefined
    this.#dropped = metrics.series('traceDropped', 'failed_call')
  }

  /** A message that belongs to a transaction or a dialog, before anything is done about it. */
  onReceived(message: SipMessage, flow: Flow): void {
    this.#ring.addReceived(message, flow)
  }

  /** A message that is refused; of each source only some are kept, so that a flood cannot push out everybody else. */
  onStray(message: SipMessage, flow: Flow): void {
    this.#sampled = undefined
    const nowMs = this.#parts.clock.nowMs()
    if (nowMs >= this.#samplesEndMs) {
      this.#samplesEndMs = nowMs + sampleEveryMs
      this.#samples.clear()
    }
    const known = this.#samples.has(flow.address) || this.#samples.size < bound('rejectionSourcesMax')
    const source = known ? flow.address : ''
    const count = this.#samples.get(source) ?? 0
    if (count >= bound('traceStraysPerSourceMax')) return
    this.#samples.set(source, count + 1)
    this.#sampled = flow
    this.#strays.addReceived(message, flow)
  }

  /** `inner`, with a copy of everything that leaves. */
  traced(inner: CallTransport): CallTransport {
    return {
      ...inner,
      send: (bytes, target) => {
        this.#ring.addSent(bytes, target, target.port)
        inner.send(bytes, target)
      },
      reply: (bytes, flow, port) => {
        this.#ring.addSent(bytes, flow, flow.connection === 0 ? port : flow.port)
        inner.reply(bytes, flow, port)
      },
    }
  }

  /** `inner`, with a copy of the answers to sampled strays. */
  tracedForStrays(inner: CallTransport): CallTransport {
    return {
      ...inner,
      reply: (bytes, flow, port) => {
        if (flow === this.#sampled) this.#strays.addSent(bytes, flow, flow.connection === 0 ? port : flow.port)
        inner.reply(bytes, flow, port)
      },
    }
  }

  /** The call is over: from now on its messages are found by what is noted here. */
  onRecord(record: CallRecord): void {
    const keys = [record.id, record.callerCallId]
    for (const { callId } of record.attempts) if (!keys.includes(callId)) keys.push(callId)
    this.#ring.addNote(keys, noteOfRecord(record))
    this.#hep?.onEnd(record.id)
    if (!isFailure(record)) return
    const nowMs = this.#parts.clock.nowMs()
    if (nowMs >= this.#secondEndMs) {
      this.#secondEndMs = nowMs + secondMs
      this.#inSecond = 0
    }
    this.#inSecond += 1
    if (this.#inSecond > bound('traceFailedPerSecondMax')) this.#parts.metrics.add(this.#dropped)
    else this.#settling.push({ dueMs: nowMs + settleMs, call: callOfRecord(record) })
  }

  /** Traces of calls that failed a moment ago, and what the collector is to get; `all` does not wait. */
  flush(up: (message: UpMessage) => void, all: boolean): void {
    this.#hep?.flush(up)
    const nowMs = this.#parts.clock.nowMs()
    const due = this.#settling.filter(({ dueMs }) => all || dueMs <= nowMs)
    if (due.length === 0) return
    this.#settling = this.#settling.filter(({ dueMs }) => !all && dueMs > nowMs)
    const traces = due.map(({ call }) => this.#traceOf(call)).filter((trace) => trace.messages.length > 0)
    if (traces.length > 0) up({ type: 'traces', traces })
  }

  /** @param key id of a call, or a Call-ID of any of its legs. Undefined when nothing of it is here any more. */
  find(key: string): Trace | undefined {
    const call = this.#findLive(key) ?? this.#findEnded(key)
    if (call !== undefined) {
      const trace = this.#traceOf(call)
      return trace.messages.length === 0 ? undefined : trace
    }
    const leg: TraceLeg = { callId: key, side: 'caller', name: '', account: '' }
    const { messages } = this.#traceOf({ id: key, legs: [leg] })
    const first = messages[0]
    return first === undefined ? undefined : { id: key, legs: [{ ...leg, name: first.remote.address }], messages }
  }

  #findLive(key: string): TracedCall | undefined {
    const { calls } = this.#parts
    const live = calls.find(key) ?? calls.findCall((call) => hasCallId(call, key))
    return live === undefined ? undefined : callOfLive(live)
  }

  /** Another key may have the same hash. */
  #findEnded(key: string): TracedCall | undefined {
    return this.#ring
      .notes(key)
      .map((text) => callOfNote(text))
      .find((call) => call.id === key || call.legs.some((leg) => leg.callId === key))
  }

  #traceOf(call: TracedCall): Trace {
    return { ...call, messages: this.messagesOf(call.legs.map((leg) => leg.callId)) }
  }

  /** What is in memory of these Call-IDs, in the order in which it passed. */
  messagesOf(callIds: readonly string[]): TraceMessage[] {
    const { listeners } = this.#parts
    const messages = [...new Set(callIds)].flatMap((callId) => [
      ...this.#strays.find(callId, listeners),
      ...this.#ring.find(callId, listeners),
    ])
    return messages.toSorted((a, b) => a.monotonicMs - b.monotonicMs || a.number - b.number)
  }

  samples(): Sample[] {
    return [
      { metric: 'traceBytes', labels: ['calls'], values: [this.#ring.bytesUsed] },
      { metric: 'traceBytes', labels: ['refused'], values: [this.#strays.bytesUsed] },
    ]
  }
}

/** A user of transactions whose messages are in no trace: probes go on for ever and would push out everything else. */
export interface Untraced {
  readonly untraced: true
}

export const isUntraced = (user: object): boolean => 'untraced' in user
