// The link between the first signalling thread and a further one: a ring in each direction, and a port that wakes a reader
// who sleeps: one message for all that is written until it looks. What finds no room waits here, in order.
import type { MessagePort } from 'node:worker_threads'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { RingReader, RingWriter } from './hand-over-ring.ts'
import type { RingRecord } from './hand-over-ring.ts'

/** What both ends of a link need to be opened. */
export interface LinkParts {
  readonly toFurther: SharedArrayBuffer
  readonly toFirst: SharedArrayBuffer
  readonly port: MessagePort
}

export const recordKinds = {
  /** Down: a message from the wire. a = listener, b = port, c = connection, d = arrival, text = address, more = names. */
  message: 1,
  /** Up: a request to a target. a = listener, b = port, c = connection (-1 = any), text = address, more = the rest. */
  send: 2,
  /** Up: an answer. a = listener, b = port of the answer, c = connection, d = port of the flow, text = address. */
  reply: 3,
  /** Up: what a call saw of a gateway. a = which, b = number, text = key of the target, more = detail. */
  evidence: 4,
  /** Both: everything rare, as JSON. */
  news: 5,
} as const

/** A message may be lost, as on the wire; everything else may not. */
const mayBeLost = (kind: number): boolean =>
  kind === recordKinds.message || kind === recordKinds.send || kind === recordKinds.reply

/** As many as one read of a socket gives; then timers and other threads have their turn. */
const batchMax = 64
/** On the first thread a record is a send and costs little; between two batches it may wait for datagrams (udp-loop.ts). */
const batchOfFirstMax = 512

const retryMs = 2

/** What is done with what comes; must not throw. */
export interface LinkUser {
  onRecord(record: Readonly<RingRecord>): void
}

const blank: RingRecord = { kind: 0, a: 0, b: 0, c: 0, d: 0, text: '', more: '', bytes: undefined }

export class ThreadLink {
  readonly #writer: RingWriter
  readonly #reader: RingReader
  readonly #port: MessagePort
  readonly #log: Log
  readonly #batchMax: number
  readonly #take: (record: Readonly<RingRecord>) => void
  #more: NodeJS.Immediate | undefined
  readonly #scratch: RingRecord = { ...blank }
  #waiting: RingRecord[] = []
  #waitingBytes = 0
  #lost = 0
  #retry: NodeJS.Timeout | undefined

  constructor(parts: LinkParts, isFirst: boolean, log: Log, user: LinkUser) {
    this.#writer = new RingWriter(isFirst ? parts.toFurther : parts.toFirst)
    this.#reader = new RingReader(isFirst ? parts.toFirst : parts.toFurther)
    this.#port = parts.port
    this.#log = log
    this.#batchMax = isFirst ? batchOfFirstMax : batchMax
    this.#take = (record) => user.onRecord(record)
    this.#port.on('message', () => {
      if (this.#more === undefined) this.#serve()
    })
  }

  write(fields: Partial<RingRecord> & Pick<RingRecord, 'kind'>): void {
    const record = Object.assign(this.#scratch, blank, fields)
    if (this.#waiting.length === 0 && this.#writer.write(record)) {
      if (this.#writer.mustTell()) this.#port.postMessage(0)
    } else this.#wait({ ...record })
  }

  #wait(record: RingRecord): void {
    const bytes = record.bytes?.length ?? 0
    if (mayBeLost(record.kind) && this.#waitingBytes + bytes > bound('handOverWaitingBytesMax')) {
      this.#lost += 1
      return
    }
    this.#waiting.push(record)
    this.#waitingBytes += bytes
    this.#retry ??= setTimeout(this.#flush, retryMs)
  }

  /** What the other end has written, in turns with everything else that this thread does. */
  readonly #serve = (): void => {
    this.#more = undefined
    if (!this.#reader.drain(this.#take, this.#batchMax)) this.#more ??= setImmediate(this.#serve)
  }

  /** Everything that the other end has written until now. */
  drain(): void {
    this.#reader.drain(this.#take, Infinity)
  }

  /** More has come than is handed up in one turn. */
  get hasMore(): boolean {
    return this.#more !== undefined
  }

  /** Nothing waits for room. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** What waits goes on as soon as there is room. */
  readonly #flush = (): void => {
    let done = 0
    for (const record of this.#waiting) {
      if (!this.#writer.write(record)) break
      this.#waitingBytes -= record.bytes?.length ?? 0
      done += 1
    }
    this.#waiting = this.#waiting.slice(done)
    if (done > 0 && this.#writer.mustTell()) this.#port.postMessage(0)
    if (this.#lost > 0) this.#log.warn('messages between threads were dropped', { messages: this.#lost })
    this.#lost = 0
    this.#retry = this.isEmpty ? undefined : setTimeout(this.#flush, retryMs)
  }

  close(): void {
    clearImmediate(this.#more)
    clearTimeout(this.#retry)
    this.#port.close()
  }
}
