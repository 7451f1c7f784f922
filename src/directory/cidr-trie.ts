// Finds the ranges around an address: the most specific first, in a few memory accesses and without allocating.
// IPv4-mapped IPv6 addresses are IPv4 already when they come here (contract/address).
import { cidrText, type Cidr, type IpAddress } from '../contract/address.ts'
import { bitsAt, buildFamily, nestedRange, RangeList, wordAt } from './cidr-build.ts'
import type { CidrFamily, CidrTrie } from './directory.ts'

/** Compiles ranges for lookup; each range may come once only. `value` is 0 or more. */
export function buildCidrTrie(entries: Iterable<{ cidr: Cidr; value: number }>): CidrTrie {
  const v4 = new RangeList(1)
  const v6 = new RangeList(4)
  for (const { cidr, value } of entries) (cidr.family === 4 ? v4 : v6).add(cidr, value)
  const first = (members: readonly number[]): number => members[0] as number
  return { v4: buildFamily(v4, first), v6: buildFamily(v6, first) }
}

/** The address that is looked up, as words; lookups are synchronous, so one place serves all. */
const sought = new Uint32Array(4)

function comparePrefix({ stretches, width }: CidrFamily, stretch: number, bits: number): number {
  const at = stretch * (width + 1)
  let word = 0
  for (let left = bits; left > 0; left -= 32) {
    const spare = left >= 32 ? 0 : 32 - left
    const difference = ((sought[word] as number) >>> spare) - ((stretches[at + word] as number) >>> spare)
    if (difference !== 0) return difference
    word += 1
  }
  return 0
}

function isAtOrBehind({ stretches, width }: CidrFamily, stretch: number): boolean {
  const at = stretch * (width + 1)
  for (let word = 0; word < width; word++) {
    const difference = (sought[word] as number) - (stretches[at + word] as number)
    if (difference !== 0) return difference > 0
  }
  return true
}

/** Index of the last stretch that begins at or before the sought address. */
function findStretch(family: CidrFamily): number {
  const { nodes } = family
  let node = 0
  for (;;) {
    const common = nodes[node] as number
    const low = nodes[node + 2] as number
    if (common > 0) {
      const order = comparePrefix(family, low, common)
      if (order < 0) return low - 1
      if (order > 0) return (nodes[node + 3] as number) - 1
    }
    const entry = node + 4 + bitsAt(sought, 0, common, nodes[node + 1] as number)
    const first = nodes[entry] as number
    if (first < 0) {
      node = ~first
      continue
    }
    const next = nodes[entry + 1] as number
    let stretch = next >= 0 ? next - 1 : (nodes[~next + 2] as number) - 1
    while (stretch >= first && !isAtOrBehind(family, stretch)) stretch -= 1
    return stretch
  }
}

/** The same for addresses of one word, which are by far the most: no loops over words. */
function findStretch4({ nodes, stretches }: CidrFamily, word: number): number {
  let node = 0
  for (;;) {
    const common = nodes[node] as number
    const bits = nodes[node + 1] as number
    if (common > 0) {
      const low = nodes[node + 2] as number
      const order = (word >>> (32 - common)) - ((stretches[low * 2] as number) >>> (32 - common))
      if (order < 0) return low - 1
      if (order > 0) return (nodes[node + 3] as number) - 1
    }
    const entry = node + 4 + (bits === 0 ? 0 : (word << common) >>> (32 - bits))
    const first = nodes[entry] as number
    if (first < 0) {
      node = ~first
      continue
    }
    const next = nodes[entry + 1] as number
    let stretch = next >= 0 ? next - 1 : (nodes[~next + 2] as number) - 1
    while (stretch >= first && word < (stretches[stretch * 2] as number)) stretch -= 1
    return stretch
  }
}

function findOwner(trie: CidrTrie, { family: version, bytes }: IpAddress): number {
  if (version === 4) {
    const { v4 } = trie
    return (v4.stretches[findStretch4(v4, wordAt(bytes, 0)) * 2 + 1] as number) | 0
  }
  const family = trie.v6
  for (let word = 0; word < family.width; word++) sought[word] = wordAt(bytes, word * 4)
  return (family.stretches[findStretch(family) * (family.width + 1) + family.width] as number) | 0
}

/** Value of the most specific range around `address`, or -1. */
export function findLongest(trie: CidrTrie, address: IpAddress): number {
  const owner = findOwner(trie, address)
  return owner >= -1 ? owner : ((address.family === 4 ? trie.v4 : trie.v6).values[nestedRange(owner)] as number)
}

/** Appends the values of all ranges around `address`, the most specific first. */
export function findAll(trie: CidrTrie, address: IpAddress, into: number[]): void {
  const owner = findOwner(trie, address)
  if (owner === -1) return
  if (owner >= 0) {
    into.push(owner)
    return
  }
  const family = address.family === 4 ? trie.v4 : trie.v6
  for (let range = nestedRange(owner); range >= 0; range = family.parents[range] as number)
    into.push(family.values[range] as number)
}

/** Canonical text of a range of the trie. */
export function rangeText(family: CidrFamily, range: number): string {
  const bytes = new Uint8Array(family.width * 4)
  for (const i of bytes.keys())
    bytes[i] = (family.starts[range * family.width + (i >> 2)] as number) >>> (24 - (i & 3) * 8)
  const prefixLength = family.lengths[range] as number
  return cidrText({ family: family.width === 1 ? 4 : 6, bytes, prefixLength })
}

export interface NearRange {
  readonly range: string
  readonly value: number
}

function sharedBits(family: CidrFamily, range: number): number {
  for (let word = 0; word < family.width; word++) {
    const difference = ((sought[word] as number) ^ (family.starts[range * family.width + word] as number)) >>> 0
    if (difference !== 0) return word * 32 + Math.clz32(difference)
  }
  return family.width * 32
}

function isStartBehind(family: CidrFamily, range: number): boolean {
  for (let word = 0; word < family.width; word++) {
    const difference = (family.starts[range * family.width + word] as number) - (sought[word] as number)
    if (difference !== 0) return difference > 0
  }
  return false
}

/** How many ranges begin at or before the sought address: they stand first. */
function countBegun(family: CidrFamily): number {
  let low = 0
  let high = family.values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isStartBehind(family, middle)) high = middle
    else low = middle + 1
  }
  return low
}

function seek(trie: CidrTrie, address: IpAddress): CidrFamily {
  const family = address.family === 4 ? trie.v4 : trie.v6
  for (let word = 0; word < family.width; word++) sought[word] = wordAt(address.bytes, word * 4)
  return family
}

const contains = (family: CidrFamily, range: number): boolean =>
  sharedBits(family, range) >= (family.lengths[range] as number)

/** Texts of all ranges around `address`, the most specific first: the order of `findAll`. For people, not for packets. */
export function rangeTexts(trie: CidrTrie, address: IpAddress): string[] {
  const family = seek(trie, address)
  const texts: string[] = []
  for (let range = countBegun(family) - 1; range >= 0; range = family.parents[range] as number)
    if (contains(family, range)) texts.push(rangeText(family, range))
  return texts
}

/** The ranges next to `address` that do not contain it, those with the most leading bits in common first. */
export function findNear(trie: CidrTrie, address: IpAddress, most: number): NearRange[] {
  const family = seek(trie, address)
  const low = countBegun(family)
  const near: { range: number; bits: number }[] = []
  for (let range = Math.max(0, low - most * 2); range < Math.min(family.values.length, low + most * 2); range++) {
    const bits = sharedBits(family, range)
    if (bits < (family.lengths[range] as number)) near.push({ range, bits })
  }
  return near
    .toSorted((a, b) => b.bits - a.bits || a.range - b.range)
    .slice(0, most)
    .map(({ range }) => ({ range: rangeText(family, range), value: family.values[range] as number }))
}

/** How many ranges there are, of both families. */
export const rangeCount = (trie: CidrTrie): number => trie.v4.values.length + trie.v6.values.length
