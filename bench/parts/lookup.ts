// CIDR lookup among very many ranges, in this process: cold (addresses inside the ranges, each range once, in no order; and
// addresses anywhere) and warm (a few again and again).
import { seededRandom } from '../../src/base/random.ts'
import type { Cidr } from '../../src/contract/address.ts'
import { buildCidrTrie, findLongest } from '../../src/directory/cidr-trie.ts'
import type { CidrTrie } from '../../src/directory/directory.ts'
import type { Part } from '../part.ts'

interface LookupResult {
  readonly entries: number
  readonly buildMs: number
  /** The worse of both kinds of address. */
  readonly coldNanoseconds: number
  readonly coldInsideNanoseconds: number
  readonly coldAnywhereNanoseconds: number
  readonly warmNanoseconds: number
  /** Share of the cold lookups that found a range: proof that the work was done. */
  readonly found: number
}

const lookups = 1_000_000
const warmAddresses = 256

function putWord(bytes: Uint8Array, word: number): void {
  bytes[0] = word >>> 24
  bytes[1] = word >>> 16
  bytes[2] = word >>> 8
  bytes[3] = word
}

/** Ranges as operators have them: mostly single addresses, some networks. */
function* ranges(count: number): Generator<{ cidr: Cidr; value: number }> {
  const random = seededRandom(1)
  for (let value = 0; value < count; value++) {
    const draw = random.uint32() % 10
    const prefixLength = draw < 7 ? 32 : 22 + draw
    const bytes = new Uint8Array(4)
    putWord(bytes, (random.uint32() & (prefixLength === 32 ? -1 : ~((1 << (32 - prefixLength)) - 1))) >>> 0)
    yield { cidr: { family: 4, bytes, prefixLength }, value }
  }
}

/** The first address of each range, shuffled: no lookup finds in the cache what one just before it has read. */
function insideInNoOrder(count: number): Uint32Array {
  const random = seededRandom(3)
  const words = Uint32Array.from(ranges(count), ({ cidr: { bytes } }) => new DataView(bytes.buffer).getUint32(0))
  for (let i = count - 1; i > 0; i--) {
    const other = random.uint32() % (i + 1)
    const word = words[i] as number
    words[i] = words[other] as number
    words[other] = word
  }
  return words
}

/** Nanoseconds per lookup and how many found something. */
function measure(trie: CidrTrie, words: Uint32Array): { nanoseconds: number; found: number } {
  const address = { family: 4, bytes: new Uint8Array(4) } as const
  let found = 0
  const start = performance.now()
  for (let i = 0; i < lookups; i++) {
    putWord(address.bytes, words[i % words.length] as number)
    if (findLongest(trie, address) >= 0) found += 1
  }
  return { nanoseconds: ((performance.now() - start) * 1e6) / lookups, found }
}

const best = (values: readonly number[]): number => Math.round(Math.min(...values))

function measureLookup(entries: number): LookupResult {
  const start = performance.now()
  const trie = buildCidrTrie(ranges(entries))
  const buildMs = Math.round(performance.now() - start)
  const random = seededRandom(2)
  const words = (count: number): Uint32Array => Uint32Array.from({ length: count }, () => random.uint32())
  const rounds = [1, 2, 3, 4, 5]
  const inside = insideInNoOrder(entries)
  const cold = rounds.map(() => measure(trie, inside))
  // New addresses in every round: none of them has been looked up before.
  const anywhere = rounds.map(() => measure(trie, words(lookups)))
  const coldInside = best(cold.map((one) => one.nanoseconds))
  const coldAnywhere = best(anywhere.map((one) => one.nanoseconds))
  const few = words(warmAddresses)
  const warm = rounds.map(() => measure(trie, few))
  return {
    entries,
    buildMs,
    coldNanoseconds: Math.max(coldInside, coldAnywhere),
    coldInsideNanoseconds: coldInside,
    coldAnywhereNanoseconds: coldAnywhere,
    warmNanoseconds: best(warm.map((one) => one.nanoseconds)),
    found: Math.round((cold.reduce((sum, one) => sum + one.found, 0) / (lookups * rounds.length)) * 1_000) / 1_000,
  }
}

export const lookupPart: Part = {
  name: 'lookup',
  about: 'CIDR lookup among 1,000,000 ranges, in this process',
  limitSeconds: () => 120,
  measure: (options) => {
    const figures = measureLookup(1_000_000 / options.shrink)
    const among = `CIDR lookup among ${figures.entries.toLocaleString('en-GB')} ranges`
    const rows = [
      { what: `${among}, cold`, tollgate: figures.coldNanoseconds, atMost: 300 },
      { what: `${among}, warm`, tollgate: figures.warmNanoseconds, atMost: 100 },
    ].map(({ atMost, ...row }) => ({ ...row, unit: 'ns', kamailio: null, target: { of: 'tollgate', atMost } as const }))
    return Promise.resolve({ rows, invalid: [], figures })
  },
}
