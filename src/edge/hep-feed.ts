// Everything that was added to the ring since the last time, on its way up to the sender of HEP packets: in batches,
// bounded, each message with the id of its call.
import { bound } from '../base/limits.ts'
import type { Metrics } from '../base/metrics.ts'
import type { CallTable } from '../call/call-table.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import type { MessageRing } from '../trace/message-ring.ts'
import type { UpMessage } from './seam.ts'

/** Late messages of a call that ended still find its id, for at least this many batches. */
const generationFlushes = 600

export interface HepFeedParts {
  readonly listeners: readonly ListenerInfo[]
  readonly calls: CallTable
  readonly metrics: Metrics
}

export class HepFeed {
  readonly #ring: MessageRing
  readonly #parts: HepFeedParts
  readonly #dropped: number
  /** Call-ID -> id of the call: of live calls, and of two generations of ended ones. */
  readonly #live = new Map<string, string>()
  /** Every Call-ID that a live call has had; the record names only those that its attempts ended with. */
  readonly #callIds = new Map<string, readonly string[]>()
  #ended = new Map<string, string>()
  #endedBefore = new Map<string, string>()
  #flushes = 0
  #next = 0

  constructor(ring: MessageRing, parts: HepFeedParts) {
    this.#ring = ring
    this.#parts = parts
    this.#dropped = parts.metrics.series('traceDropped', 'hep')
    parts.calls.onLeg = (leg) => this.#onLeg(leg.callId, leg.call.id)
  }

  #onLeg(callId: string, id: string): void {
    this.#live.set(callId, id)
    this.#callIds.set(id, [...(this.#callIds.get(id) ?? []), callId])
  }

  onEnd(id: string): void {
    for (const callId of this.#callIds.get(id) ?? []) {
      this.#live.delete(callId)
      this.#ended.set(callId, id)
    }
    this.#callIds.delete(id)
  }

  flush(up: (message: UpMessage) => void): void {
    this.#flushes += 1
    if (this.#flushes >= generationFlushes || this.#ended.size >= bound('hepEndedMax')) {
      this.#flushes = 0
      this.#endedBefore = this.#ended
      this.#ended = new Map()
    }
    const { messages, next, lost } = this.#ring.since(this.#next, bound('hepBatchMax'), this.#parts.listeners)
    this.#next = next
    if (lost > 0) this.#parts.metrics.add(this.#dropped, lost)
    if (messages.length === 0) return
    up({
      type: 'hep',
      messages: messages.map((message) => ({ message, correlationId: this.#idOf(message.callId) })),
    })
  }

  #idOf(callId: string): string {
    return this.#live.get(callId) ?? this.#ended.get(callId) ?? this.#endedBefore.get(callId) ?? callId
  }
}
