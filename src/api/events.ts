// GET /events: server-sent events (WHATWG HTML 9.2). `gateways`: the whole board, at once and then whenever it changed,
// at most every second. `health`: one target changed its colour or its reason. `alert`: one was raised or is over. The board is read once for all clients.
import type { ServerResponse } from 'node:http'
import { bound } from '../base/limits.ts'
import { Fault } from '../base/fault.ts'
import type { GatewayItem, HealthEvent } from '../contract/api-live.ts'
import { viewOfAlert } from './alerts.ts'
import type { ApiApp, ApiRequest } from './app.ts'
import { stillValid } from './authenticate.ts'
import type { ApiContext } from './context.ts'
import { viewOfGateway } from './gateways.ts'
import { basePath } from './operations.ts'

const everyMs = 1_000
/** Each so many rounds a comment, so that no proxy takes the stream for dead. */
const heartbeatRounds = 15
const unsentBytesMax = 1_048_576

interface Client {
  readonly request: ApiRequest
  readonly stream: ServerResponse
}

const eventText = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

/** Targets whose colour or reason is not what it was. */
export function healthEventsBetween(before: readonly GatewayItem[], after: readonly GatewayItem[]): HealthEvent[] {
  const known = new Map(before.map((row) => [`${row.endpointId}/${row.target}`, row]))
  return after.flatMap((row) => {
    const was = known.get(`${row.endpointId}/${row.target}`)
    if (was === undefined || (was.status === row.status && was.reason === row.reason)) return []
    const { endpointId, name, carrier, target, status, reason, since } = row
    return [{ endpointId, name, carrier, target, status, reason, since }]
  })
}

class EventHub {
  readonly #context: ApiContext
  readonly #clients = new Set<Client>()
  #timer: NodeJS.Timeout | undefined
  #board: readonly GatewayItem[] = []
  #boardText = ''
  #round = 0
  #busy = false

  constructor(context: ApiContext) {
    this.#context = context
  }

  get isFull(): boolean {
    return this.#clients.size >= bound('sseClientsMax')
  }

  async open(client: Client): Promise<void> {
    this.#clients.add(client)
    client.stream.on('close', () => this.#drop(client))
    client.stream.write(`retry: 2000\n\n`)
    if (this.#timer === undefined) {
      await this.#readBoard()
      this.#timer ??= setInterval(() => void this.#tick(), everyMs)
    }
    if (this.#boardText !== '') this.#write(client, this.#boardText)
    if (this.#clients.size === 0) this.#stop()
  }

  /** Something that is told at once. */
  tell(name: string, data: unknown): void {
    this.#send(eventText(name, data))
  }

  close(): void {
    for (const client of this.#clients) client.stream.end()
    this.#clients.clear()
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#boardText = ''
    this.#board = []
  }

  #drop(client: Client): void {
    this.#clients.delete(client)
    if (this.#clients.size === 0) this.#stop()
  }

  /** A reader that has not read what came before is closed; it may come back. A board of any size is one write. */
  #write(client: Client, text: string): void {
    if (client.stream.writableLength > unsentBytesMax) client.stream.destroy()
    else client.stream.write(text)
  }

  #send(text: string): void {
    for (const client of this.#clients) this.#write(client, text)
  }

  /** True if the board changed. */
  async #readBoard(): Promise<boolean> {
    try {
      const board = (await this.#context.gatewayBoard()).map((row) => viewOfGateway(row))
      const text = eventText('gateways', board)
      if (text === this.#boardText) return false
      if (this.#boardText !== '')
        for (const event of healthEventsBetween(this.#board, board)) this.#send(eventText('health', event))
      this.#board = board
      this.#boardText = text
      return true
    } catch (error) {
      this.#context.log.warn('gateways could not be read for the event stream', { error: String(error) })
      return false
    }
  }

  async #tick(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      if (await this.#readBoard()) this.#send(this.#boardText)
      this.#round += 1
      if (this.#round % heartbeatRounds === 0) this.#send(': still here\n\n')
      await this.#endInvalid()
    } finally {
      this.#busy = false
    }
  }

  /** A revoked key and an ended session lose their stream within a round. */
  async #endInvalid(): Promise<void> {
    await Promise.all(
      [...this.#clients].map(async (client) => {
        const valid = await stillValid(client.request, this.#context).catch(() => false)
        if (!valid) client.stream.end()
      }),
    )
  }
}

export function addEventRoute(app: ApiApp, context: ApiContext): void {
  const hub = new EventHub(context)
  let stopListening = (): void => undefined
  app.addHook('onListen', async () => {
    stopListening = context.alerts.listen((alert) => hub.tell('alert', viewOfAlert(alert)))
  })
  app.addHook('preClose', async () => {
    stopListening()
    hub.close()
  })
  app.get(`${basePath}/events`, async (request, reply) => {
    if (hub.isFull) throw new Fault('too_many_requests', `At most ${bound('sseClientsMax')} event streams`)
    reply.hijack()
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    }
    reply.raw.writeHead(200, headers as Record<string, string>)
    await hub.open({ request, stream: reply.raw })
  })
}
