// The wire of a storm: loses, doubles, delays and reorders datagrams between the edge and its peers, on the fake clock.
// Everything that happens later, on the wire or in a peer, waits here, so that one seed always gives the same storm.
import type { Random } from '../../src/base/random.ts'
import { randomBelow, randomFraction } from '../../src/base/random.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { parseDatagram } from '../../src/sip/parse.ts'
import type { EdgeRig, Sent } from './edge-rig.ts'

export interface Weather {
  /** Chances of one datagram to be lost, and to arrive twice. */
  readonly loss: number
  readonly double: number
  /** Each copy takes up to so long, and copies overtake each other. */
  readonly jitterMs: number
}

export class Dice {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  chance(share: number): boolean {
    return randomFraction(this.#random) < share
  }

  /** Both ends included. */
  between(from: number, to: number): number {
    return from + randomBelow(this.#random, to - from + 1)
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[randomBelow(this.#random, items.length)] as Item
  }
}

/** Something that happens later unless it is called off. */
export interface Later {
  readonly action: () => void
  off: boolean
}

/** Whoever sees every message: what the edge sends when it sends it, what the edge gets when it gets it. */
export interface Onlooker {
  onEdgeSent(sent: Sent): void
  /** Just before the edge takes it. */
  onDelivered(message: SipMessage, address: string): void
}

const stepMs = 5

export class StormWire {
  readonly rig: EdgeRig
  readonly dice: Dice
  readonly peers = new Map<string, (message: SipMessage) => void>()
  onlooker: Onlooker | undefined
  /** Every message as one line, for whoever looks for the cause of a broken rule. */
  readonly ladder: string[] = []
  /** Datagrams that reached the edge, and that it sent. */
  received = 0
  sent = 0
  #weather: Weather
  readonly #due = new Map<number, Later[]>()

  constructor(rig: EdgeRig, dice: Dice, weather: Weather) {
    this.rig = rig
    this.dice = dice
    this.#weather = weather
    rig.onSend = (sent) => this.#onSend(sent)
  }

  get nowMs(): number {
    return this.rig.clock.nowMs()
  }

  after(ms: number, action: () => void): Later {
    const later = { action, off: false }
    const at = this.nowMs + Math.max(stepMs, Math.ceil(ms / stepMs) * stepMs)
    const list = this.#due.get(at)
    if (list === undefined) this.#due.set(at, [later])
    else list.push(later)
    return later
  }

  /** A peer sends a datagram. */
  toEdge(text: string, address: string): void {
    const bytes = Buffer.from(text, 'latin1')
    const message = parseDatagram(bytes)
    if (message.kind === 'fault') throw new Error(`a peer sent what does not parse: ${message.detail}\n${text}`)
    this.#carry(() => {
      this.received += 1
      this.#note('>', address, message)
      this.onlooker?.onDelivered(message, address)
      this.rig.receive(bytes, address)
    })
  }

  #onSend(sent: Sent): void {
    this.sent += 1
    this.#note('<', sent.address, sent.message)
    this.onlooker?.onEdgeSent(sent)
    this.#carry(() => this.peers.get(sent.address)?.(sent.message))
  }

  #note(direction: string, address: string, message: SipMessage): void {
    const { kind, status, method, cseq, callId, fromTag, toTag } = message
    const what = kind === 'request' ? method : `${status} ${method}`
    const ids = `${cseq.number} ${callId} from ${fromTag} to ${toTag} ${message.from.uri} ${message.to.uri}`
    this.ladder.push(`${String(this.nowMs - 1_000_000).padStart(7)} ${address} ${direction} ${what} ${ids}`)
  }

  #carry(arrive: () => void): void {
    const { loss, double, jitterMs } = this.#weather
    for (let copies = this.dice.chance(double) ? 2 : 1; copies > 0; copies--)
      if (!this.dice.chance(loss)) this.after(this.dice.between(0, jitterMs), arrive)
  }

  /** From now on nothing is lost, doubled or late. */
  calm(): void {
    this.#weather = { loss: 0, double: 0, jitterMs: 0 }
  }

  /** One step of time: arrivals and peers first, then the timers of the edge. */
  step(): void {
    this.rig.clock.advance(stepMs)
    const due = this.#due.get(this.nowMs)
    if (due !== undefined) {
      this.#due.delete(this.nowMs)
      for (const later of due) if (!later.off) later.action()
    }
    this.rig.edge.tick()
  }
}

const t1Ms = 500
const t2Ms = 4_000

/** RFC 3261 17: sent now, then after T1, doubling (to T2 unless it is an INVITE), for 64*T1. */
export class Repeater {
  readonly #wire: StormWire
  readonly #send: () => void
  readonly #capMs: number
  #intervalMs = t1Ms
  #next: Later | undefined
  readonly #end: Later

  constructor(wire: StormWire, send: () => void, options: { isInvite: boolean; onTimeout: () => void }) {
    this.#wire = wire
    this.#send = send
    this.#capMs = options.isInvite ? Number.POSITIVE_INFINITY : t2Ms
    this.#end = wire.after(64 * t1Ms, () => {
      this.stop()
      options.onTimeout()
    })
    this.#again()
  }

  #again(): void {
    this.#send()
    this.#next = this.#wire.after(this.#intervalMs, () => this.#again())
    this.#intervalMs = Math.min(this.#intervalMs * 2, this.#capMs)
  }

  get running(): boolean {
    return !this.#end.off
  }

  stop(): void {
    this.#end.off = true
    if (this.#next !== undefined) this.#next.off = true
  }
}

export interface RequestParts {
  readonly method: string
  readonly uri: string
  /** Where the sender lives. */
  readonly address: string
  readonly branch: string
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly cseq: number
  readonly body?: string
}

/** A request of a peer, as text, so that nothing of the edge's serializer proves itself. */
export function requestText(parts: RequestParts): string {
  const { method, uri, address, branch, from, to, callId, cseq, body = '' } = parts
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${address}:5060;branch=${branch}`,
    'Max-Forwards: 70',
    `From: ${from}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    `Contact: <sip:peer@${address}:5060>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** A session description that tells by its name whose it is. */
export const sdpOf = (name: string): string =>
  `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=${name}\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n`

export const sdpName = (body: Buffer): string | undefined => /^s=(.*)$/m.exec(body.toString('latin1'))?.[1]?.trim()
