// Requests inside a dialog, after their leg was found: order of CSeq numbers, glare, which methods cross (RFC 3261 12.2.2, 14.2).
import { randomBelow } from '../base/random.ts'
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { isKnownMethod } from '../sip/method.ts'
import { defaultReasonPhrase } from '../sip/status.ts'
import type { ServerTransaction } from '../transaction/transactions.ts'
import { onBye } from './bye.ts'
import { allowedMethods, composeAnswer } from './compose.ts'
import type { Leg } from './leg.ts'
import { crossRequest } from './media-crossing.ts'
import { intercept } from './intercept.ts'
import { Relay, namesOtherDialog } from './relay.ts'
import { tooShortSession } from './session-timer.ts'
import { unknownOptions } from './options.ts'

const relayed = new Set(['INVITE', 'UPDATE', 'INFO', 'NOTIFY', 'MESSAGE', 'OPTIONS', 'REFER'])

export interface ArrivedRequest {
  readonly request: SipMessage
  readonly flow: Flow
  readonly transaction: ServerTransaction
}

type Headers = readonly (readonly [string, string])[]

function refuse(arrived: ArrivedRequest, status: number, headers: Headers = []): void {
  const { request, flow, transaction } = arrived
  const reasonPhrase = defaultReasonPhrase(status)
  transaction.respond(status, composeAnswer({ request, flow, status, reasonPhrase, toTag: undefined, headers }))
}

/** The other side that a request means: before the answer the gateway that is ringing; undefined = its dialog is over. */
function otherOf(leg: Leg, request: SipMessage): Leg | undefined {
  const { call } = leg
  if (leg.gone) return undefined
  if (leg.side === 'outbound') return call.inboundLeg
  if (call.outboundLeg === undefined) return call.parts.shown.legOf(request.toTag ?? '')
  return request.toTag === leg.dialogTag ? call.outboundLeg : undefined
}

/** RFC 3261 14.1, 14.2: an INVITE meets one that is under way; undefined = it may go on. */
function glare(leg: Leg, other: Leg): 491 | 500 | undefined {
  if (leg.pendingInvite === 'remote') return 500
  if (leg.pendingInvite === 'local' || other.pendingInvite !== 'none') return 491
  return leg.answer?.waiting === true || other.answer?.waiting === true ? 491 : undefined
}

function onRefer(leg: Leg, other: Leg, arrived: ArrivedRequest): void {
  // Toll fraud: a REFER makes the other side call somewhere. Dialog names of one leg mean nothing on the other.
  if (leg.account.refer === 'relay' && !namesOtherDialog(arrived.request)) void new Relay(leg, other, arrived)
  else refuse(arrived, 403)
}

function onPrack(leg: Leg, arrived: ArrivedRequest): void {
  crossRequest(leg, arrived.request, (message, fault) => {
    if (fault === undefined) leg.call.parts.reliable.onPrack({ ...arrived, request: message })
    else refuse(arrived, fault.status)
  })
}

/** RFC 3261 8.2.2.3, 16.3: what we cannot take on, whatever the method. */
function findUnacceptable(request: SipMessage): { status: number; headers?: Headers } | undefined {
  if (request.maxForwards === 0) return { status: 483 }
  const required = unknownOptions(request)
  if (required.length > 0) return { status: 420, headers: [['Unsupported', required.join(', ')]] }
  const minSe = tooShortSession(request)
  return minSe === undefined ? undefined : { status: 422, headers: minSe }
}

const overlapping = (leg: Leg): Headers => [['Retry-After', String(randomBelow(leg.call.context.random, 11))]]

/** Handles a request of the dialog on `leg`. */
export function onDialogRequest(leg: Leg, arrived: ArrivedRequest): void {
  const { request } = arrived
  const { call } = leg
  if (request.cseq.number <= leg.remoteCseq) return refuse(arrived, 500)
  leg.remoteCseq = request.cseq.number
  leg.heardFrom(arrived.flow)
  if (request.method === 'BYE') return onBye(leg, request, arrived.flow, arrived.transaction)
  if (call.ended) return refuse(arrived, 481)
  const unacceptable = findUnacceptable(request)
  if (unacceptable !== undefined) return refuse(arrived, unacceptable.status, unacceptable.headers)
  if (!relayed.has(request.method)) {
    if (request.method === 'PRACK' && leg.side === 'inbound') return onPrack(leg, arrived)
    if (request.method === 'PRACK') return refuse(arrived, 481)
    return refuse(arrived, isKnownMethod(request.method) ? 405 : 501, [['Allow', allowedMethods]])
  }
  const other = otherOf(leg, request)
  if (other === undefined || !other.reachable) return refuse(arrived, 481)
  if (request.method === 'REFER') return onRefer(leg, other, arrived)
  if (namesOtherDialog(request)) return refuse(arrived, 403)
  if (request.method === 'INVITE') {
    const status = call.state === 'hunting' ? 491 : glare(leg, other)
    if (status !== undefined) return refuse(arrived, status, status === 500 ? overlapping(leg) : [])
  }
  crossRequest(leg, request, (message, fault) => {
    const crossing = { ...arrived, request: message }
    // The relay may have taken its time.
    const status = fault?.status ?? (call.ended || !other.reachable ? 481 : lateGlare(leg, other, request))
    if (status !== undefined) refuse(arrived, status)
    else if (!intercept(leg, other, crossing)) void new Relay(leg, other, crossing)
  })
}

const lateGlare = (leg: Leg, other: Leg, request: SipMessage): 491 | 500 | undefined =>
  request.method === 'INVITE' ? glare(leg, other) : undefined

/** An ACK that belongs to a 2xx of ours. */
export function onDialogAck(leg: Leg, ack: SipMessage): void {
  crossRequest(leg, ack, (message, fault) => {
    leg.answer?.acknowledge(message)
    if (fault !== undefined && !leg.call.ended)
      leg.call.end({ outcome: 'answered', reason: 'media lost', by: 'edge', detail: fault.detail })
  })
}
