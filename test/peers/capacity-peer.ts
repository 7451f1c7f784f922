// A process of its own: a gateway that counts how many calls it holds at once and when each INVITE came, and a caller
// that offers calls in bursts or at a rate. The counts are the gateway's, not the product's.
import type { Socket } from 'node:dgram'
import { addressOf, openSocket, readMessage, request, respond, sdp } from './sip-text.ts'
import type { Message, RequestParts } from './sip-text.ts'

interface Place {
  readonly address: string
  readonly port: number
}

export interface CapacityOrder {
  readonly edge: Place
  readonly caller: Place
  readonly gateway: Place
  readonly calls: number
  /** 0 = all at once. */
  readonly callsPerSecond: number
  /** How long an answered call lasts. */
  readonly holdMs: number
}

export interface CapacityReport {
  readonly peak: number
  readonly accepted: number
  /** `503 Phrase | Warning`, and how often. */
  readonly refused: Readonly<Record<string, number>>
  /** Refused besides, before anybody looked who calls: the machine is so busy that the burst waited too long. */
  readonly shed: number
  /** One for each INVITE that reached the gateway. */
  readonly arrivals: readonly Arrival[]
}

/**
 * Milliseconds on one clock. The datagram came after this process last looked (`after`) and before it read it (`by`);
 * on a busy machine the two lie apart.
 */
export interface Arrival {
  readonly after: number
  readonly by: number
}

let counter = 0
const branch = (): string => `z9hG4bKcap${process.pid}x${(counter += 1)}`

async function openGateway(own: Place, arrivals: Arrival[]): Promise<{ close: () => void; peak: () => number }> {
  const socket = await openSocket(own.address, own.port)
  const held = new Set<string>()
  let peak = 0
  let emptyAt = performance.now()
  // Timers run before the sockets are read, immediates after: what is read later came after the timer.
  const look = setInterval(() => {
    const before = performance.now()
    setImmediate(() => (emptyAt = before))
  }, 1)
  const answer = (message: Message, status: number, body = ''): void => {
    const text = respond(message, status, { tag: `g${message.callId.slice(0, 8)}`, ...own, body })
    socket.send(Buffer.from(text, 'latin1'), message.source.port, message.source.address)
  }
  socket.on('message', (datagram, from) => {
    const message = readMessage(datagram, from)
    if (message.method === 'INVITE' && !held.has(message.callId)) {
      arrivals.push({ after: emptyAt, by: performance.now() })
      held.add(message.callId)
      peak = Math.max(peak, held.size)
      answer(message, 180)
      answer(message, 200, sdp(own.address))
    } else if (message.method === 'BYE') {
      held.delete(message.callId)
      answer(message, 200)
    } else if (message.method === 'OPTIONS') answer(message, 200)
  })
  const close = (): void => {
    clearInterval(look)
    socket.close()
  }
  return { close, peak: () => peak }
}

interface OfferedCall {
  readonly from: string
  readonly branch: string
  /** What is sent again until it is answered (RFC 3261 17.1): a busy machine loses datagrams. */
  unanswered: { readonly text: string; readonly to: Place } | null
  accepted: boolean
  ended: boolean
}

const resendMs = 500

/** The caller: offers calls, holds the answered ones, counts what it is told. */
class Caller {
  readonly #order: CapacityOrder
  readonly #socket: Socket
  readonly #uri: string
  readonly #calls = new Map<string, OfferedCall>()
  readonly #prefix = `cap-${process.pid}-${(counter += 1)}`
  readonly refused: Record<string, number> = {}
  shed = 0
  accepted = 0
  #over = 0
  #finish: () => void = () => undefined

  constructor(order: CapacityOrder, socket: Socket) {
    this.#order = order
    this.#socket = socket
    this.#uri = `sip:441782000000@${order.edge.address}:${order.edge.port}`
    socket.on('message', (datagram, from) => this.#onMessage(readMessage(datagram, from)))
  }

  /** Resolves when every call is over. */
  run(): Promise<void> {
    const { calls, callsPerSecond } = this.#order
    let made = 0
    const startedAt = performance.now()
    const pace = setInterval(() => {
      const elapsed = (performance.now() - startedAt) / 1_000
      const due = callsPerSecond === 0 ? calls : Math.min(calls, Math.floor(elapsed * callsPerSecond))
      for (; made < due; made += 1) this.#invite(made)
      if (made === calls) clearInterval(pace)
    }, 1)
    const resend = setInterval(() => {
      for (const { unanswered } of this.#calls.values())
        if (unanswered !== null) this.#send(unanswered.text, unanswered.to)
    }, resendMs)
    return new Promise((resolve) => {
      this.#finish = () => {
        clearInterval(resend)
        resolve()
      }
    })
  }

  #send(text: string, to: Place): void {
    this.#socket.send(Buffer.from(text, 'latin1'), to.port, to.address)
  }

  #compose(callId: string, parts: Partial<RequestParts> & { readonly method: string }): string {
    const from = this.#calls.get(callId)?.from ?? ''
    const { caller } = this.#order
    return request({
      uri: this.#uri,
      callId,
      cseq: 1,
      from,
      to: `<${this.#uri}>`,
      branch: branch(),
      ...caller,
      ...parts,
    })
  }

  #invite(number: number): void {
    const callId = `${this.#prefix}-${number}`
    const { address } = this.#order.caller
    const from = `<sip:441@${address}>;tag=${callId}`
    const call: OfferedCall = { from, branch: branch(), unanswered: null, accepted: false, ended: false }
    this.#calls.set(callId, call)
    const text = this.#compose(callId, { method: 'INVITE', branch: call.branch, body: sdp(address) })
    this.#ask(call, text, this.#order.edge)
  }

  #ask(call: OfferedCall, text: string, to: Place): void {
    call.unanswered = { text, to }
    this.#send(text, to)
  }

  #onMessage(message: Message): void {
    const call = this.#calls.get(message.callId)
    if (call === undefined) return
    if (message.method === 'BYE' || !call.accepted) call.unanswered = null
    if (message.status < 200) return
    if (message.method === 'BYE') this.#endOne(call)
    else if (message.status >= 300) this.#onRefused(call, message)
    else this.#onAccepted(call, message)
  }

  #onRefused(call: OfferedCall, message: Message): void {
    const ack = this.#compose(message.callId, { method: 'ACK', to: message.to, branch: call.branch })
    this.#send(ack, this.#order.edge)
    if (call.ended) return
    const phrase = /^SIP\/2\.0 (.*)$/m.exec(message.text)?.[1]?.trim()
    const warning = /^Warning: (.*)$/m.exec(message.text)?.[1]?.trim()
    const what = `${phrase} | ${warning}`
    if (warning === undefined && /^Retry-After: /m.test(message.text)) this.shed += 1
    else this.refused[what] = (this.refused[what] ?? 0) + 1
    this.#endOne(call)
  }

  /** Every copy of the answer gets its ACK; the call counts once. */
  #onAccepted(call: OfferedCall, message: Message): void {
    const { callId, contact, to } = message
    const target = addressOf(contact)
    this.#send(this.#compose(callId, { method: 'ACK', uri: contact, to }), target)
    if (call.accepted) return
    call.accepted = true
    this.accepted += 1
    const bye = this.#compose(callId, { method: 'BYE', uri: contact, to, cseq: 2 })
    setTimeout(() => this.#ask(call, bye, target), this.#order.holdMs)
  }

  #endOne(call: OfferedCall): void {
    if (call.ended) return
    call.ended = true
    this.#over += 1
    if (this.#over === this.#order.calls) this.#finish()
  }
}

async function run(order: CapacityOrder): Promise<CapacityReport> {
  const arrivals: Arrival[] = []
  const gateway = await openGateway(order.gateway, arrivals)
  const socket = await openSocket(order.caller.address, order.caller.port)
  const caller = new Caller(order, socket)
  await caller.run()
  gateway.close()
  socket.close()
  return { peak: gateway.peak(), accepted: caller.accepted, refused: caller.refused, shed: caller.shed, arrivals }
}

process.on('message', (order: CapacityOrder) => {
  void run(order).then((report) => process.send?.(report))
})
