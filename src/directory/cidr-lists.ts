// Ranges with the rows that list them: which endpoints, or SIP users, stand at an address.
import { parseCidr, type IpAddress } from '../contract/address.ts'
import { buildFamily, RangeList } from './cidr-build.ts'
import { findAll, rangeCount } from './cidr-trie.ts'
import type { CidrLists, CidrTrie } from './directory.ts'
import { buildNumberLists, someOf } from './number-lists.ts'

/** One row with its ranges. */
interface Listing {
  readonly addresses: readonly string[]
  readonly member: number
}

/** Ranges as keys, so that rows that list the same range meet. Sets with the same members are one. */
export interface SourceRanges {
  readonly trie: CidrTrie
  /** The values of `trie`: members in the order of the rows. */
  readonly sets: readonly (readonly number[])[]
}

/** Numbers sets of members; most have one member, which needs no text as a key. */
class SetNumbers {
  readonly sets: (readonly number[])[] = []
  readonly #single = new Map<number, number>()
  readonly #several = new Map<string, number>()

  numberOf(members: readonly number[]): number {
    const [first] = members
    if (members.length === 1 && first !== undefined) return this.#find(this.#single, first, members)
    return this.#find(this.#several, members.join(','), members)
  }

  #find<Key>(known: Map<Key, number>, key: Key, members: readonly number[]): number {
    let set = known.get(key)
    if (set === undefined) {
      set = this.sets.push([...members]) - 1
      known.set(key, set)
    }
    return set
  }
}

interface Parsed {
  readonly v4: RangeList
  readonly v6: RangeList
}

/**
 * Rows never change, so what was read of a long list stays with it, as numbers: of a write among 1,000,000 ranges reading all of
 * them again was more than half (2.2 s, now 0.8), for some 16 MB.
 */
const parsedLists = new WeakMap<readonly string[], Parsed>()
const longList = 100

/** Texts that are no address and no range stand for nobody. */
function parseInto({ v4, v6 }: Parsed, { addresses, member }: Listing): void {
  for (const text of addresses) {
    const cidr = parseCidr(text)
    if (cidr !== undefined) (cidr.family === 4 ? v4 : v6).add(cidr, member)
  }
}

function parsedOf(addresses: readonly string[]): Parsed {
  let parsed = parsedLists.get(addresses)
  if (parsed === undefined) {
    parsed = { v4: new RangeList(1), v6: new RangeList(4) }
    parseInto(parsed, { addresses, member: 0 })
    parsedLists.set(addresses, parsed)
  }
  return parsed
}

/** The ranges of all rows, each once. */
export function compileRanges(rows: Iterable<Listing>): SourceRanges {
  const [v4, v6] = [new RangeList(1), new RangeList(4)]
  for (const row of rows)
    if (row.addresses.length < longList) parseInto({ v4, v6 }, row)
    else {
      const parsed = parsedOf(row.addresses)
      v4.append(parsed.v4, row.member)
      v6.append(parsed.v6, row.member)
    }
  const numbers = new SetNumbers()
  const valueOf = (members: readonly number[]): number => numbers.numberOf(members)
  return { trie: { v4: buildFamily(v4, valueOf), v6: buildFamily(v6, valueOf) }, sets: numbers.sets }
}

export function buildCidrLists(rows: Iterable<Listing>): CidrLists {
  const { trie, sets } = compileRanges(rows)
  return { trie, lists: buildNumberLists(sets) }
}

/** Whether some row that lists a range around `ip` fits. */
export function someAround({ trie, lists }: CidrLists, ip: IpAddress, fits: (member: number) => boolean): boolean {
  if (rangeCount(trie) === 0) return false
  const found: number[] = []
  findAll(trie, ip, found)
  return found.some((list) => someOf(lists, list, fits))
}
