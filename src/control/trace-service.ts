// TraceService (services.ts): finds a trace in the memory of the signalling thread or, for failed calls, in the database.
// Nothing leaves it, and nothing is stored, before the secrets are masked.
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Sample } from '../base/metrics.ts'
import type { HepMessage } from '../edge/seam.ts'
import { deleteTraces, findTrace, writeTraces } from '../store/trace-rows.ts'
import type { StoredTrace } from '../store/trace-rows.ts'
import type { Store } from '../store/store.ts'
import { maskSecrets } from '../trace/mask.ts'
import type { Trace } from '../trace/trace.ts'
import { HepSender } from './hep-sender.ts'
import type { HepTarget } from './hep-sender.ts'
import type { TraceService } from './services.ts'

const batchMax = 100
const flushMs = 400
const dayMs = 86_400_000

export interface TraceOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly recordsDays: () => number
  /** Null: no collector. */
  readonly hep: HepTarget | null
}

const masked = (trace: Trace): Trace => ({
  ...trace,
  messages: trace.messages.map((message) => ({ ...message, text: maskSecrets(message.text) })),
})

const packed = (trace: Trace): StoredTrace => ({
  id: trace.id,
  callIds: [...new Set(trace.legs.map((leg) => leg.callId))],
  at: trace.messages[0]?.at ?? 0,
  packed: deflateRawSync(JSON.stringify(trace)),
})

const unpacked = (bytes: Uint8Array): Trace => JSON.parse(inflateRawSync(bytes).toString()) as Trace

export class Traces implements TraceService {
  readonly #options: TraceOptions
  readonly #hep: HepSender | undefined
  #waiting: Trace[] = []
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined
  #dropped = 0
  #failing = false
  #closed = false

  constructor(options: TraceOptions) {
    this.#options = options
    if (options.hep !== null) this.#hep = new HepSender(options.hep, options.log)
  }

  async find(key: string, findInMemory: (key: string) => Promise<Trace | null>): Promise<Trace | undefined> {
    const waiting = this.#waiting.findLast((trace) => trace.id === key || trace.legs.some((leg) => leg.callId === key))
    if (waiting !== undefined) return waiting
    const stored = await this.#options.store.read((database) => findTrace(database, key))
    if (stored !== undefined) return unpacked(stored)
    const trace = await findInMemory(key)
    return trace === null ? undefined : masked(trace)
  }

  forward(messages: readonly HepMessage[]): void {
    this.#hep?.add(messages)
  }

  add(traces: readonly Trace[]): void {
    for (const trace of traces) this.#waiting.push(masked(trace))
    const excess = this.#waiting.length - bound('traceQueueMax')
    if (excess > 0) {
      this.#waiting.splice(0, excess)
      this.#dropped += excess
    }
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.flush(), flushMs)
  }

  /** Writes what waits; never rejects. What the database refuses waits for the next time. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  async #write(): Promise<void> {
    const { store, clock, log, recordsDays } = this.#options
    const before = clock.wallMs() - recordsDays() * dayMs
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, batchMax)
      const rows = batch.map(packed)
      try {
        // oxlint-disable-next-line no-await-in-loop -- the next batch starts when this one is on the disk
        await store.batch((connection) => {
          writeTraces(connection, rows)
          deleteTraces(connection, bound('tracesStoredMax'), before)
        })
      } catch (error) {
        if (!this.#failing) log.error('traces cannot be written; they wait', { error: String(error) })
        this.#failing = true
        return
      }
      this.#failing = false
      const written = new Set(batch)
      this.#waiting = this.#waiting.filter((trace) => !written.has(trace))
    }
  }

  samples(): Sample[] {
    const own: Sample = { metric: 'traceDropped', labels: ['queue'], values: [this.#dropped] }
    return [own, ...(this.#hep?.samples() ?? [])]
  }

  /** Writes what waits, once more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
    await this.flush()
    clearTimeout(this.#timer)
    await this.#hep?.close()
  }
}
