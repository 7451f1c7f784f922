// The control thread's handle on one signalling thread: starts the worker, asks, publishes, listens.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { CallRecord } from '../call/record.ts'
import type { Directory } from '../directory/directory.ts'
import type { SuspensionChanges } from '../policy/suspensions.ts'
import type { Binding } from '../registrar/binding.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import type { Trace } from '../trace/trace.ts'
import { Publication } from './publication.ts'
import type {
  DownMessage,
  EdgeOptions,
  EdgeQuestionName,
  EdgeQuestions,
  HealthChange,
  HepMessage,
  UpMessage,
} from './seam.ts'

export interface EdgeListener {
  onRecords(records: readonly CallRecord[], lost: number): void
  /** Traces of failed calls, secrets still in them. */
  onTraces(traces: readonly Trace[]): void
  /** Only if asked for. */
  onHep(messages: readonly HepMessage[]): void
  onHealth(targetKey: string, change: HealthChange): void
  onRegistrations(userId: string, bindings: readonly Binding[]): void
  /** The thread ended although nobody asked it to. */
  onExit(detail: string): void
}

/** An answer takes microseconds; later than this something is wrong. */
const askMs = 5_000

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
  readonly timer: NodeJS.Timeout
}

export class ThreadClient {
  listeners: readonly ListenerInfo[] = []
  readonly #worker: Worker
  readonly #log: Log
  readonly #listener: EdgeListener
  readonly #answers = new Map<number, Waiting>()
  readonly #publication = new Publication((message) => this.#send(message))
  #nextId = 1
  #stopping = false
  #exited = false

  private constructor(worker: Worker, log: Log, listener: EdgeListener) {
    this.#worker = worker
    this.#log = log
    this.#listener = listener
  }

  /** Starts the thread and resolves when its sockets are open; rejects with the reason when they cannot be. */
  static async open(options: EdgeOptions, log: Log, listener: EdgeListener, entry: URL): Promise<ThreadClient> {
    const { listen, advertise, udp, randomSeed, tls, rtpengine, hep, crew } = options
    // Only these: whoever calls may hand over all it knows, secrets too.
    const workerData: EdgeOptions = { listen, advertise, udp, randomSeed, tls, rtpengine, hep, crew }
    const transferList = crew?.links.map(({ port }) => port) ?? []
    const worker = new Worker(entry, { workerData, transferList })
    const client = new ThreadClient(worker, log, listener)
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: UpMessage) => {
        if (message.type === 'listening') {
          client.listeners = message.listeners
          resolve()
        } else if (message.type === 'failed') reject(new Fault('edge_unavailable', message.detail))
        else client.#onMessage(message)
      })
      worker.on('error', (error) => {
        log.error('signalling thread failed', { error: String(error) })
        reject(error)
      })
      worker.on('exit', (code) => client.#onExit(code))
    })
    return client
  }

  ask<Name extends EdgeQuestionName>(
    name: Name,
    ask: EdgeQuestions[Name]['ask'],
  ): Promise<EdgeQuestions[Name]['answer']> {
    if (this.#exited) return Promise.reject(new Fault('edge_unavailable', 'the signalling thread has ended'))
    const id = this.#nextId++
    const waiting = this.#wait(this.#answers, id, `${name} was not answered`, askMs)
    this.#send({ type: 'ask', id, name, ask })
    return waiting as Promise<EdgeQuestions[Name]['answer']>
  }

  publish(directory: Directory): Promise<void> {
    return this.#publication.publish(directory)
  }

  /** Gives back what was registered before a restart; after the first `publish`. */
  restore(bindings: readonly Binding[]): void {
    this.#send({ type: 'restore', bindings })
  }

  /** Takes effect with the next INVITE. */
  suspend(changes: SuspensionChanges): void {
    this.#send({ type: 'suspensions', changes })
  }

  /** Asks the thread to end its calls and close, and waits for it. */
  async close(): Promise<void> {
    this.#stopping = true
    if (this.#exited) return
    const exited = once(this.#worker, 'exit')
    await this.ask('stop', null).catch(() => this.#worker.terminate())
    await exited
  }

  #send(message: DownMessage): void {
    this.#worker.postMessage(message)
  }

  #wait(table: Map<number, Waiting>, id: number, late: string, ms: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        table.delete(id)
        reject(new Fault('edge_unavailable', late))
      }, ms)
      table.set(id, { resolve, reject, timer })
    })
  }

  #settle(table: Map<number, Waiting>, id: number, value: unknown, error: string | null): void {
    const waiting = table.get(id)
    if (waiting === undefined) return
    table.delete(id)
    clearTimeout(waiting.timer)
    if (error === null) waiting.resolve(value)
    else waiting.reject(new Fault('internal', error))
  }

  #onMessage(message: UpMessage): void {
    if (message.type === 'answer') this.#settle(this.#answers, message.id, message.answer, message.error)
    else if (message.type === 'taken') this.#publication.onTaken()
    else if (message.type === 'published') this.#publication.onPublished()
    else if (message.type === 'records') this.#listener.onRecords(message.records, message.lost)
    else if (message.type === 'traces') this.#listener.onTraces(message.traces)
    else if (message.type === 'hep') this.#listener.onHep(message.messages)
    else if (message.type === 'registrations') this.#listener.onRegistrations(message.userId, message.bindings)
    else if (message.type === 'health') this.#listener.onHealth(message.targetKey, message.change)
    else if (message.type === 'log') this.#log[message.level](message.event, message.fields)
  }

  #onExit(code: number): void {
    this.#exited = true
    const detail = `signalling thread ended with code ${code}`
    for (const id of this.#answers.keys()) this.#settle(this.#answers, id, undefined, detail)
    this.#publication.fail(detail)
    if (!this.#stopping) this.#listener.onExit(detail)
  }
}
