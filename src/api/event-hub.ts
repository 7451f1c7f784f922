// Who listens to server-sent events (WHATWG HTML 9.2), and how far each has got. The board is read once for all: a new reader
// gets it whole, later what changed since that reader's last state. Nothing is queued for one that reads slowly: it gets
// the sum of the changes when it has read what came before, so that it costs one board and no more.
import type { Log } from '../base/log.ts'
import { bound } from '../base/limits.ts'
import type { GatewayBoardRow } from '../control/gateway-board.ts'
import { changeBetween, healthBetween, nextBoard, noBoard, wholeOf } from './board-change.ts'
import type { Board } from './board-change.ts'

const everyMs = 1_000
/** Each so many rounds a comment, so that no proxy takes the stream for dead. */
const heartbeatRounds = 15

/** A response whose head is sent; what of it is needed here. */
export interface EventSink {
  /** Bytes that were written and have not gone out. */
  readonly writableLength: number
  write(text: string): unknown
  end(): unknown
  destroy(): unknown
  on(name: 'close', listener: () => void): unknown
}

interface Client {
  readonly sink: EventSink
  /** False once the key is revoked or the session has ended. */
  readonly isValid: () => Promise<boolean>
  /** What it was sent of the board; noBoard before the first. */
  seen: Board
  /** Length of the last text about the board, which may be still on its way. */
  sentBytes: number
  /** Rounds in a row in which it had not read what came before. */
  waitedRounds: number
}

interface HubOptions {
  readonly readBoard: () => Promise<readonly GatewayBoardRow[]>
  readonly log: Pick<Log, 'warn'>
}

const eventText = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

/** What leads from one state to another: first the changes of colour, then the rows. */
function textBetween(before: Board, after: Board): string {
  if (before === noBoard) return eventText('gateways', wholeOf(after))
  const change = changeBetween(before, after)
  const health = healthBetween(before, change).map((event) => eventText('health', event))
  return health.join('') + eventText('gatewaysChanged', change)
}

export class EventHub {
  readonly #options: HubOptions
  readonly #clients = new Set<Client>()
  /** Texts that lead from a state to the present one. */
  readonly #texts = new Map<Board, string>()
  #timer: NodeJS.Timeout | undefined
  #board = noBoard
  #rounds = 0
  #isBusy = false

  constructor(options: HubOptions) {
    this.#options = options
  }

  get isFull(): boolean {
    return this.#clients.size >= bound('sseClientsMax')
  }

  async open(sink: EventSink, isValid: Client['isValid']): Promise<void> {
    const client: Client = { sink, isValid, seen: noBoard, sentBytes: 0, waitedRounds: 0 }
    this.#clients.add(client)
    sink.on('close', () => this.#drop(client))
    sink.write(`retry: 2000\n\n`)
    if (this.#timer === undefined) {
      await this.#readBoard()
      this.#timer ??= setInterval(() => void this.round(), everyMs)
    }
    this.#update(client, true)
    if (this.#clients.size === 0) this.#stop()
  }

  /** Something that is told at once. A reader that has left too much unread is closed; it may come back. */
  tell(name: string, data: unknown): void {
    this.#send(eventText(name, data))
  }

  close(): void {
    for (const { sink } of this.#clients) sink.end()
    this.#clients.clear()
    this.#stop()
  }

  /** What happens every second. */
  async round(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await this.#readBoard()
      for (const client of this.#clients) this.#update(client, false)
      this.#rounds += 1
      if (this.#rounds % heartbeatRounds === 0) this.#send(': still here\n\n')
      await this.#endInvalid()
    } finally {
      this.#isBusy = false
    }
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#board = noBoard
    this.#texts.clear()
  }

  #drop(client: Client): void {
    this.#clients.delete(client)
    if (this.#clients.size === 0) this.#stop()
  }

  /** @param atOnce also while other things are on their way: the first text of a stream */
  #update(client: Client, atOnce: boolean): void {
    const { sink, seen } = client
    if (sink.writableLength > 0 && !atOnce) {
      client.waitedRounds += 1
      if (client.waitedRounds * everyMs > bound('sseStallMs')) sink.destroy()
      return
    }
    client.waitedRounds = 0
    if (seen === this.#board) return
    const text = this.#texts.get(seen) ?? textBetween(seen, this.#board)
    this.#texts.set(seen, text)
    client.seen = this.#board
    client.sentBytes = text.length
    sink.write(text)
  }

  #send(text: string): void {
    for (const { sink, sentBytes } of this.#clients)
      if (sink.writableLength > sentBytes + bound('sseUnsentBytesMax')) sink.destroy()
      else sink.write(text)
  }

  async #readBoard(): Promise<void> {
    try {
      const board = nextBoard(this.#board, await this.#options.readBoard())
      if (board === this.#board) return
      this.#board = board
      this.#texts.clear()
    } catch (error) {
      this.#options.log.warn('gateways could not be read for the event stream', { error: String(error) })
    }
  }

  /** A revoked key and an ended session lose their stream within a round. */
  async #endInvalid(): Promise<void> {
    await Promise.all(
      [...this.#clients].map(async ({ sink, isValid }) => {
        if (!(await isValid().catch(() => false))) sink.end()
      }),
    )
  }
}
