// A process of its own: callers and gateways that end calls in every way. The last two digits of the dialled number say
// which. Speaks with its parent by messages: `start` makes the calls, `report` asks for the counts.
import type { Socket } from 'node:dgram'
import { kindNames as names, kinds } from './ending-kinds.ts'
import type { Kind } from './ending-kinds.ts'
import { addressOf, openSocket, readMessage, request, respond, sdp } from './sip-text.ts'
import type { Message } from './sip-text.ts'

export interface PeerOptions {
  readonly edge: { readonly address: string; readonly port: number }
  readonly caller: { readonly address: string; readonly port: number }
  readonly gateways: readonly { readonly address: string; readonly port: number }[]
  readonly calls: number
  readonly callsPerSecond: number
}

export interface PeerReport {
  readonly started: Record<string, number>
  /** Calls whose end was seen to be the one of their kind, by both sides that were still there. */
  readonly ended: Record<string, number>
  /** Answers and requests that no call of that kind should see; each is written to stderr. */
  readonly surprises: number
}

interface CallerCall {
  readonly kind: Kind
  readonly callId: string
  readonly uri: string
  readonly branch: string
  readonly from: string
  to: string
  target: string
  cseq: number
  answered: boolean
  done: boolean
}

const callerCalls = new Map<string, CallerCall>()
const gatewayDone = new Set<string>()
const started: Record<string, number> = {}
const ended: Record<string, number> = {}
let surprises = 0
let counter = 0
const branch = (): string => `z9hG4bKpeer${process.pid}x${(counter += 1)}`

function surprise(what: string): void {
  surprises += 1
  if (surprises <= 20) console.error(`surprise: ${what}`)
}

const later = (ms: number, action: () => void): void => {
  setTimeout(action, ms)
}

class Caller {
  readonly #socket: Socket
  readonly #options: PeerOptions

  constructor(socket: Socket, options: PeerOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('message', (datagram, from) => this.#onMessage(readMessage(datagram, from)))
  }

  #send(text: string, target: string): void {
    const { address, port } = addressOf(target)
    this.#socket.send(Buffer.from(text, 'latin1'), port, address)
  }

  call(number: number): void {
    const kindIndex = number % names.length
    const kind = names[kindIndex] as Kind
    const { edge, caller } = this.#options
    const uri = `sip:4417820000${String(kindIndex).padStart(2, '0')}@${edge.address}:${edge.port}`
    const callId = `ending-${process.pid}-${number}`
    const call: CallerCall = {
      kind,
      callId,
      uri,
      branch: branch(),
      from: `<sip:441@${caller.address}>;tag=c${number}`,
      to: `<${uri}>`,
      target: uri,
      cseq: 1,
      answered: false,
      done: false,
    }
    callerCalls.set(callId, call)
    started[kind] = (started[kind] ?? 0) + 1
    this.#send(this.#compose(call, 'INVITE', { branch: call.branch, body: sdp(caller.address) }), uri)
    if (kind === 'CANCEL before ringing') later(150, () => this.#cancel(call))
  }

  #compose(
    call: CallerCall,
    method: string,
    more: { branch?: string; body?: string; cseq?: number; uri?: string } = {},
  ): string {
    const { caller } = this.#options
    return request({
      method,
      uri: more.uri ?? call.target,
      callId: call.callId,
      cseq: more.cseq ?? call.cseq,
      from: call.from,
      to: call.to,
      branch: more.branch ?? branch(),
      ...caller,
      ...(more.body === undefined ? {} : { body: more.body }),
    })
  }

  #cancel(call: CallerCall): void {
    const to = call.to
    call.to = `<${call.uri}>`
    this.#send(this.#compose(call, 'CANCEL', { branch: call.branch, uri: call.uri }), call.uri)
    call.to = to
  }

  #bye(call: CallerCall): void {
    call.cseq += 1
    this.#send(this.#compose(call, 'BYE'), call.target)
  }

  #finish(call: CallerCall): void {
    if (call.done) return
    call.done = true
    ended[call.kind] = (ended[call.kind] ?? 0) + 1
  }

  #onMessage(message: Message): void {
    const call = callerCalls.get(message.callId)
    if (call === undefined) return
    if (call.kind === 'caller vanishes' && call.answered) return
    if (message.status === 0) this.#onRequest(call, message)
    else if (message.method === 'INVITE') this.#onInviteAnswer(call, message)
    else if (message.method === 'BYE' && message.status === 200 && !call.kind.startsWith('BYE of the gateway'))
      this.#finish(call)
  }

  #onInviteAnswer(call: CallerCall, message: Message): void {
    if (message.status < 200) {
      if (
        message.status > 100 &&
        call.kind.startsWith('CANCEL') &&
        call.kind !== 'CANCEL before ringing' &&
        !call.answered
      ) {
        call.answered = true
        this.#cancel(call)
      }
      return
    }
    if (message.status >= 300) {
      const to = call.to
      call.to = message.to
      this.#send(this.#compose(call, 'ACK', { branch: call.branch, uri: call.uri, cseq: message.cseq }), call.uri)
      call.to = to
      if (message.status === kinds[call.kind]) this.#finish(call)
      else surprise(`${call.kind}: ${message.status}`)
      return
    }
    if (kinds[call.kind] !== 200) surprise(`${call.kind}: ${message.status}`)
    const first = !call.answered
    call.answered = true
    call.to = message.to
    call.target = message.contact
    if (call.kind === 'no ACK') return
    this.#send(this.#compose(call, 'ACK', { cseq: message.cseq }), call.target)
    if (message.cseq > 1) {
      if (!call.done) this.#bye(call)
      return
    }
    if (first) this.#afterAnswer(call)
  }

  #afterAnswer(call: CallerCall): void {
    if (call.kind === 'caller vanishes') this.#finish(call)
    else if (call.kind === 'BYE of the caller' || call.kind === 'BYE of both at once') later(300, () => this.#bye(call))
    else if (call.kind === 're-INVITE, then BYE') {
      later(100, () => {
        call.cseq += 1
        this.#send(this.#compose(call, 'INVITE', { body: sdp(this.#options.caller.address) }), call.target)
      })
    }
  }

  #onRequest(call: CallerCall, message: Message): void {
    this.#send(respond(message, 200, this.#options.caller), `sip:${message.source.address}:${message.source.port}`)
    if (message.method !== 'BYE') return
    const expected = ['BYE of the gateway', 'BYE of both at once', 'no ACK', 'gateway vanishes', 'max duration']
    if (expected.includes(call.kind)) this.#finish(call)
    else surprise(`${call.kind}: BYE`)
  }
}

class Gateway {
  readonly #socket: Socket
  readonly #own: { address: string; port: number }
  readonly #invites = new Map<string, Message>()
  readonly #acknowledged = new Set<string>()

  constructor(socket: Socket, own: { address: string; port: number }) {
    this.#socket = socket
    this.#own = own
    socket.on('message', (datagram, from) => this.#onMessage(readMessage(datagram, from)))
  }

  #send(text: string, to: { address: string; port: number }): void {
    this.#socket.send(Buffer.from(text, 'latin1'), to.port, to.address)
  }

  #answer(message: Message, status: number, body = ''): void {
    this.#send(respond(message, status, { tag: `g${message.callId.slice(0, 8)}`, ...this.#own, body }), message.source)
  }

  #kindOf(message: Message): Kind {
    const digits = /sip:\d*?(\d\d)[@;]/.exec(message.to)?.[1] ?? '0'
    return names[Number(digits)] as Kind
  }

  #onMessage(message: Message): void {
    if (message.status !== 0) return
    if (message.method === 'OPTIONS') return this.#answer(message, 200)
    if (message.method === 'INVITE') return this.#onInvite(message)
    const kind = this.#kindOf(message)
    const invite = this.#invites.get(message.callId)
    if (kind === 'gateway vanishes' && message.method !== 'ACK') return
    if (message.method === 'ACK') return this.#onAck(kind, message)
    if (message.method === 'CANCEL' && invite !== undefined) return this.#onCancel(kind, message, invite)
    this.#answer(message, 200)
    if (message.method === 'BYE') gatewayDone.add(message.callId)
  }

  #onInvite(message: Message): void {
    const kind = this.#kindOf(message)
    if (this.#invites.has(message.callId) && this.#invites.get(message.callId)?.cseq === message.cseq) return
    const again = this.#invites.has(message.callId)
    this.#invites.set(message.callId, message)
    if (kind === 'no reply') return
    this.#answer(message, 100)
    if (again) return this.#answer(message, 200, sdp(this.#own.address))
    if (kinds[kind] >= 400 && kinds[kind] !== 487) return this.#answer(message, kinds[kind])
    if (kind === 'CANCEL before ringing') return undefined
    this.#answer(message, 180)
    if (!kind.startsWith('CANCEL')) later(50, () => this.#answer(message, 200, sdp(this.#own.address)))
    return undefined
  }

  #onCancel(kind: Kind, cancel: Message, invite: Message): void {
    if (kind === 'CANCEL crossing 200') this.#answer(invite, 200, sdp(this.#own.address))
    this.#answer(cancel, 200)
    if (kind !== 'CANCEL crossing 200') this.#answer(invite, 487)
  }

  #onAck(kind: Kind, ack: Message): void {
    if (this.#acknowledged.has(ack.callId)) return
    this.#acknowledged.add(ack.callId)
    if (kind === 'BYE of the gateway' || kind === 'BYE of both at once') later(300, () => this.#bye(ack))
  }

  #bye(ack: Message): void {
    const invite = this.#invites.get(ack.callId)
    if (invite === undefined || gatewayDone.has(ack.callId)) return
    const to = addressOf(invite.contact)
    this.#send(
      request({
        method: 'BYE',
        uri: invite.contact,
        callId: ack.callId,
        cseq: 1,
        from: ack.to,
        to: ack.from,
        branch: branch(),
        ...this.#own,
      }),
      to,
    )
  }
}

async function run(options: PeerOptions): Promise<void> {
  const caller = new Caller(await openSocket(options.caller.address, options.caller.port), options)
  for (const own of options.gateways) {
    void new Gateway(await openSocket(own.address, own.port), own)
  }
  let made = 0
  const startedAt = performance.now()
  const pace = setInterval(() => {
    const due = Math.min(options.calls, Math.floor(((performance.now() - startedAt) / 1_000) * options.callsPerSecond))
    for (; made < due; made += 1) caller.call(made)
    if (made === options.calls) clearInterval(pace)
  }, 5)
}

process.on('message', (order: { type: 'start'; options: PeerOptions } | { type: 'report' }) => {
  if (order.type === 'start') void run(order.options)
  else process.send?.({ started, ended, surprises } satisfies PeerReport)
})
