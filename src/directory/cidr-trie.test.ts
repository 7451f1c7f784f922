// The trie against a naive reference: big integers and a scan over all ranges.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBelow, seededRandom, type Random } from '../base/random.ts'
import { cidrText, parseAddress, parseCidr, type Cidr, type IpAddress } from '../contract/address.ts'
import { counts, seeds } from '../../test/kit/counts.ts'
import { buildCidrTrie, findAll, findLongest, findNear, rangeTexts } from './cidr-trie.ts'

const pairsTried = counts.cidrPairs

const bigOf = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

function naiveContains(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.family !== address.family) return false
  const hostBits = BigInt(cidr.bytes.length * 8 - cidr.prefixLength)
  return bigOf(cidr.bytes) >> hostBits === bigOf(address.bytes) >> hostBits
}

/** Few distinct bytes, so that random ranges nest and touch. */
function randomBytes(random: Random, family: 4 | 6): Uint8Array {
  const pool = [0, 1, 127, 128, 254, 255, 10, 192]
  return new Uint8Array(family === 4 ? 4 : 16).map(() =>
    randomBelow(random, 4) === 0 ? randomBelow(random, 256) : (pool[randomBelow(random, pool.length)] as number),
  )
}

function randomCidr(random: Random): Cidr {
  const family = randomBelow(random, 2) === 0 ? 4 : 6
  const bytes = randomBytes(random, family)
  const prefixLength = randomBelow(random, bytes.length * 8 + 1)
  for (const [i, byte] of bytes.entries()) {
    const keep = Math.min(8, Math.max(0, prefixLength - i * 8))
    bytes[i] = byte & (0xff << (8 - keep)) & 0xff
  }
  return { family, bytes, prefixLength }
}

/** Inside a range, at its edges, or anywhere. */
function randomAddress(random: Random, ranges: readonly Cidr[]): IpAddress {
  const near = ranges[randomBelow(random, ranges.length)] as Cidr
  const choice = randomBelow(random, 4)
  if (choice === 0) return { family: near.family, bytes: randomBytes(random, near.family) }
  const size = near.bytes.length
  const hostBits = BigInt(size * 8 - near.prefixLength)
  let value = bigOf(near.bytes)
  if (choice === 1) value += (1n << hostBits) - 1n
  else if (choice === 2) value += 1n << hostBits
  else value += bigOf(randomBytes(random, near.family)) % (1n << hostBits)
  value %= 1n << BigInt(size * 8)
  const bytes = new Uint8Array(size)
  for (let i = size - 1; i >= 0; i--, value >>= 8n) bytes[i] = Number(value & 255n)
  return { family: near.family, bytes }
}

test(`${pairsTried} random addresses and ranges agree with a big-integer reference`, () => {
  const random = seededRandom(seeds.cidrPairs)
  let pairs = 0
  for (let round = 0; pairs < pairsTried; round++) {
    const unique = new Map<string, Cidr>()
    for (let i = 0; i < 1 + (round % 100); i++) {
      const cidr = randomCidr(random)
      unique.set(cidrText(cidr), cidr)
    }
    const ranges = [...unique.values()]
    const trie = buildCidrTrie(ranges.map((cidr, value) => ({ cidr, value })))
    for (let i = 0; i < 20; i++) {
      const address = randomAddress(random, ranges)
      const expected = ranges
        .map((cidr, value) => ({ cidr, value }))
        .filter(({ cidr }) => naiveContains(cidr, address))
        .toSorted((a, b) => b.cidr.prefixLength - a.cidr.prefixLength)
        .map(({ value }) => value)
      const found: number[] = []
      findAll(trie, address, found)
      assert.deepEqual(found, expected)
      assert.equal(findLongest(trie, address), expected[0] ?? -1)
      pairs += ranges.length
    }
  }
})

/** Clusters: few leading bytes, then random ones, so that nodes lie deep and skip many bits. */
function clusteredCidr(random: Random, family: 4 | 6): Cidr {
  const lead = family === 4 ? [10, randomBelow(random, 3)] : [0x20, 1, 0xd, 0xb8, 0, 0, 0, randomBelow(random, 3)]
  const size = family === 4 ? 4 : 16
  const bytes = Uint8Array.from(
    { length: size },
    (_, i) => lead[i] ?? randomBelow(random, i < lead.length + 2 ? 256 : 4),
  )
  const prefixLength = lead.length * 8 + randomBelow(random, (size - lead.length) * 8 + 1)
  return parseCidr(`${cidrText({ family, bytes, prefixLength: size * 8 })}/${prefixLength}`, true) as Cidr
}

test('clusters of 2,000 ranges agree with the reference, inside, between and beside them', () => {
  const random = seededRandom(seeds.cidrPairs)
  for (const family of [4, 6] as const) {
    const unique = new Map<string, Cidr>()
    for (let i = 0; i < 2_000; i++) {
      const cidr = clusteredCidr(random, family)
      unique.set(cidrText(cidr), cidr)
    }
    const ranges = [...unique.values()]
    const trie = buildCidrTrie(ranges.map((cidr, value) => ({ cidr, value })))
    for (let i = 0; i < 60; i++) {
      const address = randomAddress(random, ranges)
      // A byte of the common start changed: nearer to one node than to any other, and inside none.
      if (i % 3 === 0) address.bytes[randomBelow(random, family === 4 ? 2 : 8)] = randomBelow(random, 256)
      const inside = ranges.filter((cidr) => naiveContains(cidr, address))
      const longest = inside.toSorted((a, b) => b.prefixLength - a.prefixLength)[0]
      const found: number[] = []
      findAll(trie, address, found)
      assert.equal(found.length, inside.length)
      assert.equal(findLongest(trie, address), longest === undefined ? -1 : ranges.indexOf(longest))
    }
  }
})

const trieOf = (...texts: string[]) =>
  buildCidrTrie(texts.map((text, value) => ({ cidr: parseCidr(text) as Cidr, value })))
const at = (text: string): IpAddress => parseAddress(text) as IpAddress

test('the most specific range wins, /0 means any of its family, and IPv4-mapped equals IPv4', () => {
  const trie = trieOf('10.0.0.0/8', '10.1.2.0/24', '0.0.0.0/0', '::/0', '2001:db8::/32', '255.255.255.255')
  const found: number[] = []
  findAll(trie, at('10.1.2.3'), found)
  assert.deepEqual(found, [1, 0, 2])
  assert.equal(findLongest(trie, at('10.1.3.0')), 0)
  assert.equal(findLongest(trie, at('9.255.255.255')), 2)
  assert.equal(findLongest(trie, at('255.255.255.255')), 5)
  assert.equal(findLongest(trie, at('2001:db8:ffff::1')), 4)
  assert.equal(findLongest(trie, at('2001:db9::')), 3)
  assert.equal(findLongest(trie, at('::ffff:10.1.2.3')), 1)
})

test('an empty trie matches nothing', () => {
  assert.equal(findLongest(trieOf(), at('0.0.0.0')), -1)
  assert.equal(findLongest(trieOf('10.0.0.0/8'), at('::')), -1)
})

test('ranges say their texts, and the nearest ones share the most leading bits', () => {
  const trie = trieOf('10.0.0.0/8', '10.1.2.0/24', '192.0.2.0/28', '192.0.2.64', '2001:db8::/32')
  assert.deepEqual(rangeTexts(trie, at('10.1.2.3')), ['10.1.2.0/24', '10.0.0.0/8'])
  assert.deepEqual(rangeTexts(trie, at('2001:db8::1')), ['2001:db8::/32'])
  assert.deepEqual(findNear(trie, at('192.0.2.65'), 2), [
    { range: '192.0.2.64', value: 3 },
    { range: '192.0.2.0/28', value: 2 },
  ])
  assert.deepEqual(findNear(trie, at('2001:db9::'), 2), [{ range: '2001:db8::/32', value: 4 }])
  assert.deepEqual(
    findNear(trie, at('10.1.2.3'), 5).map(({ value }) => value),
    [2, 3],
    'ranges around the address are not near, they contain it',
  )
})

test('a crossing into another thread leaves the trie as it is', () => {
  const trie = structuredClone(trieOf('10.0.0.0/8', '10.1.2.0/24', '2001:db8::/32'))
  assert.equal(findLongest(trie, at('10.1.2.3')), 1)
  assert.equal(findLongest(trie, at('2001:db8::9')), 2)
})

test('100,000 ranges that nest, touch and repeat their first address still fit', () => {
  const random = seededRandom(seeds.cidrPairs)
  const unique = new Map<string, Cidr>()
  while (unique.size < 100_000) {
    const bytes = Uint8Array.from([10, randomBelow(random, 4), randomBelow(random, 256), randomBelow(random, 256)])
    const cidr = parseCidr(`${bytes.join('.')}/${8 + randomBelow(random, 25)}`, true) as Cidr
    unique.set(cidrText(cidr), cidr)
  }
  const ranges = [...unique.values()]
  const valueOf = new Map(ranges.map((cidr, value) => [cidr, value]))
  const trie = buildCidrTrie(ranges.map((cidr, value) => ({ cidr, value })))
  for (const cidr of ranges.slice(0, 1_000)) {
    const found: number[] = []
    findAll(trie, cidr, found)
    const expected = [...Array(33).keys()]
      .map((length) => unique.get(cidrText(parseCidr(`${cidr.bytes.join('.')}/${length}`, true) as Cidr)))
      .filter((wider) => wider !== undefined && naiveContains(wider, cidr))
      .map((wider) => valueOf.get(wider as Cidr))
    assert.deepEqual(found, expected.toReversed())
  }
})
