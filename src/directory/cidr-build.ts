// Builds the typed arrays of a CIDR trie: sorts the ranges, cuts the address space into stretches, and lays a
// level-compressed trie over the stretches. Looking up is in cidr-trie.ts.
import { assert } from '../base/assert.ts'
import type { Cidr } from '../contract/address.ts'
import type { CidrFamily } from './directory.ts'
import { sharedInt32, sharedUint32, sharedUint8 } from './shared-arrays.ts'

/** Stretches of one bucket that are searched without a further node. */
const leafMax = 8
const bucketBitsMax = 22
const noRange = -1

/** Ranges of one family in the order in which they came. */
export class RangeList {
  readonly width: number
  count = 0
  #words: Uint32Array
  #rest = new Int32Array(64)

  constructor(width: number) {
    this.width = width
    this.#words = new Uint32Array(32 * width)
  }

  add(cidr: Cidr, value: number): void {
    if ((this.count + 1) * 2 > this.#rest.length) this.#grow()
    for (let word = 0; word < this.width; word++)
      this.#words[this.count * this.width + word] = wordAt(cidr.bytes, word * 4)
    this.#rest[this.count * 2] = cidr.prefixLength
    this.#rest[this.count * 2 + 1] = value
    this.count += 1
  }

  /** All ranges of another list of this family, with one value. */
  append(list: RangeList, value: number): void {
    while ((this.count + list.count) * 2 > this.#rest.length) this.#grow()
    this.#words.set(list.#words.subarray(0, list.count * list.width), this.count * this.width)
    for (let range = 0; range < list.count; range++) {
      this.#rest[(this.count + range) * 2] = list.length(range)
      this.#rest[(this.count + range) * 2 + 1] = value
    }
    this.count += list.count
  }

  word(range: number, word: number): number {
    return this.#words[range * this.width + word] as number
  }

  length(range: number): number {
    return this.#rest[range * 2] as number
  }

  value(range: number): number {
    return this.#rest[range * 2 + 1] as number
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2)
    words.set(this.#words)
    const rest = new Int32Array(this.#rest.length * 2)
    rest.set(this.#rest)
    this.#words = words
    this.#rest = rest
  }
}

/** Four bytes, network order, as an unsigned number. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0

/** One stable pass of a radix sort with digits of 32 bits; the engine sorts the pairs natively. */
function sortPass(order: Uint32Array, keyOf: (range: number) => number): Uint32Array {
  const pairs = new Uint32Array(order.length * 2)
  const first = order.length > 0 ? keyOf(order[0] as number) : 0
  let different = false
  for (let i = 0; i < order.length; i++) {
    const key = keyOf(order[i] as number)
    if (key !== first) different = true
    pairs[i * 2] = i
    pairs[i * 2 + 1] = key
  }
  if (!different) return order
  new BigUint64Array(pairs.buffer).sort()
  return order.map((_, i) => order[pairs[i * 2] as number] as number)
}

/** By first address, wider before narrower. */
function sortRanges(list: RangeList): Uint32Array {
  let order = sortPass(
    new Uint32Array(list.count).map((_, i) => i),
    (range) => list.length(range),
  )
  for (let word = list.width - 1; word >= 0; word--) order = sortPass(order, (range) => list.word(range, word))
  return order
}

interface Stretches {
  readonly bounds: Uint32Array
  readonly owners: Int32Array
  count: number
}

type Ranges = Pick<CidrFamily, 'width' | 'starts' | 'lengths' | 'values' | 'parents'>

/** Puts `range`'s last address plus one into `into`; false when the range reaches the end of the address space. */
function addressBehind(ranges: Ranges, range: number, into: Uint32Array): boolean {
  const length = ranges.lengths[range] as number
  let carry = 1
  for (let word = ranges.width - 1; word >= 0; word--) {
    const kept = Math.min(32, Math.max(0, length - word * 32))
    const hostBits = kept === 32 ? 0 : 0xffffffff >>> kept
    const last = ((ranges.starts[range * ranges.width + word] as number) | hostBits) >>> 0
    const sum = last + carry
    into[word] = sum
    carry = sum > 0xffffffff ? 1 : 0
  }
  return carry === 0
}

function compareWords(left: Uint32Array, leftAt: number, right: Uint32Array, count: number): number {
  for (let word = 0; word < count; word++) {
    const difference = (left[leftAt + word] as number) - (right[word] as number)
    if (difference !== 0) return difference
  }
  return 0
}

function emit(stretches: Stretches, width: number, from: Uint32Array, owner: number): void {
  const last = stretches.count - 1
  if (last >= 0 && compareWords(stretches.bounds, last * width, from, width) === 0) {
    stretches.owners[last] = owner
    return
  }
  stretches.bounds.set(from, stretches.count * width)
  stretches.owners[stretches.count] = owner
  stretches.count += 1
}

/** Sweeps over the sorted ranges with a stack of those that are open, and fills `parents` on the way. */
function cutStretches(ranges: Ranges, count: number): Stretches {
  const { width, starts, parents } = ranges
  const stretches = {
    bounds: new Uint32Array((count * 2 + 1) * width),
    owners: new Int32Array(count * 2 + 1),
    count: 0,
  }
  const at = new Uint32Array(width)
  const open: number[] = []
  const closeTop = (): void => {
    const range = open.pop() as number
    if (addressBehind(ranges, range, at)) emit(stretches, width, at, open.at(-1) ?? noRange)
  }
  emit(stretches, width, at, noRange)
  for (let range = 0; range < count; range++) {
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const ends = addressBehind(ranges, top, at)
      if (!ends || compareWords(starts, range * width, at, width) < 0) break
      closeTop()
    }
    parents[range] = open.at(-1) ?? noRange
    open.push(range)
    emit(stretches, width, starts.subarray(range * width, (range + 1) * width), range)
  }
  while (open.length > 0) closeTop()
  return stretches
}

/**
 * What stands in a stretch for its most specific range: -1 = there is none; from 0 on the value of a range that lies in no
 * other, so that nothing more has to be read; below -1 a range (`nestedRange`), which knows the next wider one.
 */
const ownerOf = ({ values, parents }: Ranges, range: number): number => {
  if (range < 0) return noRange
  return (parents[range] as number) < 0 ? (values[range] as number) : -2 - range
}

/** The range behind an owner below -1. */
export const nestedRange = (owner: number): number => -2 - owner

function layStretches(ranges: Ranges, { bounds, owners, count }: Stretches): Uint32Array {
  const { width } = ranges
  const laid = sharedUint32(count * (width + 1))
  for (let stretch = 0; stretch < count; stretch++) {
    const at = stretch * (width + 1)
    for (let word = 0; word < width; word++) laid[at + word] = bounds[stretch * width + word] as number
    laid[at + width] = ownerOf(ranges, owners[stretch] as number)
  }
  return laid
}

/** `count` bits of an address from bit `from` on; count <= 22. */
export function bitsAt(words: Uint32Array, at: number, from: number, count: number): number {
  const word = at + (from >>> 5)
  const offset = from & 31
  const spare = 32 - offset - count
  if (spare >= 0) return ((words[word] as number) >>> spare) & (2 ** count - 1)
  const high = (words[word] as number) & (0xffffffff >>> offset)
  return ((high << -spare) | ((words[word + 1] as number) >>> (32 + spare))) >>> 0
}

function commonBits(bounds: Uint32Array, width: number, left: number, right: number): number {
  for (let word = 0; word < width; word++) {
    const difference = ((bounds[left * width + word] as number) ^ (bounds[right * width + word] as number)) >>> 0
    if (difference !== 0) return word * 32 + Math.clz32(difference)
  }
  return width * 32
}

/**
 * Nodes: common bits, bucket bits, first stretch, stretch behind the last, then one entry for each bucket and one
 * behind: the first stretch of the bucket, or the complement of a child node's place.
 */
function buildNodes(bounds: Uint32Array, width: number, count: number): Int32Array {
  const nodes: number[] = []
  const waiting: { low: number; high: number; entry: number }[] = [{ low: 0, high: count, entry: -1 }]
  for (let work = waiting.pop(); work !== undefined; work = waiting.pop()) {
    const { low, high } = work
    const common = commonBits(bounds, width, low, high - 1)
    const bucketBits = Math.min(bucketBitsMax, width * 32 - common, Math.ceil(Math.log2(high - low)))
    const node = nodes.length
    if (work.entry >= 0) nodes[work.entry] = ~node
    nodes.push(common, bucketBits, low, high)
    let stretch = low
    for (let bucket = 0; bucket < 2 ** bucketBits; bucket++) {
      const first = stretch
      while (stretch < high && bitsAt(bounds, stretch * width, common, bucketBits) === bucket) stretch += 1
      if (stretch - first > leafMax) waiting.push({ low: first, high: stretch, entry: nodes.length })
      nodes.push(first)
    }
    nodes.push(high)
  }
  const shared = sharedInt32(nodes.length)
  shared.set(nodes)
  return shared
}

const isSameRange = (list: RangeList, left: number, right: number): boolean => {
  if (list.length(left) !== list.length(right)) return false
  for (let word = 0; word < list.width; word++) if (list.word(left, word) !== list.word(right, word)) return false
  return true
}

/** Walks over the sorted list: each range with all values that it came with, in their order and each once. */
function* groupsOf(list: RangeList, order: Uint32Array): Generator<{ first: number; members: readonly number[] }> {
  const members: number[] = []
  for (let at = 0; at < order.length;) {
    const first = order[at] as number
    members.length = 0
    for (; at < order.length && isSameRange(list, first, order[at] as number); at++) {
      const member = list.value(order[at] as number)
      if (members.at(-1) !== member) members.push(member)
    }
    yield { first, members }
  }
}

function countRanges(list: RangeList, order: Uint32Array): number {
  let count = 0
  for (let at = 0; at < order.length; at++)
    if (at === 0 || !isSameRange(list, order[at - 1] as number, order[at] as number)) count += 1
  return count
}

/** Compiles one family. A range that comes several times is one; `valueOf` makes one value of those that it came with. */
export function buildFamily(list: RangeList, valueOf: (members: readonly number[]) => number): CidrFamily {
  const { width } = list
  const order = sortRanges(list)
  const count = countRanges(list, order)
  const starts = sharedUint32(count * width)
  const values = sharedInt32(count)
  const parents = sharedInt32(count)
  const lengths = sharedUint8(count)
  let range = 0
  for (const { first, members } of groupsOf(list, order)) {
    for (let word = 0; word < width; word++) starts[range * width + word] = list.word(first, word)
    lengths[range] = list.length(first)
    values[range] = valueOf(members)
    range += 1
  }
  const ranges = { width, starts, lengths, values, parents }
  const stretches = cutStretches(ranges, count)
  assert(stretches.count <= count * 2 + 1, 'ranges overlap without containing each other')
  return {
    ...ranges,
    stretches: layStretches(ranges, stretches),
    nodes: buildNodes(stretches.bounds, width, stretches.count),
  }
}
