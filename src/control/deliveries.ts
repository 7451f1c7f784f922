// Messages of alerts on their way: one queue for each place, in order, tried again with growing pauses, bounded. What became
// of each try is told, so that the alert can show it.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Sample } from '../base/metrics.ts'
import type { AlertRow, DeliveryRow } from '../store/alert-rows.ts'

export interface AlertMessage {
  readonly event: DeliveryRow['event']
  readonly alert: Omit<AlertRow, 'deliveries'>
  /** One sentence for this event. */
  readonly text: string
  /** Milliseconds since 1970 of the event. */
  readonly at: number
  /** Told together with it: other gateways that turned within a moment, under a rule of the same name. */
  readonly others?: readonly AlertMessage[]
}

/** A message and those that are told with it. */
export const allOf = (message: AlertMessage): readonly AlertMessage[] => [message, ...(message.others ?? [])]

/** A way to tell somebody. Gives what the other side said; throws DeliveryFault when it is not done. */
export type Channel = (to: string, message: AlertMessage) => Promise<string>

export class DeliveryFault extends Error {
  override readonly name = 'DeliveryFault'
  /** The same once more would fail alike. */
  readonly permanent: boolean

  constructor(message: string, permanent: boolean) {
    super(message)
    this.permanent = permanent
  }
}

export interface DeliveryOptions {
  readonly clock: Clock
  readonly log: Log
  readonly mail: Channel
  readonly webhook: Channel
  readonly onResult: (message: AlertMessage, delivery: DeliveryRow) => void
}

interface Job {
  readonly to: string
  message: AlertMessage
  tries: number
  /** On the monotonic clock. */
  dueMs: number
}

/** Pauses before the second try and those after it; after the last one it is given up. */
const pausesMs = [5_000, 30_000, 120_000, 600_000, 1_800_000]
const runningMax = 8
const closeMs = 2_000

const isUrl = (to: string): boolean => to.startsWith('http://') || to.startsWith('https://')

/** A line that is cut turns many gateways at once: these wait a moment for each other. */
const isGrouped = ({ event, alert }: AlertMessage): boolean => alert.kind === 'gatewayRed' && event !== 'test'

/** Only the last one that waits takes more, so that each gateway's messages keep their order. */
const goTogether = ({ message: first, tries }: Job, message: AlertMessage, triesBefore: number): boolean =>
  isGrouped(first) &&
  isGrouped(message) &&
  first.event === message.event &&
  first.alert.name === message.alert.name &&
  tries === triesBefore &&
  allOf(first).length < bound('alertGroupMax')

export class Deliveries {
  readonly #options: DeliveryOptions
  readonly #queues = new Map<string, Job[]>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #counts = { mail: { sent: 0, failed: 0 }, webhook: { sent: 0, failed: 0 } }
  #timer: NodeJS.Timeout | undefined
  #waiting = 0
  #closed = false
  #over = false

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#waiting
  }

  /** `tries`: how often it was tried before a restart. */
  add(to: string, message: AlertMessage, tries = 0): void {
    const { clock, onResult } = this.#options
    if (this.#waiting >= bound('alertDeliveriesMax')) {
      onResult(message, this.#rowOf({ to, message, tries, dueMs: 0 }, 'not sent: too many messages wait', 'given up'))
      return
    }
    const queue = this.#queues.get(to)
    const nowMs = clock.nowMs()
    const last = queue?.at(-1)
    if (last !== undefined && last.dueMs > nowMs && goTogether(last, message, tries)) {
      last.message = { ...last.message, others: [...(last.message.others ?? []), message] }
      return
    }
    const job = { to, message, tries, dueMs: isGrouped(message) ? nowMs + bound('alertGroupMs') : nowMs }
    if (queue === undefined) this.#queues.set(to, [job])
    else queue.push(job)
    this.#waiting += 1
    this.#pump()
  }

  /** One try, now, outside the queue. */
  async tryOnce(to: string, message: AlertMessage): Promise<DeliveryRow> {
    const job = { to, message, tries: 1, dueMs: 0 }
    try {
      return this.#rowOf(job, await this.#send(job), 'ok')
    } catch (error) {
      return this.#rowOf(job, textOf(error), 'given up')
    }
  }

  samples(): Sample[] {
    return Object.entries(this.#counts).flatMap(([channel, { sent, failed }]) => [
      { metric: 'alertDeliveries' as const, labels: [channel, 'sent'], values: [sent] },
      { metric: 'alertDeliveries' as const, labels: [channel, 'failed'], values: [failed] },
    ])
  }

  #rowOf({ to, message, tries }: Job, detail: string, state: 'ok' | 'again' | 'given up'): DeliveryRow {
    const { event } = message
    const at = this.#options.clock.wallMs()
    return { to, event, at, ok: state === 'ok', detail, pending: state === 'again', tries }
  }

  async #send({ to, message }: Job): Promise<string> {
    const channel = isUrl(to) ? 'webhook' : 'mail'
    try {
      const said = await this.#options[channel](to, message)
      this.#counts[channel].sent += 1
      return said
    } catch (error) {
      this.#counts[channel].failed += 1
      throw error
    }
  }

  /** Starts what is due, and looks again when the next one is. */
  #pump(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    const nowMs = this.#options.clock.nowMs()
    let nextMs = Number.POSITIVE_INFINITY
    for (const [to, [job]] of this.#queues) {
      if (job === undefined || this.#running.has(to)) continue
      if (job.dueMs > nowMs) nextMs = Math.min(nextMs, job.dueMs)
      else if (this.#running.size < runningMax) this.#running.set(to, this.#run(job))
    }
    if (nextMs === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.#pump(), nextMs - nowMs)
    this.#timer.unref()
  }

  /** Looks again, also when the clock is the test's. */
  look(): void {
    this.#pump()
  }

  async #run(job: Job): Promise<void> {
    const { log, clock } = this.#options
    job.tries += 1
    try {
      const said = await this.#send(job)
      this.#done(job)
      if (!this.#over) this.#tell(job, said, 'ok')
    } catch (error) {
      if (this.#over) return
      const detail = textOf(error)
      const pauseMs = pausesMs[job.tries - 1]
      const isOver = pauseMs === undefined || (error instanceof DeliveryFault && error.permanent)
      log.warn('alert not delivered', { to: job.to, alert: job.message.alert.name, detail, tries: job.tries })
      if (isOver) this.#done(job)
      else job.dueMs = clock.nowMs() + pauseMs
      this.#tell(job, detail, isOver ? 'given up' : 'again')
    } finally {
      this.#running.delete(job.to)
      this.#pump()
    }
  }

  /** What became of it, to each alert that it was about. */
  #tell(job: Job, detail: string, state: 'ok' | 'again' | 'given up'): void {
    for (const message of allOf(job.message)) this.#options.onResult(message, this.#rowOf(job, detail, state))
  }

  #done({ to }: Job): void {
    const queue = this.#queues.get(to)
    queue?.shift()
    this.#waiting -= 1
    if (queue?.length === 0) this.#queues.delete(to)
  }

  /** Waits a moment for what is under way; the rest is in the store and goes on after the next start. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    let patience: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, closeMs)
    })
    await Promise.race([Promise.all(this.#running.values()), late])
    clearTimeout(patience)
    this.#over = true
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300)
