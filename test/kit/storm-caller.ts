// One call from its caller's side (RFC 3261 13, 14, 15, 17), written for the storm alone: it knows nothing of the edge's
// own transactions. What it sees of its call stays readable for the checks.
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { responseTo } from './call-rig.ts'
import type { Later, StormWire } from './storm-wire.ts'
import { Repeater, requestText, sdpName, sdpOf } from './storm-wire.ts'

export interface CallerPlan {
  readonly address: string
  readonly number: string
  readonly lateOffer: boolean
  readonly cancelMs: number | undefined
  /** Gives up by BYE instead of CANCEL once an 18x made a dialog. */
  readonly earlyBye: boolean
  readonly ackMs: number
  readonly holdMs: number
  readonly reinviteMs: number | undefined
  /** After the first 1xx of its re-INVITE. */
  readonly reinviteCancelMs: number | undefined
  readonly vanishMs: number | undefined
}

/** One request of the caller and what came back. */
export interface CallerRequest {
  readonly method: string
  readonly branch: string
  final: number | undefined
  timedOut: boolean
}

export class StormCaller {
  readonly plan: CallerPlan
  readonly callId: string
  readonly tag: string
  readonly requests: CallerRequest[] = []
  state: 'calling' | 'up' | 'over' | 'vanished' = 'calling'
  /** Name of the session description in the 2xx: which gateway dialog it thinks it talks to. */
  talksTo: string | undefined
  readonly #wire: StormWire
  readonly #running = new Map<string, { record: CallerRequest; repeater: Repeater }>()
  readonly #answered = new Map<string, string>()
  #cseq = 1
  #remoteCseq = 0
  #toTag = ''
  #heard = false
  #stopWanted = false
  #stopped = false
  #reinviting = false
  readonly #invite: CallerRequest
  #ack = new Map<number, string>()
  #later: Later[] = []
  #answer: { cseq: number; repeater: Repeater } | undefined

  constructor(wire: StormWire, plan: CallerPlan, index: number) {
    this.#wire = wire
    this.plan = plan
    this.callId = `storm-${index}@${plan.address}`
    this.tag = `CT${index}X`
    this.#invite = this.#request('INVITE', { cseq: 1, body: plan.lateOffer ? '' : sdpOf(`offer-${index}`) })
    this.#in(plan.cancelMs, () => this.#giveUp())
    this.#in(plan.vanishMs, () => this.#vanish())
  }

  #in(ms: number | undefined, action: () => void): void {
    if (ms !== undefined) this.#later.push(this.#wire.after(ms, action))
  }

  #text(method: string, parts: { cseq: number; branch: string; body?: string; dialog?: boolean }): string {
    const { plan } = this
    const { dialog = true, ...rest } = parts
    return requestText({
      method,
      uri: `sip:${plan.number}@10.0.0.1:5060`,
      address: plan.address,
      from: `<sip:441000@${plan.address}>;tag=${this.tag}`,
      to: `<sip:${plan.number}@10.0.0.1>${dialog && this.#toTag !== '' ? `;tag=${this.#toTag}` : ''}`,
      callId: this.callId,
      ...rest,
    })
  }

  #request(method: string, parts: { cseq: number; branch?: string; body?: string }): CallerRequest {
    const branch = parts.branch ?? `z9hG4bK${this.tag}${method}${parts.cseq}`
    const record: CallerRequest = { method, branch, final: undefined, timedOut: false }
    const dialog = parts.branch !== this.#invite?.branch && this.requests.length > 0
    const text = this.#text(method, { ...parts, branch, dialog })
    const repeater = new Repeater(this.#wire, () => this.#wire.toEdge(text, this.plan.address), {
      isInvite: method === 'INVITE',
      onTimeout: () => {
        record.timedOut = true
        if (record === this.#invite || method === 'BYE') this.#end('over')
      },
    })
    this.requests.push(record)
    this.#running.set(`${method} ${branch}`, { record, repeater })
    return record
  }

  #end(state: 'over' | 'vanished'): void {
    this.state = state
    for (const later of this.#later) later.off = true
    this.#answer?.repeater.stop()
    if (state === 'vanished') for (const { repeater } of this.#running.values()) repeater.stop()
  }

  #vanish(): void {
    if (this.state !== 'over') this.#end('vanished')
  }

  /** CANCEL, which waits for a first 1xx (9.1), or BYE in an early dialog (15). */
  #giveUp(): void {
    this.#stopWanted = true
    if (this.#invite.final !== undefined || !this.#heard || this.#stopped) return
    if (this.plan.earlyBye && this.#toTag === '') return
    this.#stopped = true
    if (this.plan.earlyBye) this.#request('BYE', { cseq: (this.#cseq += 1) })
    else this.#request('CANCEL', { cseq: 1, branch: this.#invite.branch })
  }

  #hangUp(): void {
    if (this.state !== 'up') return
    this.#request('BYE', { cseq: (this.#cseq += 1) })
    this.#end('over')
  }

  #reinvite(): void {
    if (this.state !== 'up' || this.#answer?.repeater.running === true || this.#reinviting) return
    this.#reinviting = true
    this.#request('INVITE', { cseq: (this.#cseq += 1), body: sdpOf('again') })
  }

  receive(message: SipMessage): void {
    if (this.state === 'vanished') return
    if (message.kind === 'request') this.#onRequest(message)
    else this.#onResponse(message)
  }

  #onResponse(response: SipMessage): void {
    const known = this.#running.get(`${response.method} ${response.topVia.branch}`)
    if (known === undefined) return
    const { record, repeater } = known
    if (response.status < 200) {
      if (response.method === 'INVITE') repeater.stop()
      if (record === this.#invite) this.#onProgress(response)
      else if (response.method === 'INVITE') this.#onReinviteProgress(record, response)
      return
    }
    repeater.stop()
    const first = record.final === undefined
    record.final ??= response.status
    if (response.method !== 'INVITE') return
    if (response.status >= 300) this.#acknowledgeFailure(record, response)
    else this.#onSuccess(response, first)
    if (record !== this.#invite && first) this.#reinviting = false
  }

  #onProgress(response: SipMessage): void {
    if (this.#invite.final !== undefined) return
    this.#heard = true
    if (response.toTag !== undefined) this.#toTag = response.toTag
    if (this.#stopWanted) this.#giveUp()
  }

  #onReinviteProgress(record: CallerRequest, response: SipMessage): void {
    const { branch } = record
    if (this.#running.has(`CANCEL ${branch}`)) return
    this.#in(this.plan.reinviteCancelMs, () => {
      const isOpen = record.final === undefined && this.state === 'up' && !this.#running.has(`CANCEL ${branch}`)
      if (isOpen) this.#request('CANCEL', { cseq: response.cseq.number, branch })
    })
  }

  #acknowledgeFailure(record: CallerRequest, response: SipMessage): void {
    const kept = this.#toTag
    this.#toTag = response.toTag ?? ''
    const { number: cseq } = response.cseq
    this.#wire.toEdge(this.#text('ACK', { cseq, branch: record.branch }), this.plan.address)
    this.#toTag = kept
    if (record === this.#invite && this.state === 'calling') this.#end('over')
  }

  /** The first 2xx of the call and of each re-INVITE; every repetition gets the same ACK again. */
  #onSuccess(response: SipMessage, first: boolean): void {
    const { number: cseq } = response.cseq
    if (first) {
      this.#toTag = response.toTag ?? ''
      const body = this.plan.lateOffer && cseq === 1 ? sdpOf('late') : ''
      this.#ack.set(cseq, this.#text('ACK', { cseq, branch: `z9hG4bK${this.tag}ack${cseq}`, body }))
      if (cseq === 1) this.talksTo = sdpName(response.body)
    }
    const send = (): void => {
      const ack = this.#ack.get(cseq)
      if (ack !== undefined && this.state !== 'vanished') this.#wire.toEdge(ack, this.plan.address)
    }
    if (first && cseq === 1 && this.state === 'calling') {
      this.state = 'up'
      this.#wire.after(this.plan.ackMs, () => {
        send()
        if (this.#stopped) this.#hangUp()
      })
      this.#in(this.plan.holdMs, () => this.#hangUp())
      this.#in(this.plan.reinviteMs, () => this.#reinvite())
    } else if (!first || cseq > 1) send()
  }

  #respond(request: SipMessage, status: number, body = ''): void {
    const text = responseTo(request, status, { body, contact: `<sip:peer@${this.plan.address}:5060>` })
    this.#answered.set(`${request.method} ${request.topVia.branch}`, text)
    this.#wire.toEdge(text, this.plan.address)
  }

  #onRequest(request: SipMessage): void {
    const { cseq, method } = request
    if (method === 'ACK') {
      if (this.#answer?.cseq === cseq.number) this.#answer.repeater.stop()
      return
    }
    const before = this.#answered.get(`${method} ${request.topVia.branch}`)
    if (before !== undefined) {
      if (method !== 'INVITE') this.#wire.toEdge(before, this.plan.address)
      return
    }
    const ours = request.value(headerIds.to)?.includes(this.tag) === true && this.talksTo !== undefined
    if (!ours) this.#respond(request, 481)
    else if (method === 'BYE') {
      this.#respond(request, this.state === 'over' ? 481 : 200)
      if (this.state === 'up') this.#end('over')
    } else if (this.state !== 'up') this.#respond(request, 481)
    else if (method !== 'INVITE') this.#respond(request, 200)
    else this.#onReinvite(request)
  }

  /** 14.2: 500 to one that came late, 491 while our own is under way. */
  #onReinvite(request: SipMessage): void {
    const { number: cseq } = request.cseq
    if (cseq <= this.#remoteCseq) return this.#fail(request, 500)
    this.#remoteCseq = cseq
    if (this.#reinviting) return this.#fail(request, 491)
    const text = responseTo(request, 200, { body: sdpOf('yes'), contact: `<sip:peer@${this.plan.address}:5060>` })
    this.#answered.set(`INVITE ${request.topVia.branch}`, text)
    const send = (): void => this.#wire.toEdge(text, this.plan.address)
    this.#answer = {
      cseq,
      repeater: new Repeater(this.#wire, send, { isInvite: false, onTimeout: () => this.#hangUp() }),
    }
  }

  #fail(request: SipMessage, status: number): void {
    const text = responseTo(request, status)
    this.#answered.set(`INVITE ${request.topVia.branch}`, text)
    const send = (): void => this.#wire.toEdge(text, this.plan.address)
    const repeater = new Repeater(this.#wire, send, { isInvite: false, onTimeout: () => undefined })
    this.#answer = { cseq: request.cseq.number, repeater }
  }
}
