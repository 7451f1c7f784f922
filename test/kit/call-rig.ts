// A caller and gateways in words, on the edge rig: each call of a test reads like its ladder.
import assert from 'node:assert/strict'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import type { Protocol } from '../../src/sip/flow.ts'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { EdgeRig } from './edge-rig.ts'

export const callerAddress = '10.1.0.1'
export const gateway1 = '10.2.0.1'
export const gateway2 = '10.2.0.2'
export const edgeAddress = '10.0.0.1'

export const offer = 'v=0\r\no=- 1 1 IN IP4 10.1.0.1\r\ns=-\r\nc=IN IP4 10.1.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n'
export const answerSdp =
  'v=0\r\no=- 2 2 IN IP4 10.2.0.1\r\ns=-\r\nc=IN IP4 10.2.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8\r\n'

type Carrier = NonNullable<DeclarativeInput['carriers']>[number]
type Endpoint = NonNullable<Carrier['endpoints']>[number]

/** One customer, one carrier with two gateways of weights 1 and 0 (so that the order is fixed), probing off. */
export function standardFile(
  more: { carrier?: Partial<Carrier>; endpoint?: Partial<Endpoint>; customer?: object; system?: object } = {},
): DeclarativeInput {
  const gateway = (name: string, address: string, weight: number): Endpoint => ({
    name,
    direction: 'receives',
    addresses: [address],
    weight,
    probe: { enabled: false },
    ...more.endpoint,
  })
  return {
    system: { realm: 'test', ...more.system },
    carriers: [
      {
        name: 'Acme',
        gatewayFailoverMax: 1,
        endpoints: [gateway('gw-1', gateway1, 1), gateway('gw-2', gateway2, 0)],
        ...more.carrier,
      },
    ],
    customers: [
      { name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [callerAddress] }], ...more.customer },
    ],
    routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
  }
}

export interface InviteParts {
  readonly callId?: string
  readonly number?: string
  readonly branch?: string
  readonly body?: string
  readonly lines?: readonly string[]
  readonly cseq?: number
  readonly address?: string
  readonly protocol?: Protocol
}

interface RequestParts {
  readonly branch?: string
  readonly body?: string
  /** application/sdp if absent. */
  readonly contentType?: string
  readonly lines?: readonly string[]
}

let counter = 0

/** The caller's side of one call: writes requests as text, so that nothing of our serializer proves itself. */
export class CallerSide {
  readonly rig: EdgeRig
  readonly callId: string
  readonly number: string
  readonly address: string
  readonly protocol: Protocol
  tag = 'caller-tag'
  /** From and To as the caller writes them, without tags. */
  from: string
  to: string
  requestUri: string
  cseq: number
  /** To tag of the dialog, learned from an answer. */
  toTag = ''
  #branch: string

  constructor(rig: EdgeRig, parts: InviteParts = {}) {
    counter += 1
    this.rig = rig
    this.address = parts.address ?? callerAddress
    this.protocol = parts.protocol ?? 'udp'
    this.callId = parts.callId ?? `call-${counter}@${callerAddress}`
    this.number = parts.number ?? '441782000001'
    this.cseq = parts.cseq ?? 1
    this.from = `"Alice" <sip:441000@${this.host}>`
    this.to = `<sip:${this.number}@${edgeAddress}>`
    this.requestUri = `sip:${this.number}@${edgeAddress}:5060`
    this.#branch = parts.branch ?? `z9hG4bKinvite${counter}`
  }

  /** As it stands in URIs and Via. */
  get host(): string {
    return this.address.includes(':') ? `[${this.address}]` : this.address
  }

  request(method: string, parts: RequestParts & { cseq?: number; toTag?: string } = {}): string {
    const {
      branch = `z9hG4bK${method}${(counter += 1)}`,
      contentType = 'application/sdp',
      cseq = this.cseq,
      lines = [],
      body = '',
      toTag = this.toTag,
    } = parts
    const bodyLines = body === '' ? [] : [`Content-Type: ${contentType}`]
    return [
      `${method} ${this.requestUri} SIP/2.0`,
      `Via: SIP/2.0/${this.protocol.toUpperCase()} ${this.host}:5060;branch=${branch}`,
      'Max-Forwards: 70',
      `From: ${this.from}${this.tag === '' ? '' : `;tag=${this.tag}`}`,
      `To: ${this.to}${toTag === '' ? '' : `;tag=${toTag}`}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:alice@${this.host}:5060${this.protocol === 'udp' ? '' : `;transport=${this.protocol}`}>`,
      ...lines,
      ...bodyLines,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n')
  }

  send(text: string): void {
    this.rig.receive(text, this.address, 5060, this.protocol)
  }

  invite(parts: RequestParts = {}): void {
    this.send(this.request('INVITE', { branch: this.#branch, toTag: '', body: offer, ...parts }))
  }

  cancel(lines: readonly string[] = []): void {
    this.send(this.request('CANCEL', { branch: this.#branch, toTag: '', lines }))
  }

  /** ACK of a 2xx (own branch) or of a failure (the INVITE's branch). */
  ack(of: 'success' | 'failure' = 'success', body = ''): void {
    this.send(this.request('ACK', of === 'failure' ? { branch: this.#branch } : { body }))
  }

  bye(lines: readonly string[] = []): void {
    this.cseq += 1
    this.send(this.request('BYE', { lines }))
  }

  inDialog(method: string, parts: RequestParts & { toTag?: string } = {}): void {
    this.cseq += 1
    this.send(this.request(method, parts))
  }

  /** Answers a request that the edge sent to the caller. */
  answer(request: SipMessage, status: number, parts: ResponseParts = {}): void {
    this.send(responseTo(request, status, parts))
  }

  /** What came to the caller since the last time; learns the To tag. */
  got(): SipMessage[] {
    const messages = this.rig.takeTo(this.address)
    for (const message of messages)
      if (message.kind === 'response' && message.status > 100 && message.cseq.method === 'INVITE')
        this.toTag = message.toTag ?? this.toTag
    return messages
  }

  statuses(): number[] {
    return this.got().map((message) => message.status)
  }
}

interface ResponseParts {
  readonly toTag?: string
  readonly lines?: readonly string[]
  readonly body?: string
  /** application/sdp if absent. */
  readonly contentType?: string
  readonly contact?: string
}

/** A response of a peer to a request of ours, as text. */
export function responseTo(request: SipMessage, status: number, parts: ResponseParts = {}): string {
  const { toTag = 'gateway-tag', lines = [], body = '', contentType = 'application/sdp', contact } = parts
  const to = request.value(headerIds.to) ?? ''
  return [
    `SIP/2.0 ${status} Phrase ${status}`,
    ...request.values(headerIds.via).map((via) => `Via: ${via}`),
    `From: ${request.value(headerIds.from)}`,
    `To: ${to}${request.toTag !== undefined || status === 100 ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${request.callId}`,
    `CSeq: ${request.cseq.number} ${request.cseq.method}`,
    ...(contact === undefined ? [] : [`Contact: ${contact}`]),
    ...lines,
    ...(body === '' ? [] : [`Content-Type: ${contentType}`]),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** A gateway at an address: answers what the edge sends there. */
export class GatewaySide {
  readonly rig: EdgeRig
  readonly address: string
  readonly protocol: Protocol
  cseq = 100

  constructor(rig: EdgeRig, address = gateway1, protocol: Protocol = 'udp') {
    this.rig = rig
    this.address = address
    this.protocol = protocol
  }

  /** As it stands in URIs and Via. */
  get host(): string {
    return this.address.includes(':') ? `[${this.address}]` : this.address
  }

  get contact(): string {
    return `<sip:gw@${this.host}:5060${this.protocol === 'udp' ? '' : `;transport=${this.protocol}`}>`
  }

  got(): SipMessage[] {
    return this.rig.takeTo(this.address)
  }

  /** The one message that came; `method` checks which. */
  one(method: string): SipMessage {
    const messages = this.got()
    assert.deepEqual(
      messages.map((message) => (message.kind === 'request' ? message.method : String(message.status))),
      [method],
    )
    return messages[0] as SipMessage
  }

  answer(request: SipMessage, status: number, parts: ResponseParts = {}): void {
    const text = responseTo(request, status, { contact: this.contact, ...parts })
    this.rig.receive(text, this.address, 5060, this.protocol)
  }

  /** A request of the gateway inside the dialog that `invite` opened. */
  request(
    method: string,
    invite: SipMessage,
    parts: { toTag?: string; cseq?: number; lines?: readonly string[]; body?: string; branch?: string } = {},
  ): void {
    counter += 1
    const {
      toTag = 'gateway-tag',
      cseq = (this.cseq += 1),
      lines = [],
      body = '',
      branch = `z9hG4bKgw${counter}`,
    } = parts
    const text = [
      `${method} sip:${edgeAddress}:5060 SIP/2.0`,
      `Via: SIP/2.0/${this.protocol.toUpperCase()} ${this.host}:5060;branch=${branch}`,
      'Max-Forwards: 70',
      `From: ${invite.value(headerIds.to)};tag=${toTag}`,
      `To: ${invite.value(headerIds.from)}`,
      `Call-ID: ${invite.callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: ${this.contact}`,
      ...lines,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n')
    this.rig.receive(text, this.address, 5060, this.protocol)
  }
}

/** A call up to its ACK; returns both sides and the INVITE the gateway saw. */
export function answeredCall(rig: EdgeRig): { caller: CallerSide; gateway: GatewaySide; invite: SipMessage } {
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 180, 200])
  caller.ack()
  return { caller, gateway, invite }
}

export const standardRig = (
  more: Parameters<typeof standardFile>[0] = {},
  later?: (work: () => void) => void,
): EdgeRig => new EdgeRig(standardFile(more), 1, false, later)
