// The addresses of this machine, and which of our listeners fits a peer best.
import { networkInterfaces } from 'node:os'
import type { Cidr, IpAddress } from '../contract/address.ts'
import { addressText, parseAddress, parseCidr } from '../contract/address.ts'

/** One address of one interface. `subnet` is what can be reached without a router. */
export interface LocalAddress {
  readonly address: string
  readonly family: 4 | 6
  readonly subnet: Cidr
}

const loopbackRanges = ['127.0.0.0/8', '::1'].map((text) => parseCidr(text) as Cidr)
const linkLocalRange = parseCidr('fe80::/10') as Cidr

export function isInside(range: Cidr, address: IpAddress): boolean {
  if (range.family !== address.family) return false
  for (let bit = 0; bit < range.prefixLength; bit += 8) {
    const keep = 0xff << Math.max(0, 8 - (range.prefixLength - bit))
    const index = bit >> 3
    if ((((range.bytes[index] as number) ^ (address.bytes[index] as number)) & keep & 0xff) !== 0) return false
  }
  return true
}

export const isLoopback = (address: IpAddress): boolean => loopbackRanges.some((range) => isInside(range, address))

/** Needs a zone to be reached (RFC 4291 2.5.6), which no SIP URI can say (RFC 3261 25.1); so it is never used. */
export const isLinkLocal = (address: IpAddress): boolean => isInside(linkLocalRange, address)

const noPeerRanges = ['0.0.0.0/8', '224.0.0.0/3', '::/128', 'ff00::/8'].map((text) => parseCidr(text) as Cidr)

/** Addresses that no single peer can have: unspecified, multicast, reserved, broadcast. */
export const isMulticastOrNone = (address: IpAddress): boolean => noPeerRanges.some((range) => isInside(range, address))

/** All addresses of this machine without link-local IPv6, loopback included, in the system's order. */
export function localAddresses(): LocalAddress[] {
  const found = new Map<string, LocalAddress>()
  for (const entry of Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])) {
    const address = parseAddress(entry.address)
    const subnet = parseCidr(entry.cidr ?? entry.address, true)
    if (address === undefined || subnet === undefined || isLinkLocal(address)) continue
    const text = addressText(address)
    if (!found.has(text)) found.set(text, { address: text, family: address.family, subnet })
  }
  return [...found.values()]
}

/** The entry of `address`; one that no interface lists (127.0.0.2) reaches only itself. */
export const ownAddress = (address: string, local: readonly LocalAddress[]): LocalAddress =>
  local.find((one) => one.address === address) ?? {
    address,
    family: address.includes(':') ? 6 : 4,
    subnet: parseCidr(address) as Cidr,
  }

/** How well a socket bound to `local` suits a peer: higher is better; see Transport.findListener. */
export function fitOf(local: LocalAddress, peer: IpAddress): number {
  const own = parseAddress(local.address)
  if (own === undefined) return 0
  if (local.address === addressText(peer)) return 4
  if (isLoopback(peer)) return isLoopback(own) ? 3 : 1
  if (isLoopback(own)) return 0
  return isInside(local.subnet, peer) ? 2 : 1
}

const canonicalMax = 4_096
const canonicalTexts = new Map<string, string>()

/**
 * Canonical text of a source address as the kernel writes it: zone removed, v4-mapped unmapped, IPv6 by RFC 5952.
 * IPv4 is canonical already. IPv6 texts are remembered, because parsing each one for each datagram is dear.
 */
export function canonicalText(raw: string): string {
  if (!raw.includes(':')) return raw
  const known = canonicalTexts.get(raw)
  if (known !== undefined) return known
  const zone = raw.indexOf('%')
  const bare = zone < 0 ? raw : raw.slice(0, zone)
  const address = parseAddress(bare)
  const text = address === undefined ? bare : addressText(address)
  if (canonicalTexts.size >= canonicalMax) canonicalTexts.clear()
  canonicalTexts.set(raw, text)
  return text
}
