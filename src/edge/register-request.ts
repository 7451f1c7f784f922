// The REGISTER of one endpoint: where it goes, what it says, and what the registrar's final answer means (RFC 3261 10).
import { addressText, parseAddress } from '../contract/address.ts'
import type { Random } from '../base/random.ts'
import { viaValue } from '../call/compose.ts'
import type { CallTransport } from '../call/context.ts'
import { findWay } from '../call/way.ts'
import type { Way } from '../call/way.ts'
import type { DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import { contactUserOf, registrarOf } from '../directory/registrations.ts'
import { tlsPeerOf } from '../directory/tls-peer.ts'
import type { RegisterFate } from '../registrar/outbound-registration.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { headerParameter, parseNameAddr } from '../sip/name-addr.ts'
import { messageWriter } from '../sip/serialize.ts'
import { escapeUser, parseUri, unescapeUser, uriParameter } from '../sip/uri.ts'

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/** The registrar's own address; a name leads by the outbound proxy, or to the gateway's address (`tries` goes through them). */
function registrarTarget(endpoint: DirectoryEndpoint, tries: number): GatewayTarget | undefined {
  const registrar = registrarOf(endpoint)
  const address = parseAddress(registrar?.host ?? '')
  const gateway = endpoint.targets[tries % Math.max(1, endpoint.targets.length)]
  if (registrar === undefined || (address === undefined && gateway !== undefined)) return gateway
  const asked = uriParameter(registrar, 'transport')?.toLowerCase()
  const protocol = asked === 'udp' || asked === 'tcp' || asked === 'tls' ? asked : endpoint.transport
  return {
    key: '',
    endpointIndex: endpoint.index,
    protocol,
    address: address === undefined ? registrar.host : addressText(address),
    host: null,
    priority: 0,
    weight: 1,
    port: registrar.port ?? (protocol === 'tls' ? 5061 : 5060),
    listener: endpoint.listener,
    tls: tlsPeerOf(endpoint, address === undefined ? registrar.host : null),
  }
}

/** The way of the next REGISTER, or one sentence why there is none. */
export function findRegistrarWay(
  transport: CallTransport,
  random: Random,
  endpoint: DirectoryEndpoint,
  tries: number,
): Way | string {
  const target = registrarTarget(endpoint, tries)
  return target === undefined ? 'there is no registrar' : findWay(transport, random, target, { endpoint })
}

/** `sip:registrar`, without user (10.2). */
export function registrarUri(endpoint: DirectoryEndpoint): string {
  const registrar = registrarOf(endpoint)
  const [gateway] = endpoint.targets
  if (registrar === undefined && gateway?.host !== undefined && gateway.host !== null) return `sip:${gateway.host}`
  if (registrar === undefined && gateway !== undefined)
    return `sip:${bracketed(gateway.address)}${gateway.port === 5060 ? '' : `:${gateway.port}`}`
  return `${registrar?.scheme ?? 'sip'}:${registrar?.host ?? ''}${registrar?.port === undefined ? '' : `:${registrar.port}`}`
}

/** The address of record. */
function recordUri(endpoint: DirectoryEndpoint): string {
  const { register, username } = endpoint
  const host = register?.fromDomain ?? parseUri(registrarUri(endpoint))?.host ?? ''
  return `sip:${register?.fromUser ?? escapeUser(username ?? '')}@${host}`
}

/** Where the carrier's calls reach us. */
export const registeredContact = (endpoint: DirectoryEndpoint, way: Pick<Way, 'listener'>): string => {
  const { protocol, sentByHost, sentByPort } = way.listener
  const transport = protocol === 'udp' ? '' : `;transport=${protocol}`
  return `sip:${contactUserOf(endpoint)}@${sentByHost}:${sentByPort}${transport}`
}

export interface RegisterParts {
  readonly branch: string
  readonly callId: string
  readonly fromTag: string
  readonly cseq: number
  readonly expiresSeconds: number
}

export function composeRegister(endpoint: DirectoryEndpoint, way: Way, parts: RegisterParts): Buffer {
  const record = recordUri(endpoint)
  const writer = messageWriter()
    .requestLine('REGISTER', registrarUri(endpoint))
    .header('Via', viaValue(way.listener, parts.branch))
  for (const route of way.routes) writer.header('Route', route)
  return writer
    .header('Max-Forwards', '70')
    .header('From', `<${record}>;tag=${parts.fromTag}`)
    .header('To', `<${record}>`)
    .header('Call-ID', parts.callId)
    .header('CSeq', `${parts.cseq} REGISTER`)
    .header('Contact', `<${registeredContact(endpoint, way)}>;expires=${parts.expiresSeconds}`)
    .header('Expires', String(parts.expiresSeconds))
    .finish()
}

const seconds = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined

/** What a 200 grants: the expires of our Contact, else the Expires field, else what was asked for (10.2.4). */
function grantedSeconds(endpoint: DirectoryEndpoint, response: SipMessage, asked: number): number {
  const own = unescapeUser(contactUserOf(endpoint))
  for (const value of response.values(headerIds.contact)) {
    const contact = parseNameAddr(value)
    if (contact === undefined || unescapeUser(parseUri(contact.uri)?.user ?? '') !== own) continue
    const granted = seconds(headerParameter(contact.parameters, 'expires'))
    if (granted !== undefined) return granted
  }
  return seconds(response.value(headerIds.expires)) ?? asked
}

/** The peer's words in a sentence of ours. */
export const phraseOf = (response: SipMessage): string =>
  `${response.status} ${response.reasonPhrase.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, 100)}`.trimEnd()

/** A final answer that is no challenge any more. */
export function fateOf(endpoint: DirectoryEndpoint, response: SipMessage, asked: number): RegisterFate {
  const { status } = response
  if (status < 300) return { kind: 'granted', expiresSeconds: grantedSeconds(endpoint, response, asked) }
  if (status === 423) return { kind: 'tooBrief', minExpiresSeconds: seconds(response.value(headerIds.minExpires)) ?? 0 }
  const detail = phraseOf(response)
  if (status !== 408 && status < 500) return { kind: 'rejected', detail }
  if (status >= 600) return { kind: 'rejected', detail }
  const retryAfter = Number.parseInt(response.value(headerIds.retryAfter) ?? '', 10)
  return { kind: 'failed', detail, retryAfterSeconds: retryAfter > 0 ? retryAfter : undefined }
}
