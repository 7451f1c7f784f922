// A caller and gateways in words, on the edge rig: each call of a test reads like its ladder.
import assert from 'node:assert/strict'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
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
}

let counter = 0

/** The caller's side of one call: writes requests as text, so that nothing of our serializer proves itself. */
export class CallerSide {
  readonly rig: EdgeRig
  readonly callId: string
  readonly number: string
  readonly tag = 'caller-tag'
  cseq: number
  /** To tag of the dialog, learned from an answer. */
  toTag = ''
  #branch: string

  constructor(rig: EdgeRig, parts: InviteParts = {}) {
    counter += 1
    this.rig = rig
    this.callId = parts.callId ?? `call-${counter}@${callerAddress}`
    this.number = parts.number ?? '441782000001'
    this.cseq = parts.cseq ?? 1
    this.#branch = parts.branch ?? `z9hG4bKinvite${counter}`
  }

  request(
    method: string,
    parts: { branch?: string; cseq?: number; lines?: readonly string[]; body?: string; toTag?: string } = {},
  ): string {
    const {
      branch = `z9hG4bK${method}${(counter += 1)}`,
      cseq = this.cseq,
      lines = [],
      body = '',
      toTag = this.toTag,
    } = parts
    const bodyLines = body === '' ? [] : ['Content-Type: application/sdp']
    return [
      `${method} sip:${this.number}@${edgeAddress}:5060 SIP/2.0`,
      `Via: SIP/2.0/UDP ${callerAddress}:5060;branch=${branch}`,
      'Max-Forwards: 70',
      `From: "Alice" <sip:441000@${callerAddress}>;tag=${this.tag}`,
      `To: <sip:${this.number}@${edgeAddress}>${toTag === '' ? '' : `;tag=${toTag}`}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:alice@${callerAddress}:5060>`,
      ...lines,
      ...bodyLines,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n')
  }

  send(text: string): void {
    this.rig.receive(text, callerAddress)
  }

  invite(parts: { body?: string; lines?: readonly string[]; branch?: string } = {}): void {
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

  inDialog(method: string, parts: { body?: string; lines?: readonly string[]; branch?: string } = {}): void {
    this.cseq += 1
    this.send(this.request(method, parts))
  }

  /** Answers a request that the edge sent to the caller. */
  answer(request: SipMessage, status: number, parts: { lines?: readonly string[]; body?: string } = {}): void {
    this.rig.receive(responseTo(request, status, parts), callerAddress)
  }

  /** What came to the caller since the last time; learns the To tag. */
  got(): SipMessage[] {
    const messages = this.rig.takeTo(callerAddress)
    for (const message of messages)
      if (message.kind === 'response' && message.status > 100 && message.cseq.method === 'INVITE')
        this.toTag = message.toTag ?? this.toTag
    return messages
  }

  statuses(): number[] {
    return this.got().map((message) => message.status)
  }
}

/** A response of a peer to a request of ours, as text. */
export function responseTo(
  request: SipMessage,
  status: number,
  parts: { toTag?: string; lines?: readonly string[]; body?: string; contact?: string } = {},
): string {
  const { toTag = 'gateway-tag', lines = [], body = '', contact } = parts
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
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** A gateway at an address: answers what the edge sends there. */
export class GatewaySide {
  readonly rig: EdgeRig
  readonly address: string
  cseq = 100

  constructor(rig: EdgeRig, address = gateway1) {
    this.rig = rig
    this.address = address
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

  answer(
    request: SipMessage,
    status: number,
    parts: { toTag?: string; lines?: readonly string[]; body?: string } = {},
  ): void {
    this.rig.receive(responseTo(request, status, { contact: `<sip:gw@${this.address}:5060>`, ...parts }), this.address)
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
      `Via: SIP/2.0/UDP ${this.address}:5060;branch=${branch}`,
      'Max-Forwards: 70',
      `From: ${invite.value(headerIds.to)};tag=${toTag}`,
      `To: ${invite.value(headerIds.from)}`,
      `Call-ID: ${invite.callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:gw@${this.address}:5060>`,
      ...lines,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n')
    this.rig.receive(text, this.address)
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

export const standardRig = (more: Parameters<typeof standardFile>[0] = {}): EdgeRig => new EdgeRig(standardFile(more))
