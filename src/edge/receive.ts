// What arrives on the wire, to where it belongs: a transaction, a dialog, or a new request (ARCHITECTURE: life of an INVITE).
// Screening and source identification come before any state; a stranger costs one packet.
import { keptCopy } from '../base/bytes.ts'
import { bound } from '../base/limits.ts'
import type { CallContext } from '../call/context.ts'
import { callBehind } from './call-behind.ts'
import { isCancelOwner } from '../call/cancel-owner.ts'
import { allowedMethods, composeAnswer, newTag } from '../call/compose.ts'
import { onDialogAck, onDialogRequest } from '../call/in-dialog.ts'
import { isLoop } from '../call/loop.ts'
import { acknowledgeLate, answerLate } from '../call/late.ts'
import { answerNatMode, answerPort } from '../call/nat.ts'
import type { NatMode } from '../call/nat.ts'
import { onInvite } from '../call/on-invite.ts'
import { supportedOptions, unknownOptions } from '../call/options.ts'
import { tooShortSession } from '../call/session-timer.ts'
import { acceptsFrom, isPeerCheck } from '../call/peer-check.ts'
import { namesOtherDialog } from '../call/relay.ts'
import { parseAddress } from '../contract/address.ts'
import type { IpAddress } from '../contract/address.ts'
import { isChallenged } from '../directory/sip-users.ts'
import { Explanation } from '../policy/explanation.ts'
import type { SharedDigest } from '../policy/authenticate.ts'
import { identify, isKnownSource } from '../policy/identify.ts'
import { screen } from '../policy/screen.ts'
import type { Caller, Refusal, SourceFacts } from '../policy/verdict.ts'
import type { Flow, ListenerInfo } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { isKnownMethod } from '../sip/method.ts'
import { parseDatagram, parseFramed } from '../sip/parse.ts'
import type { ParseFault } from '../sip/parse.ts'
import { schemeOf } from '../sip/uri.ts'
import type { ServerTransaction } from '../transaction/transactions.ts'
import { DigestDoor } from './digest-door.ts'
import type { EdgeMetrics } from './edge-metrics.ts'
import type { Guard } from './guard.ts'
import type { Overload } from './overload.ts'
import type { Phones } from './phones.ts'
import type { RejectedRequest, Rejections } from './rejections.ts'
import { dialledFor, sourceFacts } from './source-facts.ts'
import type { StatelessAnswers } from './stateless.ts'
import { isUntraced } from './tracing.ts'
import type { Tracing } from './tracing.ts'

export interface ReceiverParts {
  readonly context: CallContext
  readonly listeners: readonly ListenerInfo[]
  readonly metrics: EdgeMetrics
  readonly rejections: Rejections
  readonly phones: Phones
  /** Whether a device is registered from this address. */
  readonly isRegisteredFrom: (address: string) => boolean
  /** Undefined: this is the only thread. */
  readonly sharedDigest: SharedDigest | undefined
  readonly guard: Pick<Guard, 'trust'>
  readonly tracing: Tracing
  readonly stateless: StatelessAnswers
  readonly overload: Overload
  readonly onBug: (error: unknown) => void
}

/** What a request was judged by, for who asks why. */
type Known = Pick<RejectedRequest, 'facts' | 'explanation'>
type Headers = readonly (readonly [string, string])[]

const firstOfInvite = 0x49

const allow: Headers = [['Allow', allowedMethods]]

const isRefusal = (value: Caller | Refusal): value is Refusal => 'kind' in value

export class Receiver {
  readonly #parts: ReceiverParts
  readonly #digest: DigestDoor
  /** `host:port` as our Via says it. */
  readonly #sentBy: ReadonlySet<string>
  draining = false

  constructor(parts: ReceiverParts) {
    this.#parts = parts
    this.#digest = new DigestDoor(parts)
    this.#sentBy = new Set(parts.listeners.map((own) => `${own.sentByHost.toLowerCase()}:${own.sentByPort}`))
  }

  noteWrongAnswer(ip: IpAddress): void {
    this.#digest.noteWrongAnswer(ip)
  }

  /** One whole message. A bug of ours costs this message a 500, never the thread. */
  onMessage(bytes: Buffer, flow: Flow): void {
    // An INVITE is kept as long as its call.
    const kept = bytes[0] === firstOfInvite ? keptCopy(bytes) : bytes
    const parsed = flow.listener.protocol === 'udp' ? parseDatagram(kept) : parseFramed(kept)
    if (parsed.kind === 'fault') {
      this.onFault(parsed, flow)
      return
    }
    this.#parts.metrics.onReceived(parsed, flow.listener.protocol)
    try {
      if (parsed.kind === 'response') this.#onResponse(parsed, flow)
      else this.#onRequest(parsed, flow)
    } catch (error) {
      this.#parts.onBug(error)
      this.#contain(parsed, flow)
    }
  }

  /** What the message was about ends; nothing of it may stay behind. */
  #contain(message: SipMessage, flow: Flow): void {
    const { calls, transactions } = this.#parts.context
    if (message.kind === 'response') {
      callBehind(transactions.findClient(message))?.abort()
      return
    }
    const call = calls.findMerged(message) ?? calls.findLeg(message)?.call
    call?.abort()
    const transaction = transactions.findServer(message)
    if (transaction === undefined) this.#parts.stateless.send(message, flow, { status: 500 })
    else {
      const answer = { request: message, flow, status: 500, reasonPhrase: 'Server Internal Error' }
      transaction.respond(500, composeAnswer({ ...answer, toTag: newTag(this.#parts.context.random) }))
    }
  }

  /** A message that the parser refused; what could be read of it is enough for an answer. */
  onFault(fault: ParseFault, flow: Flow): void {
    this.#parts.metrics.onParseError(fault.reason)
    if (fault.message === undefined || this.#isBlocked(flow)) return
    const { callId } = fault.message
    const read = callId === '' ? undefined : { callId, facts: undefined, explanation: undefined }
    this.#parts.rejections.add(flow, fault.reason, fault.detail, read)
    this.#parts.tracing.onStray(fault.message, flow)
    this.#parts.stateless.send(fault.message, flow, { status: fault.status })
  }

  #isBlocked(flow: Flow): boolean {
    const ip = parseAddress(flow.address)
    if (ip === undefined) return true
    const { context } = this.#parts
    const facts = {
      address: flow.address,
      ip,
      port: flow.port,
      transport: flow.listener.protocol,
      listener: flow.listener.name,
      dialled: '',
      fromUser: '',
      assertedUser: undefined,
    }
    return screen(context.directory(), facts, context.clock.wallMs()) !== undefined
  }

  /** A response that is not for us, or not from whom the request went to, is ignored in silence (8.1.3.3, 18.1.2). */
  #onResponse(response: SipMessage, flow: Flow): void {
    const transaction = this.#parts.context.transactions.findClient(response)
    if (transaction === undefined) return this.#onLateResponse(response, flow)
    const { user } = transaction
    const isOurs = this.#isOnlyVia(response) && (!isPeerCheck(user) || user.acceptsResponse(response, flow.address))
    if (isOurs) {
      if (!isUntraced(user)) this.#parts.tracing.onReceived(response, flow)
      transaction.receive(response)
    } else {
      this.#parts.tracing.onStray(response, flow)
      this.#parts.rejections.add(flow, 'foreign_response', `${response.status} to ${response.method}`)
    }
  }

  /** What is left of its transaction knows it: absorbed, or a 2xx to INVITE that needs its ACK. */
  #onLateResponse(response: SipMessage, flow: Flow): void {
    const { context, metrics, tracing } = this.#parts
    if (!context.transactions.isLate(response) || !this.#isOnlyVia(response)) return
    metrics.onRetransmission('in')
    tracing.onReceived(response, flow)
    const isSuccess = response.method === 'INVITE' && response.status >= 200 && response.status < 300
    const { address } = flow
    if (isSuccess && (context.transactions.isLateFrom(response, address) || this.#isKnown(flow)))
      acknowledgeLate(context, response, flow)
  }

  #onLateRequest(request: SipMessage, flow: Flow, note: number): void {
    const { context, metrics, tracing } = this.#parts
    metrics.onRetransmission('in')
    tracing.onReceived(request, flow)
    if (answerLate(context, request, flow, note)) metrics.onRetransmission('out')
  }

  #isOnlyVia(response: SipMessage): boolean {
    const { host, port, transport } = response.topVia
    if (!response.isSingle(headerIds.via)) return false
    // Written as we write it: a text is made only for what is not.
    if (this.#parts.listeners.some((own) => own.sentByHost === host && own.sentByPort === port)) return true
    return this.#sentBy.has(`${host.toLowerCase()}:${port ?? (transport === 'TLS' ? 5061 : 5060)}`)
  }

  #onRequest(request: SipMessage, flow: Flow): void {
    const { transactions, calls } = this.#parts.context
    const known = transactions.findServer(request)
    if (known !== undefined) {
      this.#parts.tracing.onReceived(request, flow)
      return known.receive(request)
    }
    const late = transactions.findFinished(request)
    if (late >= 0) return this.#onLateRequest(request, flow, late)
    if (request.method === 'CANCEL') return this.#onCancel(request, flow)
    if (request.toTag === undefined) return this.#onNewRequest(request, flow)
    const leg = calls.findLeg(request)
    if (leg !== undefined && acceptsFrom(leg, flow.address)) {
      if (request.method === 'ACK') {
        this.#parts.tracing.onReceived(request, flow)
        onDialogAck(leg, request)
      } else onDialogRequest(leg, { request, flow, transaction: this.#openServer(request, flow, leg.answerNat) })
    } else if (request.method !== 'ACK') this.#refuseOutsideDialog(request, flow)
  }

  #openServer(request: SipMessage, flow: Flow, nat: NatMode): ServerTransaction {
    const { transport, transactions } = this.#parts.context
    this.#parts.tracing.onReceived(request, flow)
    const port = answerPort(request, flow, nat)
    return transactions.openServer({
      request,
      reliable: flow.connection !== 0,
      send: (bytes) => transport.reply(bytes, flow, port),
      user: undefined,
    })
  }

  /** 481 to those we know; a stranger who invents a To tag learns no more than any stranger. */
  #refuseOutsideDialog(request: SipMessage, flow: Flow): void {
    if (this.#isBlocked(flow)) return this.#parts.rejections.add(flow, 'source_blocked', request.method)
    if (this.#isKnown(flow)) this.#reject(request, flow, { status: 481, reason: 'no_dialog' })
    else this.#refuseStranger(request, flow)
  }

  #isKnown(flow: Flow): boolean {
    const ip = parseAddress(flow.address)
    return ip !== undefined && isKnownSource(this.#parts.context.directory(), ip)
  }

  /** RFC 3261 9.2: 200 to the CANCEL at once; its INVITE is ended by whoever owns it. */
  #onCancel(request: SipMessage, flow: Flow): void {
    const invite = this.#parts.context.transactions.findCancelled(request)
    const user = invite?.user
    const foreign = isCancelOwner(user) ? !user.acceptsCancelFrom(flow.address) : !this.#isKnown(flow)
    const isFound = invite !== undefined || this.#parts.context.transactions.isCancelledLate(request)
    if (!isFound || foreign) return this.#refuseOutsideDialog(request, flow)
    const nat = callBehind(user)?.legOf(request.callId)?.answerNat ?? 'automatic'
    const transaction = this.#openServer(request, flow, nat)
    transaction.respond(
      200,
      composeAnswer({ request, flow, status: 200, reasonPhrase: 'OK', toTag: this.#tagOf(user) }),
    )
    if (isCancelOwner(user)) user.onCancel(request.value(headerIds.reason))
  }

  /** The CANCEL's answer carries the To tag of the INVITE's (9.2). */
  #tagOf(user: unknown): string | undefined {
    return typeof user === 'object' && user !== null && 'answerTag' in user && typeof user.answerTag === 'string'
      ? user.answerTag
      : undefined
  }

  #onNewRequest(request: SipMessage, flow: Flow): void {
    if (request.method === 'ACK' || this.#parts.overload.sheds(request, flow, this.#parts.stateless)) return
    const { context } = this.#parts
    const facts = sourceFacts(context.directory(), request, flow)
    if (facts === undefined) return this.#reject(request, flow, { status: 400, reason: 'front_proxy_field' })
    const { ip } = facts
    const explanation = request.method === 'INVITE' ? new Explanation() : undefined
    if (facts.frontProxy !== undefined)
      explanation?.add('screen', `front proxy ${facts.frontProxy} has it from ${facts.address}`)
    const screened = screen(context.directory(), facts, context.clock.wallMs(), explanation)
    const known = { facts, explanation }
    if (screened !== undefined) return this.#ignore(request, flow, screened.code, known)
    const invalid = this.#findInvalid(request)
    if (invalid !== undefined) return this.#reject(request, flow, invalid, known)
    if (request.method === 'INVITE' && explanation !== undefined) this.#onInvite(request, flow, { facts, explanation })
    else if (request.method === 'REGISTER' && isChallenged(context.directory(), ip))
      this.#onRegister(request, flow, facts)
    else if (request.method === 'OPTIONS' && this.#parts.isRegisteredFrom(flow.address)) this.#onOptions(request, flow)
    else if (!isKnownSource(context.directory(), ip)) this.#refuseStranger(request, flow, known)
    else if (request.method === 'OPTIONS') this.#onOptions(request, flow)
    else if (isKnownMethod(request.method))
      this.#reject(request, flow, { status: 405, reason: 'method_not_allowed', headers: allow })
    else this.#reject(request, flow, { status: 501, reason: 'method_unknown', headers: allow })
  }

  /** RFC 3261 16.3: what makes a request unacceptable whoever sends it. */
  #findInvalid(request: SipMessage): { status: number; reason: string; headers?: Headers } | undefined {
    const scheme = schemeOf(request.requestUri)
    if (scheme !== 'sip' && scheme !== 'sips') return { status: 416, reason: 'unsupported_scheme' }
    if (request.maxForwards === 0) return { status: 483, reason: 'too_many_hops' }
    const required = unknownOptions(request)
    if (required.length > 0)
      return { status: 420, reason: 'bad_extension', headers: [['Unsupported', required.join(', ')]] }
    // A dialog that it names is one of ours with somebody: on another leg the name would mean nothing (RFC 3891 3).
    if (request.method === 'INVITE' && namesOtherDialog(request)) return { status: 481, reason: 'no_dialog' }
    const minSe = request.method === 'INVITE' ? tooShortSession(request) : undefined
    return minSe === undefined ? undefined : { status: 422, reason: 'session_too_short', headers: minSe }
  }

  #onRegister(request: SipMessage, flow: Flow, facts: SourceFacts): void {
    if (this.draining) return this.#reject(request, flow, { status: 503, reason: 'draining' })
    const user = this.#digest.prove({ request, flow, facts })
    if (user === undefined) return
    this.#parts.phones.onRegister(request, flow, user, this.#openServer(request, flow, 'automatic'))
  }

  #onOptions(request: SipMessage, flow: Flow): void {
    const { stateless } = this.#parts
    if (this.draining) return stateless.send(request, flow, { status: 503 })
    stateless.send(request, flow, {
      status: 200,
      headers: [
        ...allow,
        ['Supported', supportedOptions],
        ['Accept', 'application/sdp'],
        ['Accept-Encoding', 'identity'],
        ['Accept-Language', 'en'],
      ],
    })
  }

  #onInvite(request: SipMessage, flow: Flow, known: { facts: SourceFacts; explanation: Explanation }): void {
    const { context, listeners } = this.#parts
    const identified = identify(context.directory(), known.facts, known.explanation, context.suspensions)
    const caller = isRefusal(identified)
      ? this.#digest.admit({ request, flow, facts: known.facts }, identified, known.explanation)
      : identified
    if (!isRefusal(identified)) this.#parts.guard.trust(flow.address)
    if (caller === undefined) return
    if (isRefusal(caller)) return this.#refuseCaller(request, flow, caller, known)
    if (this.draining) return this.#reject(request, flow, { status: 503, reason: 'draining' })
    if (context.calls.count >= bound('callsMax') || context.transactions.count >= bound('transactionsMax'))
      return this.#reject(request, flow, { status: 503, reason: 'overloaded', headers: [['Retry-After', '5']] }, known)
    if (isLoop(request, caller.account.id, listeners))
      return this.#reject(request, flow, { status: 482, reason: 'loop' }, known)
    const serverTransaction = this.#openServer(request, flow, answerNatMode(caller.endpoint))
    const dialled = dialledFor(request, known.facts.registered)
    const { explanation, facts } = known
    const behind =
      facts.frontProxy === undefined ? caller : { ...caller, source: { address: facts.address, port: facts.port } }
    onInvite(context, { request, flow, caller: behind, dialled, explanation, serverTransaction })
  }

  #refuseCaller(request: SipMessage, flow: Flow, refusal: Refusal, known: Known): void {
    if (refusal.code === 'source_unknown') return this.#refuseStranger(request, flow, known)
    const { status, reasonPhrase, headers, code } = refusal
    this.#reject(request, flow, { status, reasonPhrase, headers, reason: code }, known)
  }

  /** Nobody we know: 403 without state, or as is configured 401 (CANCEL is never challenged) or nothing at all. */
  #refuseStranger(request: SipMessage, flow: Flow, known?: Known): void {
    const { unknownSource } = this.#parts.context.directory().system
    const facts = known?.facts ?? sourceFacts(this.#parts.context.directory(), request, flow)
    if (unknownSource === 'challenge' && request.method !== 'CANCEL' && facts !== undefined)
      this.#digest.ask({ request, flow, facts })
    else if (unknownSource === 'drop') this.#ignore(request, flow, 'source_unknown', known)
    else {
      const answer = { status: 403, reasonPhrase: 'IP Not Authorised', reason: 'source_unknown' }
      this.#reject(request, flow, answer, known)
    }
  }

  /** Refused: counted, and a sample kept for traces. */
  #ignore(request: SipMessage, flow: Flow, reason: string, known?: Known): void {
    const rejected = known === undefined ? undefined : { callId: request.callId, ...known }
    this.#parts.rejections.add(flow, reason, lineOf(request), rejected)
    this.#parts.tracing.onStray(request, flow)
  }

  #reject(
    request: SipMessage,
    flow: Flow,
    answer: { status: number; reason: string; reasonPhrase?: string; headers?: Headers },
    known?: Known,
  ): void {
    const { reason, ...rest } = answer
    this.#ignore(request, flow, reason, known)
    this.#parts.stateless.send(request, flow, rest)
  }
}

const lineOf = (request: SipMessage): string => `${request.method} ${request.requestUri}`
