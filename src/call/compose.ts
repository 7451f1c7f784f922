// Builds the messages of one leg: requests inside and outside a dialog, and answers that carry the other side's fields.
// What belongs to a leg is written new; everything else is copied as bytes, in order (docs: b2bua headers).
import type { DirectoryAccount } from '../directory/directory.ts'
import { flat } from '../base/flat.ts'
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { Flow, ListenerInfo } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { buildResponse } from '../sip/respond.ts'
import { headerSet, linesOf, messageWriter } from '../sip/serialize.ts'
import { defaultReasonPhrase } from '../sip/status.ts'
import type { MessageWriter } from '../sip/serialize.ts'
import { crossingRules } from '../policy/headers.ts'
import type { CrossingRules } from '../policy/headers.ts'
import type { IsHome } from './context.ts'
import type { Leg } from './leg.ts'

/** What we can do and relay: answered to OPTIONS, said in Allow of both legs. */
export const allowedMethods = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, PRACK, UPDATE, NOTIFY, MESSAGE, REFER'

const methodList = allowedMethods.split(', ')
const allowedWithoutRefer = methodList.filter((method) => method !== 'REFER').join(', ')
const crossedAllowsMax = 1_000
const crossedAllows = new Map<string, string>()
/** What every user agent can; an Allow that forgets one is read as if it were there. */
const everybodyCan = new Set(['INVITE', 'ACK', 'BYE', 'CANCEL'])

/** Allow toward an account: what the other side says it can (all, if it says nothing), as far as we relay it there. */
export function allowTo(account: DirectoryAccount, source: SipMessage | undefined): string {
  const first = source?.find(headerIds.allow) ?? -1
  if (source === undefined || first === -1) return account.refer === 'relay' ? allowedMethods : allowedWithoutRefer
  // An Allow is read once: what equipment says it can is always the same text.
  const key = `${account.refer} ${source.headerValueAt(first)}`
  const known = source.find(headerIds.allow, first + 1) === -1 ? crossedAllows.get(key) : undefined
  return known ?? crossAllow(account, source, key)
}

function crossAllow(account: DirectoryAccount, source: SipMessage, key: string): string {
  const said = source.values(headerIds.allow)
  const crosses = (method: string): boolean => method !== 'REFER' || account.refer === 'relay'
  const isSaid = (method: string): boolean => everybodyCan.has(method) || said.includes(method)
  const crossed = methodList.filter((method) => crosses(method) && isSaid(method)).join(', ')
  if (source.find(headerIds.allow, source.find(headerIds.allow) + 1) !== -1) return crossed
  if (crossedAllows.size >= crossedAllowsMax) crossedAllows.clear()
  crossedAllows.set(key, crossed)
  return crossed
}

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
/** The same for answers to an INVITE that is hunted. */
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

/** @param isHome where there are several signalling threads: whether what carries it comes back to this one. */
export function newCallId(random: Random, isHome?: IsHome): string {
  for (;;) {
    const callId = randomToken(random, 24)
    if (isHome === undefined || isHome(callId)) return callId
  }
}

const hostPort = (listener: ListenerInfo): string => `${listener.sentByHost}:${listener.sentByPort}`

/** What messages say of the listener that they leave by: always the same. */
interface ListenerTexts {
  /** In our Via, before and after the branch. */
  readonly beforeBranch: string
  readonly afterBranch: string
  readonly contact: string
  /** Contact as a whole line. */
  readonly contactLine: Buffer
}

const textsOfListeners = new WeakMap<ListenerInfo, ListenerTexts>()

function textsOf(listener: ListenerInfo): ListenerTexts {
  const known = textsOfListeners.get(listener)
  if (known !== undefined) return known
  const { protocol } = listener
  const contact = `<sip:${hostPort(listener)}${protocol === 'udp' ? '' : `;transport=${protocol}`}>`
  const texts: ListenerTexts = {
    beforeBranch: flat(`SIP/2.0/${protocol.toUpperCase()} ${hostPort(listener)};branch=`),
    afterBranch: protocol === 'udp' ? ';rport' : '',
    contact,
    contactLine: linesOf(['Contact', contact]),
  }
  textsOfListeners.set(listener, texts)
  return texts
}

export function viaValue(listener: ListenerInfo, branch: string): string {
  const { beforeBranch, afterBranch } = textsOf(listener)
  return beforeBranch + branch + afterBranch
}

function writeVia(writer: MessageWriter, listener: ListenerInfo, branch: string): void {
  const { beforeBranch, afterBranch } = textsOf(listener)
  writer.begin('Via').text(beforeBranch).text(branch).text(afterBranch).end()
}

/** From or To with a tag, if there is one. */
function writeParty(writer: MessageWriter, name: 'From' | 'To', party: string, tag: string): void {
  writer.begin(name).text(party)
  if (tag !== '') writer.text(';tag=').text(tag)
  writer.end()
}

/** Our Contact on a leg: the listener by which its peer reaches us. */
export const contactValue = (listener: ListenerInfo): string => textsOf(listener).contact

/** Methods whose requests and 2xx carry a Contact (RFC 3261 12.2, 3311, 6665). */
const refreshesTarget = (method: string): boolean => method === 'INVITE' || method === 'UPDATE' || method === 'NOTIFY'

export interface DialogRequest {
  readonly method: string
  readonly cseq: number
  readonly branch: string
  /** Request of the other leg whose fields cross; undefined = we make it ourselves. */
  readonly source?: SipMessage | undefined
  readonly maxForwards?: number
  /** Our tag, where it is not that of the leg's current dialog. */
  readonly localTag?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** A session description of our own, for a request without `source`. */
  readonly session?: Buffer | undefined
}

/** A request inside the dialog of `leg` (12.2.1.1). */
export function composeDialogRequest(leg: Leg, options: DialogRequest): Buffer {
  const { requestUri, routes } = leg.route()
  const target = leg.target()
  const writer = messageWriter().requestLine(options.method, requestUri)
  writeVia(writer, target.listener, options.branch)
  for (const route of routes) writer.header('Route', route)
  writer.header('Max-Forwards', String(options.maxForwards ?? 70))
  writeParty(writer, 'From', leg.localParty, options.localTag ?? leg.dialogTag)
  writeParty(writer, 'To', leg.remoteParty, leg.remoteTag)
  writer.callId(leg.callId).begin('CSeq').text(String(options.cseq)).text(' ').text(options.method).end()
  if (refreshesTarget(options.method))
    writer.lines(textsOf(leg.listener).contactLine).header('Allow', allowTo(leg.account, options.source))
  if (options.headers !== undefined) for (const [name, value] of options.headers) writer.header(name, value)
  if (options.source === undefined) {
    if (options.session !== undefined) writer.header('Content-Type', 'application/sdp')
    return writer.finish(options.session)
  }
  const crossing = leg.side === 'outbound' ? crossingRules(leg.call.caller, leg.account, options.source) : undefined
  copyCrossing(writer, options.source, crossing)
  return writer.finish(options.source.body)
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
  readonly allow: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** The INVITE that opens the dialog with a gateway: own identity, the caller's other fields and body. */
export function composeFirstInvite(options: FirstInvite): Buffer {
  const writer = messageWriter().requestLine('INVITE', options.requestUri)
  writeVia(writer, options.listener, options.branch)
  for (const route of options.routes) writer.header('Route', route)
  writer.header('Max-Forwards', String(options.maxForwards))
  writeParty(writer, 'From', options.from, options.fromTag)
  writer
    .header('To', options.to)
    .callId(options.callId)
    .header('CSeq', `${options.cseq} INVITE`)
    .lines(textsOf(options.listener).contactLine)
    .header('Allow', options.allow)
  for (const [name, value] of options.headers) writer.header(name, value)
  copyCrossing(writer, options.source, options.crossing)
  return writer.finish(options.source.body)
}

/** The reason phrase that a reply rule sets, as the bytes of its UTF-8 (25.1). */
export const replacedPhrase = (status: number, phrase: string | undefined): string =>
  phrase === undefined ? defaultReasonPhrase(status) : Buffer.from(phrase, 'utf8').toString('latin1')

export interface AnswerOptions {
  readonly request: SipMessage
  readonly flow: Flow
  readonly status: number
  readonly reasonPhrase: string
  readonly toTag: string | undefined
  /** Response of the other leg whose fields and body cross. */
  readonly source?: SipMessage | undefined
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
  /** A session description of our own, for an answer without `source`. */
  readonly session?: Buffer
  /** The Allow of this answer, where it makes or refreshes a dialog; the whole list if absent. */
  readonly allow?: string | undefined
  /** Inside a dialog a Retry-After is the other user's own; before, it speaks about one gateway and stops here. */
  readonly passRetryAfter?: boolean
}

/** An answer to a request of one leg, with the fields and body of the other leg's answer if there is one. */
export function composeAnswer(options: AnswerOptions): Buffer {
  const { request, flow, status, source, session } = options
  const makesDialog = status > 100 && status < 300
  const namesUs = makesDialog && refreshesTarget(request.method)
  return buildResponse(request, {
    status,
    reasonPhrase: options.reasonPhrase,
    toTag: options.toTag,
    received: flow,
    contactLine: namesUs ? textsOf(flow.listener).contactLine : undefined,
    allow: namesUs ? (options.allow ?? allowedMethods) : undefined,
    headers: options.headers,
    body: session,
    contentType: session === undefined ? undefined : 'application/sdp',
    copyRecordRoute: makesDialog && request.method === 'INVITE',
    passOn: source,
    except: options.passRetryAfter === true ? ownedByLeg : ownedByAnswer,
  })
}
