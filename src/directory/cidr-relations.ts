// Which ranges of a trie lie around a range, and which inside it: for people, not for packets.
import type { Cidr } from '../contract/address.ts'
import { rangeText } from './cidr-trie.ts'
import { wordAt } from './cidr-build.ts'
import type { CidrFamily, CidrTrie } from './directory.ts'

export interface RelatedRange {
  readonly range: string
  readonly value: number
}

function compareTo(family: CidrFamily, range: number, cidr: Cidr): number {
  for (let word = 0; word < family.width; word++) {
    const difference = (family.starts[range * family.width + word] as number) - wordAt(cidr.bytes, word * 4)
    if (difference !== 0) return difference
  }
  return (family.lengths[range] as number) - cidr.prefixLength
}

/** Ranges lie in order of their first address, wider before narrower: a binary search finds exactly this one, or -1. */
function indexOf(family: CidrFamily, cidr: Cidr): number {
  let low = 0
  let high = family.values.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const order = compareTo(family, middle, cidr)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/**
 * The range itself, those around it from the narrowest to the widest, then those inside it, at most `most` in all.
 * The trie has to contain `cidr`; else there is none.
 */
export function findRelated(trie: CidrTrie, cidr: Cidr, most: number): RelatedRange[] {
  const family = cidr.family === 4 ? trie.v4 : trie.v6
  const own = indexOf(family, cidr)
  const found: RelatedRange[] = []
  const add = (range: number): void => {
    found.push({ range: rangeText(family, range), value: family.values[range] as number })
  }
  for (let range = own; range >= 0 && found.length < most; range = family.parents[range] as number) add(range)
  if (own < 0) return found
  // What is inside follows in one piece: each has its parent there, or the range itself.
  for (let range = own + 1; range < family.values.length && found.length < most; range++) {
    if ((family.parents[range] as number) < own) break
    add(range)
  }
  return found
}
