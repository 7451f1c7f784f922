// Which entries register at their carrier: where, as whom, and under which Contact (endpoint: register). The user part of
// each Contact is unique, so that a call to it tells which carrier sends it.
import { addressText, parseAddress } from '../contract/address.ts'
import { sha256Hex } from '../base/hash.ts'
import { parseUri, unescapeUser } from '../sip/uri.ts'
import type { SipUri } from '../sip/uri.ts'
import { buildCidrLists } from './cidr-lists.ts'
import { findContact } from './contacts.ts'
import type { CidrLists, Directory, DirectoryEndpoint, DirectorySource, SourceEndpoint } from './directory.ts'
import type { Findings } from './findings.ts'

type Registering = Pick<SourceEndpoint, 'id' | 'register' | 'action'>

export const registers = (endpoint: Registering): boolean =>
  endpoint.register?.enabled === true && endpoint.action === 'allow'

/** The user part of our Contact: as configured, else one that nobody can guess and that stays the same. */
export const contactUserOf = ({ id, register }: Registering): string =>
  register?.contactUser ?? `tg${sha256Hex(`registration of ${id}`).slice(0, 20)}`

/** The registrar as a SIP URI; undefined = not given, or unreadable. */
export function registrarOf({ register }: Pick<SourceEndpoint, 'register'>): SipUri | undefined {
  const text = register?.registrar
  if (text === undefined || text === '') return undefined
  return parseUri(/^sips?:/i.test(text) ? text : `sip:${text}`)
}

const addressOf = (host: string): string | undefined => {
  const address = parseAddress(host)
  return address === undefined ? undefined : addressText(address)
}

/** Addresses that calls to our Contact may come from: the registrar's, or those by which it is reached. */
export function registrarAddresses(endpoint: DirectoryEndpoint): string[] {
  const own = addressOf(registrarOf(endpoint)?.host ?? '')
  if (own !== undefined) return [own]
  const proxies = endpoint.proxies.map(({ address }) => address)
  return [...endpoint.targets.map(({ address }) => address), ...proxies.filter((address) => address !== null)]
}

/** Addresses of registrars, and who registers there. */
export const compileRegistrars = (endpoints: readonly DirectoryEndpoint[]): CidrLists =>
  buildCidrLists(
    endpoints
      .filter((endpoint) => registers(endpoint))
      .map((endpoint) => ({ addresses: registrarAddresses(endpoint), member: endpoint.index })),
  )

/** The entry that a request to this user part from this address belongs to; undefined = it is no Contact of ours there. */
export function findRegistered(
  directory: Pick<Directory, 'contacts' | 'endpoints'>,
  user: string,
  address: string,
): DirectoryEndpoint | undefined {
  const endpoint = findContact(directory, user)
  return endpoint !== undefined && registrarAddresses(endpoint).includes(address) ? endpoint : undefined
}

const userPattern = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/
const hostPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/

function checkWords(endpoint: SourceEndpoint, findings: Findings): void {
  const { register, path } = endpoint
  for (const field of ['fromUser', 'contactUser'] as const)
    if (register?.[field] !== undefined && !userPattern.test(register[field]))
      findings.error(`${path}.register.${field}`, `"${register[field]}" is no user part of a SIP URI`)
  if (register?.fromDomain !== undefined && !hostPattern.test(register.fromDomain))
    findings.error(`${path}.register.fromDomain`, `"${register.fromDomain}" is no host name or address`)
  if (register?.registrar !== undefined && registrarOf(endpoint) === undefined)
    findings.error(`${path}.register.registrar`, `"${register.registrar}" is no SIP URI (example: sip:192.0.2.1:5060)`)
}

/** What an entry needs to register, and that no two share a Contact. */
export function checkRegistrations(source: DirectorySource, findings: Findings): void {
  const contacts = new Map<string, SourceEndpoint>()
  for (const endpoint of source.endpoints) {
    checkWords(endpoint, findings)
    if (!registers(endpoint)) continue
    const { register, username, direction, path } = endpoint
    if ((register?.fromUser ?? username) === null)
      findings.error(`${path}.register.enabled`, 'a registration needs username or register.fromUser')
    const hasAddress = addressOf(registrarOf(endpoint)?.host ?? '') !== undefined || endpoint.outboundProxy.length > 0
    if (direction === 'sends' && !hasAddress)
      findings.error(`${path}.register.registrar`, 'an entry that only sends needs the address of its registrar here')
    const contact = unescapeUser(contactUserOf(endpoint))
    const first = contacts.get(contact)
    if (first === undefined) contacts.set(contact, endpoint)
    else findings.error(`${path}.register.contactUser`, `"${contact}" is the contactUser of ${first.path} already`)
  }
}
