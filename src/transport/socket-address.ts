// Addresses as the kernel writes them (struct sockaddr_in and sockaddr_in6 of Linux) to text and back. Both ways are
// remembered, because a busy edge talks to a few peers very often.
import type { IpAddress } from '../contract/address.ts'
import { addressText, parseAddress } from '../contract/address.ts'

/** Room for the larger of the two. */
export const socketAddressBytes = 28

const families = { 4: 2, 6: 10 } as const
export const socketFamily = (family: 4 | 6): number => families[family]
export const socketAddressLength = (family: 4 | 6): number => (family === 4 ? 16 : socketAddressBytes)

/** IPv4 addresses inside IPv6 ones (RFC 4291 2.5.5.2). */
const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]

const rememberedMax = 4_096
const texts = new Map<number, string>()
const addresses = new Map<string, IpAddress | undefined>()

function find(text: string): IpAddress | undefined {
  if (addresses.has(text)) return addresses.get(text)
  if (addresses.size >= rememberedMax) addresses.clear()
  const address = parseAddress(text)
  addresses.set(text, address)
  return address
}

/** Writes the address of a peer for a socket of `family`. False: `text` is no address that such a socket can reach. */
export function writeSocketAddress(
  bytes: Uint8Array,
  at: number,
  peer: { readonly family: 4 | 6; readonly address: string; readonly port: number },
): boolean {
  const address = find(peer.address)
  if (address === undefined || (peer.family === 4 && address.family === 6)) return false
  bytes[at] = socketFamily(peer.family)
  bytes[at + 1] = 0
  bytes[at + 2] = peer.port >> 8
  bytes[at + 3] = peer.port & 0xff
  if (peer.family === 4) {
    for (let i = 0; i < 4; i++) bytes[at + 4 + i] = address.bytes[i] as number
    return true
  }
  bytes.fill(0, at + 4, at + socketAddressBytes)
  if (address.family === 4) bytes.set(mappedPrefix, at + 8)
  bytes.set(address.bytes, at + (address.family === 4 ? 20 : 8))
  return true
}

export const readSocketPort = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)

/** Canonical text; IPv4 inside IPv6 is shown as IPv4, and a zone is left out. */
export function readSocketAddress(bytes: Uint8Array, at: number): string {
  if (bytes[at] !== families[4]) return readIpv6(bytes, at + 8)
  // A whole number below 2^32 is a cheaper key than a text.
  const key =
    (((bytes[at + 4] as number) << 24) |
      ((bytes[at + 5] as number) << 16) |
      ((bytes[at + 6] as number) << 8) |
      (bytes[at + 7] as number)) >>>
    0
  const known = texts.get(key)
  if (known !== undefined) return known
  if (texts.size >= rememberedMax) texts.clear()
  const text = `${bytes[at + 4]}.${bytes[at + 5]}.${bytes[at + 6]}.${bytes[at + 7]}`
  texts.set(key, text)
  return text
}

function readIpv6(bytes: Uint8Array, at: number): string {
  const isMapped = mappedPrefix.every((byte, i) => bytes[at + i] === byte)
  const own = bytes.slice(isMapped ? at + 12 : at, at + 16)
  return addressText({ family: isMapped ? 4 : 6, bytes: own })
}
