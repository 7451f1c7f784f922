// What policy sees of a request's source: where the packet came from, or where a proxy in front of us says that it did, and
// which numbers it names.
import { dialledIn, dialledOf } from '../call/on-invite.ts'
import type { Dialled } from '../call/on-invite.ts'
import { addressText, parseAddress } from '../contract/address.ts'
import type { IpAddress } from '../contract/address.ts'
import type { Directory, DirectoryEndpoint } from '../directory/directory.ts'
import { isFrontProxy } from '../directory/front-proxies.ts'
import { findRegistered } from '../directory/registrations.ts'
import { asksPrivacy } from '../policy/privacy.ts'
import type { SourceFacts } from '../policy/verdict.ts'
import type { Flow } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseNameAddr } from '../sip/name-addr.ts'
import { parseTelUri, parseUri, splitUser, unescapeUser } from '../sip/uri.ts'

const userOf = (uri: string): string => unescapeUser(splitUser(parseUri(uri)?.user ?? '').number)

/** The number a request is for; to our registered Contact it stands in To. */
export function dialledFor(request: SipMessage, registered: DirectoryEndpoint | undefined): Dialled {
  const dialled = dialledOf(request)
  const called = registered === undefined ? dialled : dialledIn(request.to.uri)
  return called.number === '' ? dialled : called
}

/** The number of a sip or tel URI; one that says nothing asserts nothing. */
function assertedUserOf(value: string): string | undefined {
  const uri = parseNameAddr(value)?.uri ?? ''
  const number = parseTelUri(uri)?.number.replaceAll(/[().-]/g, '') ?? userOf(uri)
  return number === '' ? undefined : number
}

/** What proxies of several makers write: the address that they heard a request from, and its port. */
const addressField = 'x-auth-ip'
const portField = 'x-auth-port'

/** Every value of a field that the parser has no number for. */
function valuesOf(request: SipMessage, lowerName: string): string[] {
  const values: string[] = []
  for (let at = request.find(headerIds.unknown); at !== -1; at = request.find(headerIds.unknown, at + 1))
    if (request.headerNameAt(at).toLowerCase() === lowerName) values.push(request.headerValueAt(at).trim())
  return values
}

type Source = Pick<SourceFacts, 'address' | 'ip' | 'port' | 'peerNames' | 'frontProxy'>

/** A certificate is the proxy's, and proves nothing of who is behind it. */
function behindProxy(request: SipMessage, flow: Flow): Source | 'silent' | undefined {
  const [written, ...others] = valuesOf(request, addressField)
  const ports = valuesOf(request, portField)
  if (written === undefined) return ports.length === 0 ? 'silent' : undefined
  const ip = parseAddress(written)
  const [port = '0'] = ports
  if (ip === undefined || others.length > 0 || ports.length > 1 || !/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    return undefined
  return { address: addressText(ip), ip, port: Number(port), peerNames: undefined, frontProxy: flow.address }
}

function sourceOf(directory: Directory, request: SipMessage, flow: Flow, ip: IpAddress): Source | undefined {
  const { address, port, peerNames } = flow
  const said = isFrontProxy(directory, ip) ? behindProxy(request, flow) : 'silent'
  return said === 'silent' ? { address, ip, port, peerNames } : said
}

/** Undefined: what a proxy in front says of the source cannot be read, so that nobody is behind it. */
export function sourceFacts(directory: Directory, request: SipMessage, flow: Flow): SourceFacts | undefined {
  const ip = parseAddress(flow.address)
  const source = ip === undefined ? undefined : sourceOf(directory, request, flow, ip)
  if (source === undefined) return undefined
  const registered =
    directory.contacts.length === 0 ? undefined : findRegistered(directory, userOf(request.requestUri), source.address)
  const [asserted] = request.values(headerIds.pAssertedIdentity)
  return {
    ...source,
    transport: flow.listener.protocol,
    listener: flow.listener.name,
    dialled: dialledFor(request, registered).number,
    registered,
    fromUser: userOf(request.from.uri),
    assertedUser: asserted === undefined ? undefined : assertedUserOf(asserted),
    identityHidden: asksPrivacy(request),
  }
}
