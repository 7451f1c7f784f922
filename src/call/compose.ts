// Builds the messages of one leg: requests inside and outside a dialog, and answers that carry the other side's fields.
// What belongs to a leg is written new; everything else is copied as bytes, in order (docs: b2bua headers).
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { Flow, ListenerInfo } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { buildResponse } from '../sip/respond.ts'
import { headerSet, messageWriter } from '../sip/serialize.ts'
import type { MessageWriter } from '../sip/serialize.ts'
import { crossingRules } from '../policy/headers.ts'
import type { CrossingRules } from '../policy/headers.ts'
import type { Leg } from './leg.ts'

/** What we can do and relay: answered to OPTIONS, said in Allow of both legs. */
export const allowedMethods = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, NOTIFY, MESSAGE, REFER'

const legFields = [
  headerIds.via,
  headerIds.from,
  headerIds.to,
  headerIds.callId,
  headerIds.cseq,
  headerIds.contact,
  headerIds.maxForwards,
  headerIds.route,
  headerIds.recordRoute,
  headerIds.contentLength,
  headerIds.authorization,
  headerIds.proxyAuthorization,
  headerIds.wwwAuthenticate,
  headerIds.proxyAuthenticate,
  headerIds.sessionExpires,
  headerIds.minSe,
  headerIds.rseq,
  headerIds.rack,
  headerIds.path,
  headerIds.serviceRoute,
  headerIds.supported,
  headerIds.require,
  headerIds.proxyRequire,
  headerIds.unsupported,
  headerIds.allow,
]

/** Fields that are ours on each leg and never cross. */
const ownedByLeg = headerSet(...legFields)
/** The same for answers; a Retry-After speaks about one gateway and stops here. */
const ownedByAnswer = headerSet(...legFields, headerIds.retryAfter)

/** `ownedByLeg` and what a rule keeps back, made once for each set of rules. */
const unions = new WeakMap<Uint8Array, Uint8Array>()

function ownedAnd(except: Uint8Array): Uint8Array {
  let union = unions.get(except)
  if (union === undefined) {
    union = ownedByLeg.map((flag, id) => flag | (except[id] ?? 0))
    unions.set(except, union)
  }
  return union
}

function copyCrossing(writer: MessageWriter, source: SipMessage, crossing: CrossingRules | undefined): void {
  if (crossing === undefined) writer.copyHeaders(source, ownedByLeg)
  else writer.copyHeaders(source, ownedAnd(crossing.except), crossing.drop)
}

export const newBranch = (random: Random): string => `z9hG4bK${randomToken(random, 16)}`

/** 80 random bits (RFC 3261 19.3). */
export const newTag = (random: Random): string => randomToken(random, 16)

export const newCallId = (random: Random): string => randomToken(random, 24)

const hostPort = (listener: ListenerInfo): string => `${listener.sentByHost}:${listener.sentByPort}`

export const viaValue = (listener: ListenerInfo, branch: string): string =>
  `SIP/2.0/${listener.protocol.toUpperCase()} ${hostPort(listener)};branch=${branch}${listener.protocol === 'udp' ? ';rport' : ''}`

/** Our Contact on a leg: the listener by which its peer reaches us. */
export const contactValue = (listener: ListenerInfo): string =>
  `<sip:${hostPort(listener)}${listener.protocol === 'udp' ? '' : `;transport=${listener.protocol}`}>`

/** Methods whose requests and 2xx carry a Contact (RFC 3261 12.2, 3311, 6665). */
const refreshesTarget = (method: string): boolean => method === 'INVITE' || method === 'UPDATE' || method === 'NOTIFY'

export interface DialogRequest {
  readonly method: string
  readonly cseq: number
  readonly branch: string
  /** Request of the other leg whose fields cross; undefined = we make it ourselves. */
  readonly source?: SipMessage | undefined
  readonly maxForwards?: number
  readonly body?: Buffer
  /** Content-Type when `body` is given without `source`. */
  readonly contentType?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

/** A request inside the dialog of `leg` (12.2.1.1). */
export function composeDialogRequest(leg: Leg, options: DialogRequest): Buffer {
  const { requestUri, routes } = leg.route()
  const target = leg.target()
  const writer = messageWriter()
    .requestLine(options.method, requestUri)
    .header('Via', viaValue(target.listener, options.branch))
  for (const route of routes) writer.header('Route', route)
  writer
    .header('Max-Forwards', String(options.maxForwards ?? 70))
    .header('From', `${leg.localParty};tag=${leg.dialogTag}`)
    .header('To', leg.remoteTag === '' ? leg.remoteParty : `${leg.remoteParty};tag=${leg.remoteTag}`)
    .header('Call-ID', leg.callId)
    .header('CSeq', `${options.cseq} ${options.method}`)
  if (refreshesTarget(options.method))
    writer.header('Contact', contactValue(leg.listener)).header('Allow', allowedMethods)
  for (const [name, value] of options.headers ?? []) writer.header(name, value)
  if (options.source === undefined) {
    if (options.contentType !== undefined) writer.header('Content-Type', options.contentType)
    return writer.finish(options.body)
  }
  const crossing = leg.side === 'outbound' ? crossingRules(leg.call.caller, leg.account, options.source) : undefined
  copyCrossing(writer, options.source, crossing)
  return writer.finish(options.body ?? options.source.body)
}

export interface FirstInvite {
  readonly requestUri: string
  readonly listener: ListenerInfo
  readonly branch: string
  readonly routes: readonly string[]
  readonly maxForwards: number
  /** From and To without tags. */
  readonly from: string
  readonly to: string
  readonly fromTag: string
  readonly callId: string
  readonly cseq: number
  readonly source: SipMessage
  readonly crossing: CrossingRules
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** The INVITE that opens the dialog with a gateway: own identity, the caller's other fields and body. */
export function composeFirstInvite(options: FirstInvite): Buffer {
  const writer = messageWriter()
    .requestLine('INVITE', options.requestUri)
    .header('Via', viaValue(options.listener, options.branch))
  for (const route of options.routes) writer.header('Route', route)
  writer
    .header('Max-Forwards', String(options.maxForwards))
    .header('From', `${options.from};tag=${options.fromTag}`)
    .header('To', options.to)
    .header('Call-ID', options.callId)
    .header('CSeq', `${options.cseq} INVITE`)
    .header('Contact', contactValue(options.listener))
    .header('Allow', allowedMethods)
  for (const [name, value] of options.headers) writer.header(name, value)
  copyCrossing(writer, options.source, options.crossing)
  return writer.finish(options.source.body)
}

export interface AnswerOptions {
  readonly request: SipMessage
  readonly flow: Flow
  readonly status: number
  readonly reasonPhrase: string
  readonly toTag: string | undefined
  /** Response of the other leg whose fields and body cross. */
  readonly source?: SipMessage | undefined
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

/** An answer to a request of one leg, with the fields and body of the other leg's answer if there is one. */
export function composeAnswer(options: AnswerOptions): Buffer {
  const { request, flow, status, toTag, source } = options
  const makesDialog = status > 100 && status < 300
  const headers: (readonly [string, string])[] = []
  if (makesDialog && refreshesTarget(request.method))
    headers.push(['Contact', contactValue(flow.listener)], ['Allow', allowedMethods])
  if (options.headers !== undefined) headers.push(...options.headers)
  return buildResponse(request, {
    status,
    reasonPhrase: options.reasonPhrase,
    ...(toTag === undefined ? {} : { toTag }),
    received: { address: flow.address, port: flow.port },
    headers,
    copyRecordRoute: makesDialog && request.method === 'INVITE',
    passOn: source === undefined ? undefined : { response: source, except: ownedByAnswer },
  })
}
