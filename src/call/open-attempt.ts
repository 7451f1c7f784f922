// Makes the outbound leg of an attempt and sends its INVITE: number, identity and fields as this gateway wants them.
import { assert } from '../base/assert.ts'
import { sessionIn, sharedSessionIn } from './acknowledge.ts'
import { crossingRules } from '../policy/headers.ts'
import { findHiddenFrom } from '../policy/privacy.ts'
import type { HiddenFrom } from '../policy/privacy.ts'
import { applyRewrites } from '../policy/rewrite.ts'
import { peerKey } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { headerIds } from '../sip/header.ts'
import type { RegisteredContact } from '../directory/directory.ts'
import { escapeUser, parseUri, serializeUri } from '../sip/uri.ts'
import type { ClientTransaction } from '../transaction/transactions.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import { allowTo, composeFirstInvite, newBranch, newCallId, newTag } from './compose.ts'
import { authoriseInvite } from './credentials.ts'
import { Leg } from './leg.ts'
import { takesReliable } from './reliable.ts'
import { minSeOf, sessionOffer } from './session-timer.ts'
import { markBranch } from './loop.ts'
import type { Way } from './way.ts'
import { findWay } from './way.ts'

/** Requests longer than this do not fit one unfragmented datagram for certain (RFC 3261 18.1.1). */
const largeBytes = 1_300

interface Opened {
  readonly leg: Leg
  readonly transaction: ClientTransaction
}

interface Parties {
  readonly requestUri: string
  readonly from: string
  readonly to: string
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/** The user part ends with its `@`. Who hides keeps the From it wrote. */
function fromOf(call: Call, cli: string, keepDisplayName: boolean): HiddenFrom {
  const hidden = findHiddenFrom(call.request)
  if (hidden !== undefined) return { ...hidden, user: hidden.user === '' ? '' : `${hidden.user}@` }
  const { displayName } = call.request.from
  return {
    display: keepDisplayName && displayName !== '' ? `${displayName} ` : '',
    user: cli === '' ? '' : `${escapeUser(cli)}${call.parts.setUp.cliParameters}@`,
    host: undefined,
  }
}

/** A device is called by the Contact it registered (RFC 3261 16.6 item 2), or under the dialled number at its host. */
function contactParties(contact: RegisteredContact, user: string): Pick<Parties, 'requestUri' | 'to'> {
  const uri = parseUri(contact.uri)
  if (uri === undefined) return { requestUri: contact.uri, to: `<${contact.uri}>` }
  const called = contact.keepsNumber ? { ...uri, user } : uri
  return {
    requestUri: serializeUri({ ...called, headers: '' }),
    to: `<${serializeUri({ ...called, parameters: '', headers: '' })}>`,
  }
}

/** Request-URI, From and To of the leg: numbers by this gateway's rewrites, hosts ours and theirs. */
function partiesOf(attempt: Attempt, way: Way, keepDisplayName: boolean): Parties {
  const { call, endpoint, gateway } = attempt
  const phone = call.parts.setUp.userIsPhone ? ';user=phone' : ''
  const cli = applyRewrites(endpoint.rewrites, 'cli', call.cli)
  const host = gateway.host ?? `${bracketed(gateway.address)}${gateway.port === 5060 ? '' : `:${gateway.port}`}`
  const user = `${escapeUser(attempt.destination)}${call.parts.setUp.userParameters}`
  const transport = way.target.protocol === 'udp' ? '' : `;transport=${way.target.protocol}`
  const from = fromOf(call, cli, keepDisplayName)
  const called =
    gateway.contact === undefined
      ? { requestUri: `sip:${user}@${host}${phone}${transport}`, to: `<sip:${user}@${host}${phone}>` }
      : contactParties(gateway.contact, user)
  const fromHost = from.host ?? endpoint.register?.fromDomain ?? way.listener.sentByHost
  return { ...called, from: `${from.display}<sip:${from.user}${fromHost}>` }
}

function composeFor(attempt: Attempt, way: Way, leg: Leg, branch: string): Buffer {
  const { call } = attempt
  const rules = crossingRules(call.caller, attempt.account, call.request)
  return composeFirstInvite({
    requestUri: leg.remoteTarget,
    listener: way.listener,
    branch,
    routes: way.routes,
    maxForwards: (call.request.maxForwards ?? 70) - 1,
    from: leg.localParty,
    to: leg.remoteParty,
    fromTag: leg.localTag,
    callId: leg.callId,
    cseq: leg.localCseq,
    source: attempt.way.invite ?? call.request,
    crossing: rules,
    allow: allowTo(attempt.account, call.request),
    headers: [
      ...rules.add,
      ['Supported', takesReliable(call.request) && !leg.refusesReliable ? '100rel, timer' : 'timer'],
      ...sessionOffer(leg.session.seconds, leg.session.minSeSeconds),
    ],
  })
}

function makeLeg(attempt: Attempt, way: Way): Leg {
  const { call } = attempt
  const { random, isHome } = call.context
  const rules = crossingRules(call.caller, attempt.account, call.request)
  const parties = partiesOf(attempt, way, rules.keepDisplayName)
  const leg = new Leg({
    call,
    side: 'outbound',
    account: attempt.account,
    endpoint: attempt.endpoint,
    callId: newCallId(random, isHome),
    localTag: newTag(random),
    remoteTag: '',
    localParty: parties.from,
    remoteParty: parties.to,
    listener: way.listener,
    peer: way.target,
    remoteTarget: parties.requestUri,
  })
  leg.localCseq = 1
  const { invite } = attempt.way
  leg.sentSession = invite === undefined ? sharedSessionIn(call.request) : sessionIn(invite)
  return leg
}

/**
 * Sends the INVITE of an attempt once more in the same dialog, where the gateway asked for a longer session (422, RFC 4028
 * 7.3) or cannot do 100rel (420); undefined = it asks for nothing that we can give.
 */
export function reopenAttempt(attempt: Attempt, refusal: SipMessage): ClientTransaction | undefined {
  const { call, leg, way } = attempt
  const { context } = call
  const { session } = leg
  if (refusal.status === 422) {
    session.minSeSeconds = minSeOf(refusal)
    if (session.minSeSeconds <= session.seconds) return undefined
    session.seconds = session.minSeSeconds
  } else if (refusal.values(headerIds.unsupported).some((option) => option.toLowerCase() === '100rel'))
    leg.refusesReliable = true
  else return undefined
  leg.localCseq += 1
  const branch = markBranch(newBranch(context.random), call.parts.setUp.loopMark)
  const bytes = composeFor(attempt, { ...way, listener: leg.listener, target: leg.peer }, leg, branch)
  return context.transactions.openClient({
    request: authoriseInvite(attempt, leg, bytes),
    method: 'INVITE',
    branch,
    reliable: leg.reliable,
    peer: peerKey(leg.peer),
    send: (datagram) => context.transport.send(datagram, leg.peer),
    user: attempt,
  })
}

/** Sends the INVITE. Large ones go over TCP first where the endpoint says so; `mayUseTcp` false = not again. */
export function openAttempt(attempt: Attempt, way: Way, mayUseTcp: boolean): Opened {
  const { context } = attempt.call
  const branch = markBranch(newBranch(context.random), attempt.call.parts.setUp.loopMark)
  let used = way
  let leg = makeLeg(attempt, way)
  let bytes = composeFor(attempt, way, leg, branch)
  attempt.viaTcpForSize = false
  if (mayUseTcp && attempt.endpoint.largeToTcp && way.target.protocol === 'udp' && bytes.length > largeBytes) {
    const stream = findWay(context.transport, context.random, attempt.gateway, {
      endpoint: attempt.endpoint,
      protocol: 'tcp',
      proxies: way.proxies,
    })
    if (typeof stream !== 'string') {
      used = stream
      leg = makeLeg(attempt, stream)
      bytes = composeFor(attempt, stream, leg, branch)
      attempt.viaTcpForSize = true
    }
  }
  assert(bytes.length > 0, 'an INVITE has bytes')
  const { target } = used
  const transaction = context.transactions.openClient({
    request: authoriseInvite(attempt, leg, bytes),
    method: 'INVITE',
    branch,
    reliable: target.protocol !== 'udp',
    peer: peerKey(target),
    send: (datagram) => context.transport.send(datagram, target),
    user: attempt,
  })
  context.calls.addLeg(leg.localTag, leg)
  return { leg, transaction }
}
