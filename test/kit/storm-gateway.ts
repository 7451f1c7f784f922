// A gateway and the calls that it sees (RFC 3261 13, 14, 15, 17, 9.2), written for the storm alone. It answers, refuses,
// forks, keeps silent, comes late, dies; all it knows of a call stays readable for the checks.
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { responseTo } from './call-rig.ts'
import type { StormWire } from './storm-wire.ts'
import { Repeater, requestText, sdpOf } from './storm-wire.ts'

export interface GatewayPlan {
  /** Milliseconds after the INVITE; undefined = never. */
  readonly tryingMs: number | undefined
  readonly ringMs: number | undefined
  readonly finalMs: number | undefined
  readonly status: number
  readonly retryAfter: boolean
  /** Two phones: the second rings as well and answers so much later. */
  readonly forkMs: number | undefined
  readonly hangUpMs: number | undefined
  readonly reinviteMs: number | undefined
  readonly vanishMs: number | undefined
  /** A re-INVITE of the edge is refused with this, if it is not 200; after a 100 and so long, or at once. */
  readonly reinviteStatus: number
  readonly reinviteAnswerMs: number | undefined
  /** It answers in the moment when the CANCEL comes. */
  readonly answersCancelled: boolean
}

/** One dialog of a call, made by one phone behind the gateway. */
export interface GatewayDialog {
  readonly tag: string
  /** Name in its session description. */
  readonly name: string
  state: 'early' | 'up' | 'ended'
  acknowledged: boolean
  /** It sent BYE, or got one. */
  endedBy: 'gateway' | 'edge' | 'nobody' | undefined
  cseqSeen: number
}

/** One INVITE of the edge and everything that came of it. */
export class GatewayCall {
  readonly callId: string
  readonly address: string
  readonly plan: GatewayPlan
  readonly dialogs: GatewayDialog[] = []
  state: 'pending' | 'answered' | 'failed' | 'vanished' = 'pending'
  /** What went wrong in its own eyes, for the checks. */
  readonly complaints: string[] = []
  readonly #wire: StormWire
  readonly #invite: SipMessage
  readonly #index: number
  #last: string | undefined
  #failure: Repeater | undefined
  readonly #repeaters = new Map<string, Repeater>()
  readonly #answered = new Map<string, string>()
  #cseq = 100
  #reinviting: string | undefined
  /** The re-INVITE of the edge that waits for its answer. */
  #asked: SipMessage | undefined

  constructor(wire: StormWire, invite: SipMessage, parts: { address: string; plan: GatewayPlan; index: number }) {
    this.#wire = wire
    this.#invite = invite
    this.#index = parts.index
    this.address = parts.address
    this.callId = invite.callId
    this.plan = parts.plan
    const { tryingMs, ringMs, finalMs, forkMs, vanishMs } = this.plan
    this.#in(tryingMs, () => this.#provisional(100, 0))
    this.#in(ringMs, () => this.#provisional(180, 0))
    if (forkMs !== undefined) this.#in(ringMs, () => this.#provisional(183, 1))
    this.#in(finalMs, () => this.#finish())
    this.#in(vanishMs, () => this.vanish())
  }

  /** Something here still counts as a call. */
  get isLive(): boolean {
    return this.state === 'pending' || (this.state === 'answered' && this.dialogs.every((one) => one.state !== 'ended'))
  }

  #in(ms: number | undefined, action: () => void): void {
    if (ms !== undefined) this.#wire.after(ms, () => (this.state === 'vanished' ? undefined : action()))
  }

  #send(text: string): void {
    if (this.state !== 'vanished') this.#wire.toEdge(text, this.address)
  }

  vanish(): void {
    this.state = 'vanished'
    this.#failure?.stop()
    for (const repeater of this.#repeaters.values()) repeater.stop()
  }

  #dialog(phone: number): GatewayDialog {
    let dialog = this.dialogs[phone]
    if (dialog === undefined) {
      const name = `talk-${this.#index}-${phone}`
      dialog = {
        tag: `GT${this.#index}Y${phone}`,
        name,
        state: 'early',
        acknowledged: false,
        endedBy: undefined,
        cseqSeen: 1,
      }
      this.dialogs[phone] = dialog
    }
    return dialog
  }

  #provisional(status: number, phone: number): void {
    if (this.state !== 'pending') return
    const dialog = status === 100 ? undefined : this.#dialog(phone)
    this.#last = this.#response(status, dialog, status === 183 ? sdpOf(dialog?.name ?? '') : '')
    this.#send(this.#last)
  }

  #response(status: number, dialog: GatewayDialog | undefined, body = ''): string {
    return responseTo(this.#invite, status, {
      toTag: dialog?.tag ?? `GT${this.#index}YN`,
      body,
      contact: `<sip:gw@${this.address}:5060>`,
      ...(this.plan.retryAfter && status === 503 ? { lines: ['Retry-After: 3'] } : {}),
    })
  }

  #finish(): void {
    if (this.state !== 'pending') return
    if (this.plan.status >= 300) this.#fail(this.plan.status)
    else {
      this.#succeed(0)
      if (this.plan.forkMs !== undefined) this.#in(this.plan.forkMs, () => this.#succeed(1))
      else if (this.state === 'pending') this.#fail(480)
    }
  }

  #fail(status: number): void {
    this.state = 'failed'
    const text = this.#response(status, undefined)
    this.#failure = new Repeater(this.#wire, () => this.#send(text), {
      isInvite: false,
      onTimeout: () => this.complaints.push(`its ${status} was never acknowledged`),
    })
  }

  #succeed(phone: number): void {
    const dialog = this.#dialog(phone)
    // Its early dialog may have got a BYE (15).
    if (dialog.state !== 'early' || (this.state !== 'pending' && this.state !== 'answered')) return
    this.state = 'answered'
    dialog.state = 'up'
    const text = this.#response(200, dialog, sdpOf(dialog.name))
    this.#repeat(`1 ${dialog.tag}`, text, () => {
      this.complaints.push(`its 200 was never acknowledged`)
      this.#bye(dialog)
    })
  }

  #repeat(key: string, text: string, onTimeout: () => void): void {
    this.#repeaters.set(key, new Repeater(this.#wire, () => this.#send(text), { isInvite: false, onTimeout }))
  }

  /** 15: not before the ACK, unless that never came. */
  #bye(dialog: GatewayDialog): void {
    if (dialog.state !== 'up') return
    this.#endDialog(dialog, 'gateway')
    this.#request('BYE', dialog, '')
  }

  #reinvite(dialog: GatewayDialog): void {
    if (dialog.state !== 'up' || this.#reinviting !== undefined) return
    for (const repeater of this.#repeaters.values()) if (repeater.running) return
    this.#reinviting = this.#request('INVITE', dialog, sdpOf('again'))
  }

  #dialogText(method: string, dialog: GatewayDialog, parts: { branch: string; cseq: number; body: string }): string {
    return requestText({
      method,
      uri: 'sip:10.0.0.1:5060',
      address: this.address,
      from: `${this.#invite.value(headerIds.to)};tag=${dialog.tag}`,
      to: this.#invite.value(headerIds.from) ?? '',
      callId: this.callId,
      ...parts,
    })
  }

  #request(method: string, dialog: GatewayDialog, body: string): string {
    const cseq = (this.#cseq += 1)
    const branch = `z9hG4bK${dialog.tag}${method}${cseq}`
    const text = this.#dialogText(method, dialog, { branch, cseq, body })
    const repeater = new Repeater(this.#wire, () => this.#send(text), {
      isInvite: method === 'INVITE',
      onTimeout: () => this.complaints.push(`its ${method} was never answered`),
    })
    this.#repeaters.set(branch, repeater)
    return branch
  }

  #endDialog(dialog: GatewayDialog, by: 'gateway' | 'edge'): void {
    dialog.state = 'ended'
    dialog.endedBy = by
    this.#repeaters.get(`1 ${dialog.tag}`)?.stop()
    for (const [key, repeater] of this.#repeaters) if (key.startsWith('re ')) repeater.stop()
  }

  receive(message: SipMessage): void {
    if (this.state === 'vanished') return
    if (message.kind === 'response') this.#onResponse(message)
    else if (message.method === 'ACK') this.#onAck(message)
    else this.#onRequest(message)
  }

  #onRequest(request: SipMessage): void {
    const key = `${request.method} ${request.topVia.branch}`
    if (request.method === 'INVITE' && request.toTag === undefined) {
      if (this.state === 'pending' && this.#last !== undefined) this.#send(this.#last)
      return
    }
    const before = this.#answered.get(key)
    if (before !== undefined) return this.#send(before)
    if (request.method === 'CANCEL') return this.#onCancel(request, key)
    const dialog = this.dialogs.find((one) => one.tag === request.toTag)
    if (dialog === undefined || dialog.state === 'ended') this.#respond(request, key, 481)
    else if (request.method === 'BYE') this.#onBye(request, key, dialog)
    else if (request.cseq.number <= dialog.cseqSeen) this.#respond(request, key, 500)
    else if (request.method === 'INVITE') this.#onReinvite(request, dialog)
    else this.#respond(request, key, 200)
  }

  #respond(request: SipMessage, key: string, status: number): void {
    const text = responseTo(request, status)
    this.#answered.set(key, text)
    this.#send(text)
  }

  #onCancel(request: SipMessage, key: string): void {
    if (request.toTag !== undefined) {
      this.#respond(request, key, 200)
      const dialog = this.dialogs.find((one) => one.tag === request.toTag)
      if (dialog !== undefined && this.#asked?.topVia.branch === request.topVia.branch) this.#answer(dialog, 487)
      return
    }
    if (request.topVia.branch !== this.#invite.topVia.branch || request.cseq.number !== this.#invite.cseq.number)
      this.complaints.push('a CANCEL does not fit its INVITE')
    this.#respond(request, key, 200)
    if (this.state !== 'pending') return
    if (this.plan.answersCancelled) this.#succeed(0)
    else this.#fail(487)
  }

  #onBye(request: SipMessage, key: string, dialog: GatewayDialog): void {
    this.#respond(request, key, 200)
    dialog.cseqSeen = request.cseq.number
    this.#endDialog(dialog, 'edge')
  }

  #onReinvite(request: SipMessage, dialog: GatewayDialog): void {
    dialog.cseqSeen = request.cseq.number
    const { reinviteStatus, reinviteAnswerMs } = this.plan
    const busy = this.#asked !== undefined
    if (busy) return this.#respond(request, `INVITE ${request.topVia.branch}`, 500)
    this.#asked = request
    if (this.#reinviting !== undefined) return this.#answer(dialog, 491)
    if (reinviteAnswerMs === undefined) return this.#answer(dialog, reinviteStatus)
    this.#respond(request, `INVITE ${request.topVia.branch}`, 100)
    this.#in(reinviteAnswerMs, () => {
      if (this.#asked === request) this.#answer(dialog, reinviteStatus)
    })
  }

  #answer(dialog: GatewayDialog, status: number): void {
    const request = this.#asked
    this.#asked = undefined
    if (request === undefined) return
    const text = responseTo(request, status, {
      body: status === 200 ? sdpOf(dialog.name) : '',
      contact: `<sip:gw@${this.address}:5060>`,
    })
    const key = `INVITE ${request.topVia.branch}`
    this.#answered.set(key, text)
    this.#repeat(`re ${request.cseq.number} ${dialog.tag}`, text, () => {
      this.complaints.push(`its ${status} to a re-INVITE was never acknowledged`)
    })
  }

  #onAck(ack: SipMessage): void {
    if (this.#failure !== undefined && ack.topVia.branch === this.#invite.topVia.branch) return this.#failure.stop()
    const dialog = this.dialogs.find((one) => one.tag === ack.toTag)
    if (dialog === undefined) return
    this.#repeaters.get(`re ${ack.cseq.number} ${dialog.tag}`)?.stop()
    if (ack.cseq.number !== 1 || dialog.acknowledged) return
    dialog.acknowledged = true
    this.#repeaters.get(`1 ${dialog.tag}`)?.stop()
    const { hangUpMs, reinviteMs } = this.plan
    this.#in(hangUpMs, () => this.#bye(dialog))
    this.#in(reinviteMs, () => this.#reinvite(dialog))
  }

  #onResponse(response: SipMessage): void {
    const branch = response.topVia.branch ?? ''
    const repeater = this.#repeaters.get(branch)
    if (repeater === undefined) return
    repeater.stop()
    if (response.method !== 'INVITE' || response.status < 200) return
    const dialog = this.dialogs.find((one) => one.tag === response.fromTag)
    if (dialog === undefined) return
    if (this.#reinviting === branch) this.#reinviting = undefined
    const { number: cseq } = response.cseq
    const ackBranch = response.status < 300 ? `${branch}a` : branch
    this.#send(this.#dialogText('ACK', dialog, { branch: ackBranch, cseq, body: '' }))
  }
}
