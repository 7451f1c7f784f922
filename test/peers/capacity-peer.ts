// A process of its own: a gateway that counts how many calls it holds at once and when each INVITE came, and a caller
// that offers calls in bursts or at a rate. The counts are the gateway's, not the product's.
import { addressOf, openSocket, readMessage, request, respond, sdp } from './sip-text.ts'
import type { Message } from './sip-text.ts'

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
  /** Milliseconds on one clock, one for each INVITE that reached the gateway. */
  readonly arrivals: readonly number[]
}

let counter = 0
const branch = (): string => `z9hG4bKcap${process.pid}x${(counter += 1)}`

async function openGateway(own: Place, arrivals: number[]): Promise<{ close: () => void; peak: () => number }> {
  const socket = await openSocket(own.address, own.port)
  const held = new Set<string>()
  let peak = 0
  const answer = (message: Message, status: number, body = ''): void => {
    const text = respond(message, status, { tag: `g${message.callId.slice(0, 8)}`, ...own, body })
    socket.send(Buffer.from(text, 'latin1'), message.from_.port, message.from_.address)
  }
  socket.on('message', (datagram, from) => {
    const message = readMessage(datagram, from)
    if (message.method === 'INVITE' && !held.has(message.callId)) {
      arrivals.push(performance.now())
      held.add(message.callId)
      peak = Math.max(peak, held.size)
      answer(message, 180)
      answer(message, 200, sdp(own.address))
    } else if (message.method === 'BYE') {
      held.delete(message.callId)
      answer(message, 200)
    } else if (message.method === 'OPTIONS') answer(message, 200)
  })
  return { close: () => socket.close(), peak: () => peak }
}

async function run(order: CapacityOrder): Promise<CapacityReport> {
  const arrivals: number[] = []
  const refused: Record<string, number> = {}
  const gateway = await openGateway(order.gateway, arrivals)
  const socket = await openSocket(order.caller.address, order.caller.port)
  const send = (text: string, to: Place): void => socket.send(Buffer.from(text, 'latin1'), to.port, to.address)
  const uri = `sip:441782000000@${order.edge.address}:${order.edge.port}`
  const calls = new Map<string, { from: string; branch: string; ended: boolean }>()
  let accepted = 0
  let over = 0
  const prefix = `cap-${process.pid}-${(counter += 1)}`
  const compose = (
    callId: string,
    parts: { method: string; uri?: string; to?: string; cseq?: number; branch?: string; body?: string },
  ): string => {
    const { method, to = `<${uri}>`, cseq = 1, body } = parts
    return request({
      method,
      uri: parts.uri ?? uri,
      callId,
      cseq,
      from: calls.get(callId)?.from ?? '',
      to,
      branch: parts.branch ?? branch(),
      ...order.caller,
      ...(body === undefined ? {} : { body }),
    })
  }
  const finished = new Promise<void>((resolve) => {
    const endOne = (callId: string): void => {
      const call = calls.get(callId)
      if (call === undefined || call.ended) return
      call.ended = true
      over += 1
      if (over === order.calls) resolve()
    }
    socket.on('message', (datagram, from) => {
      const message = readMessage(datagram, from)
      const call = calls.get(message.callId)
      if (call === undefined || message.status < 200) return
      if (message.method === 'BYE') return endOne(message.callId)
      if (message.status >= 300) {
        send(compose(message.callId, { method: 'ACK', to: message.to, branch: call.branch }), order.edge)
        if (call.ended) return
        const what = `${/^SIP\/2\.0 (.*)$/m.exec(message.text)?.[1]?.trim()} | ${/^Warning: (.*)$/m.exec(message.text)?.[1]?.trim()}`
        refused[what] = (refused[what] ?? 0) + 1
        return endOne(message.callId)
      }
      const target = addressOf(message.contact)
      send(compose(message.callId, { method: 'ACK', uri: message.contact, to: message.to }), target)
      accepted += 1
      setTimeout(
        () => send(compose(message.callId, { method: 'BYE', uri: message.contact, to: message.to, cseq: 2 }), target),
        order.holdMs,
      )
    })
  })
  const invite = (number: number): void => {
    const callId = `${prefix}-${number}`
    const call = { from: `<sip:441@${order.caller.address}>;tag=${callId}`, branch: branch(), ended: false }
    calls.set(callId, call)
    send(compose(callId, { method: 'INVITE', branch: call.branch, body: sdp(order.caller.address) }), order.edge)
  }
  let made = 0
  const startedAt = performance.now()
  const pace = setInterval(() => {
    const due =
      order.callsPerSecond === 0
        ? order.calls
        : Math.min(order.calls, Math.floor(((performance.now() - startedAt) / 1_000) * order.callsPerSecond))
    for (; made < due; made += 1) invite(made)
    if (made === order.calls) clearInterval(pace)
  }, 1)
  await finished
  gateway.close()
  socket.close()
  return { peak: gateway.peak(), accepted, refused, arrivals }
}

process.on('message', (order: CapacityOrder) => {
  void run(order).then((report) => process.send?.(report))
})
