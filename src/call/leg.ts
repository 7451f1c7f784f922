// One side of a call: a dialog of its own (RFC 3261 12) with its Call-ID, tags, CSeq numbers, route set and targets.
// Nothing of the other side's identity is kept here.
import type { DirectoryAccount, DirectoryEndpoint } from '../directory/directory.ts'
import type { Flow, ListenerInfo, Target } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import type { CredentialField } from '../sip/digest-client.ts'
import { flat } from '../base/flat.ts'
import type { Answer } from './answer.ts'
import type { DialogPing } from './dialog-ping.ts'
import type { Call } from './call.ts'
import { answerNatMode, dialogNatMode, isBehindNat } from './nat.ts'
import type { NatMode } from './nat.ts'
import { bound } from '../base/limits.ts'
import { SessionTimer } from './session-timer.ts'
import { parseAddress, addressText } from '../contract/address.ts'
import { headerIds } from '../sip/header.ts'
import { parseNameAddr } from '../sip/name-addr.ts'
import { parseUri, uriParameter } from '../sip/uri.ts'

/** Early dialogs of one attempt that are kept apart; a gateway that forks wider is heard through the first one. */
const forksMax = 16

export type LegSide = 'inbound' | 'outbound'

export interface LegOptions {
  readonly call: Call
  readonly side: LegSide
  readonly account: DirectoryAccount
  /** The entry of the peer; undefined = it is known by digest alone. */
  readonly endpoint: DirectoryEndpoint | undefined
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** Header values without tag, as they stand in From and To of this dialog, seen from us. */
  readonly localParty: string
  readonly remoteParty: string
  readonly listener: ListenerInfo
  /** Where the peer's packets come from, or where the first request went. */
  readonly peer: Target
  readonly remoteTarget: string
}

export class Leg {
  readonly call: Call
  readonly side: LegSide
  readonly account: DirectoryAccount
  readonly endpoint: DirectoryEndpoint | undefined
  readonly callId: string
  readonly localTag: string
  /** Further tags of ours under which this leg is known (one for each early dialog shown to the caller). */
  readonly otherLocalTags: string[] = []
  remoteTag: string
  readonly localParty: string
  readonly remoteParty: string
  readonly listener: ListenerInfo
  readonly peer: Target
  /** The tag of ours that the peer confirmed the dialog with. */
  dialogTag: string
  remoteTarget: string
  routeSet: readonly string[] = []
  localCseq = 0
  remoteCseq = -1
  /** The dialog exists for the peer (2xx sent or received) and has not ended. */
  confirmed = false
  /** No BYE of ours is needed any more and none is under way. */
  gone = false
  byeSent = false
  /** The session description that the peer had from us last (application/sdp), for refreshes that change nothing. */
  sentSession: Buffer | undefined
  /** The gateway answered 420 to the offer of 100rel. */
  refusesReliable = false
  /** RSeq of the last reliable 18x of the peer (RFC 3262 4). */
  lastRseq: number | undefined
  /** The peer's Allow names UPDATE (RFC 3311). */
  takesUpdate = false
  readonly session = new SessionTimer(this)
  ping: DialogPing | undefined
  /** A 2xx of ours on this leg that waits, or waited, for its ACK. */
  answer: Answer | undefined
  /** CSeq number of an INVITE of ours whose 2xx brought an offer and waits for the other side's ACK with the answer. */
  owedAck: number | undefined
  /** Our last ACK on this leg, sent again for each retransmitted 2xx. */
  lastAck: { readonly cseq: number; readonly branch: string; readonly bytes: Buffer | undefined } | undefined
  /** Credentials of our last INVITE on this leg, which its ACK repeats. */
  inviteCredential: CredentialField | undefined
  /** An INVITE is under way inside this dialog: from the peer, or from us (RFC 3261 14). */
  pendingInvite: 'none' | 'remote' | 'local' = 'none'
  /** Further early dialogs of forks behind the gateway, each with its own remote tag, route set and target. */
  forks: Leg[] | undefined
  #target: Target | undefined
  /** Where the peer's requests came from last. */
  source: Target

  constructor(options: LegOptions) {
    this.call = options.call
    this.side = options.side
    this.account = options.account
    this.endpoint = options.endpoint
    this.callId = options.callId
    this.localTag = options.localTag
    this.dialogTag = options.localTag
    this.remoteTag = options.remoteTag
    this.localParty = flat(options.localParty)
    this.remoteParty = flat(options.remoteParty)
    this.listener = options.listener
    this.peer = options.peer
    this.source = options.peer
    this.remoteTarget = options.remoteTarget
  }

  /** What a fork behind the gateway shares with this leg. */
  get identity(): Omit<LegOptions, 'remoteTag'> {
    const { call, side, account, endpoint, callId, localTag, localParty, remoteParty, listener, peer, remoteTarget } =
      this
    return { call, side, account, endpoint, callId, localTag, localParty, remoteParty, listener, peer, remoteTarget }
  }

  /** As a call that rests does, it says which leg a tag of ours means. */
  legUnder(): this {
    return this
  }

  /** A dialog with the peer exists, early or confirmed, so that requests can be sent inside it. */
  get reachable(): boolean {
    return !this.gone && (this.side === 'inbound' || this.confirmed || this.remoteTag !== '')
  }

  get reliable(): boolean {
    return this.peer.protocol !== 'udp'
  }

  /** Stops what runs and drops what is large. */
  forget(): void {
    this.answer?.stop()
    this.answer = undefined
    this.lastAck = undefined
    this.forks = undefined
    this.sentSession = undefined
  }

  /** Learns where later requests go from a response or request that establishes the dialog (12.1). */
  establish(message: SipMessage): void {
    this.takesUpdate = namesUpdate(message)
    const routes = message.values(headerIds.recordRoute).slice(0, bound('routeSetMax'))
    this.routeSet = this.side === 'outbound' ? routes.toReversed() : routes
    this.#target = undefined
    this.refreshTarget(message)
  }

  /** Becomes the dialog that was answered; the other early dialogs are over (13.2.2.4). */
  settle(dialog: Leg, response: SipMessage): void {
    this.localCseq = highestCseq(this)
    if (dialog !== this) {
      this.remoteCseq = dialog.remoteCseq
      this.gone = false
    }
    this.forks = undefined
    this.remoteTag = response.toTag ?? ''
    this.establish(response)
    this.confirmed = true
  }

  /** Target refresh (12.2): only this leg's remote target changes. */
  refreshTarget(message: SipMessage): void {
    const contact = message.contact
    if (contact === undefined || contact.uri === this.remoteTarget || parseUri(contact.uri) === undefined) return
    this.remoteTarget = contact.uri
    this.#target = undefined
  }

  /** Request-URI and Route values of a request inside the dialog. */
  route(): DialogRoute {
    return routeOf(this.routeSet, this.remoteTarget)
  }

  /** Next hop of a request inside the dialog: first route or remote target; a name falls back to the peer's address. */
  target(): Target {
    return (this.#target ??= this.#findTarget())
  }

  /** How answers to the peer's requests find it. */
  get answerNat(): NatMode {
    return answerNatMode(this.endpoint)
  }

  /** A request of the peer came this way: behind NAT that may be a new one. */
  heardFrom(flow: Flow): void {
    if (!this.#isReachedAtSource()) return
    this.source = flowTarget(flow)
    this.#target = undefined
  }

  #isReachedAtSource(): boolean {
    const mode = dialogNatMode(this.endpoint)
    if (mode !== 'automatic') return mode === 'source'
    const isRouted = this.routeSet.length > 0
    return !isRouted && isBehindNat(parseUri(this.remoteTarget)?.host ?? '', this.source.address)
  }

  #findTarget(): Target {
    if (this.#isReachedAtSource()) return this.side === 'outbound' ? { ...this.source, watched: true } : this.source
    const hop = this.routeSet[0] === undefined ? this.remoteTarget : (parseNameAddr(this.routeSet[0])?.uri ?? '')
    const uri = parseUri(hop)
    const host = uri === undefined ? undefined : parseAddress(uriParameter(uri, 'maddr') ?? uri.host)
    if (uri === undefined || host === undefined) return this.peer
    const asked = uriParameter(uri, 'transport')?.toLowerCase()
    const protocol =
      asked === 'udp' || asked === 'tcp' || asked === 'tls'
        ? asked
        : asked === undefined && this.peer.protocol !== 'udp'
          ? this.peer.protocol
          : 'udp'
    const address = addressText(host)
    const port = uri.port ?? (protocol === 'tls' ? 5061 : 5060)
    const sameStream = protocol !== 'udp' && protocol === this.peer.protocol && address === this.peer.address
    const listener =
      protocol === this.listener.protocol && host.family === this.listener.family
        ? this.listener
        : this.call.context.transport.findListener(protocol, address, null)
    if (listener === undefined) return this.peer
    return {
      protocol,
      address,
      port,
      listener,
      ...(sameStream && this.peer.connection !== undefined ? { connection: this.peer.connection } : {}),
      ...(this.side === 'outbound' ? { watched: true } : {}),
      ...(protocol === 'tls' && this.peer.tls !== undefined ? { tls: this.peer.tls } : {}),
    }
  }

  /** Addresses that belong to the dialog itself: its peer, its remote target, its routes. */
  ownsAddress(address: string): boolean {
    if (address === this.peer.address || hostOf(this.remoteTarget) === address) return true
    return this.routeSet.some((route) => hostOf(parseNameAddr(route)?.uri ?? '') === address)
  }
}

/** How a request inside a dialog is addressed, and the URI of its next hop. */
export interface DialogRoute {
  readonly requestUri: string
  readonly routes: readonly string[]
  readonly nextHop: string
}

/** Of a route set and a remote target; repairs strict routers (12.2.1.1). */
export function routeOf(routeSet: readonly string[], remoteTarget: string): DialogRoute {
  const first = routeSet[0]
  if (first === undefined) return { requestUri: remoteTarget, routes: routeSet, nextHop: remoteTarget }
  const nextHop = parseNameAddr(first)?.uri ?? first
  const uri = parseUri(nextHop)
  if (uri === undefined || uriParameter(uri, 'lr') !== undefined)
    return { requestUri: remoteTarget, routes: routeSet, nextHop }
  return { requestUri: nextHop, routes: [...routeSet.slice(1), `<${remoteTarget}>`], nextHop }
}

/** One of its Allow fields names UPDATE; where the letters do not stand, no list is split. */
function namesUpdate(message: SipMessage): boolean {
  for (let i = message.find(headerIds.allow); i !== -1; i = message.find(headerIds.allow, i + 1))
    if (message.headerValueAt(i).includes('UPDATE')) return message.values(headerIds.allow).includes('UPDATE')
  return false
}

/** Another dialog of an outbound leg, opened by a fork behind the gateway: same identity of ours, own peer (12.1.2). */
export function forkOf(leg: Leg, response: SipMessage): Leg {
  const fork = new Leg({ ...leg.identity, remoteTag: response.toTag ?? '' })
  fork.localCseq = highestCseq(leg)
  fork.inviteCredential = leg.inviteCredential
  fork.establish(response)
  return fork
}

/** The dialog that a response of this To tag belongs to; a fork behind the gateway opens another one (12.1.2). */
export function dialogOf(leg: Leg, response: SipMessage): Leg {
  const tag = response.toTag ?? ''
  if (leg.remoteTag === '' && tag !== '') {
    leg.remoteTag = tag
    leg.establish(response)
  }
  if (leg.remoteTag === tag || tag === '') return leg
  let fork = leg.forks?.find((one) => one.remoteTag === tag)
  if (fork === undefined && (leg.forks?.length ?? 0) < forksMax) {
    fork = forkOf(leg, response)
    leg.forks = [...(leg.forks ?? []), fork]
  }
  return fork ?? leg
}

/** The highest CSeq number that we used toward a peer and its forks. */
export const highestCseq = (leg: Leg): number =>
  leg.forks === undefined ? leg.localCseq : Math.max(leg.localCseq, ...leg.forks.map((fork) => fork.localCseq))

/** Numeric address of a URI's host as canonical text; undefined for names. */
function hostOf(uri: string): string | undefined {
  const host = parseAddress(parseUri(uri)?.host ?? '')
  return host === undefined ? undefined : addressText(host)
}

/** The peer of a received request as a target to send to. */
export const flowTarget = (flow: Flow): Target => ({
  protocol: flow.listener.protocol,
  address: flow.address,
  port: flow.port,
  listener: flow.listener,
  ...(flow.connection === 0 ? {} : { connection: flow.connection }),
})
