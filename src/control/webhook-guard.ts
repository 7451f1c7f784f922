// Where webhooks may not go: this machine, its network, and what is no ordinary host. Looked at for the address that a
// connection really goes to, so that a name that is rebound between look-up and connection gains nothing.
import { networkInterfaces } from 'node:os'
import { addressText, parseAddress, parseCidr } from '../contract/address.ts'
import type { Cidr, IpAddress } from '../contract/address.ts'

const range = (text: string, what: string): { readonly cidr: Cidr; readonly what: string } => {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw new RangeError(`"${text}" is no range`)
  return { cidr, what }
}

/** RFC 6890 and its registries, as far as nobody should be asked for a webhook there. */
const refused = [
  range('0.0.0.0/8', 'this network'),
  range('10.0.0.0/8', 'private'),
  range('100.64.0.0/10', 'shared by a provider'),
  range('127.0.0.0/8', 'loopback'),
  range('169.254.0.0/16', 'link-local'),
  range('172.16.0.0/12', 'private'),
  range('192.0.0.0/24', 'reserved'),
  range('192.168.0.0/16', 'private'),
  range('198.18.0.0/15', 'for benchmarks'),
  range('224.0.0.0/4', 'multicast'),
  range('240.0.0.0/4', 'reserved'),
  range('::/96', 'loopback or unspecified'),
  range('64:ff9b:1::/48', 'translated to IPv4'),
  range('100::/64', 'discarded'),
  range('2001::/32', 'tunnelled'),
  range('fc00::/7', 'private'),
  range('fe80::/10', 'link-local'),
  range('fec0::/10', 'private'),
  range('ff00::/8', 'multicast'),
]

/** IPv4 inside IPv6: NAT64 (RFC 6052) and 6to4 (RFC 3056) reach the address that they hold. */
const carriers = [
  { cidr: range('64:ff9b::/96', '').cidr, at: 12 },
  { cidr: range('2002::/16', '').cidr, at: 2 },
]

function contains({ family, bytes, prefixLength }: Cidr, address: IpAddress): boolean {
  if (family !== address.family) return false
  return bytes.every((byte, i) => {
    const keep = Math.min(8, Math.max(0, prefixLength - i * 8))
    return ((byte ^ (address.bytes[i] as number)) & (0xff << (8 - keep)) & 0xff) === 0
  })
}

function inner(address: IpAddress): IpAddress {
  const carrier = carriers.find(({ cidr }) => contains(cidr, address))
  return carrier === undefined ? address : { family: 4, bytes: address.bytes.slice(carrier.at, carrier.at + 4) }
}

function isOwn(address: IpAddress): boolean {
  const text = addressText(address)
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === text))
}

/** Why nothing is sent to this address; undefined = it may be. */
export function findRefusal(text: string, allowed: readonly Cidr[]): string | undefined {
  const address = parseAddress(text)
  if (address === undefined) return `"${text}" is no address`
  if (allowed.some((cidr) => contains(cidr, address))) return undefined
  const held = inner(address)
  const found = refused.find(({ cidr }) => contains(cidr, held))
  const what = found?.what ?? (isOwn(held) ? 'of this machine' : undefined)
  return what === undefined ? undefined : `${addressText(address)} is ${what}; TOLLGATE_WEBHOOK_ALLOW can allow it`
}

/** The host of a URL if it is an address and refused; names are looked at when they are connected to. */
export function findUrlRefusal(url: string, allowed: readonly Cidr[]): string | undefined {
  const host = URL.parse(url)?.hostname ?? ''
  return parseAddress(host) === undefined ? undefined : findRefusal(host, allowed)
}
