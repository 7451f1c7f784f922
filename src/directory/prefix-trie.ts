// Longest match of digit strings over 0-9, * and #. A leading + is removed by the caller; any other character ends the
// match, as no prefix contains it.
import type { PrefixTrie } from './directory.ts'
import { sharedInt32From } from './shared-arrays.ts'

const fanOut = 12

function symbolOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  if (code === 42) return 10
  return code === 35 ? 11 : -1
}

/** Compiles prefixes for lookup; each prefix may come once only, '' is the default. `value` is 0 or more. */
export function buildPrefixTrie(entries: Iterable<{ prefix: string; value: number }>): PrefixTrie {
  const children: number[] = Array.from({ length: fanOut }, () => 0)
  const values: number[] = [-1]
  for (const { prefix, value } of entries) {
    let node = 0
    for (let i = 0; i < prefix.length && node >= 0; i++) {
      const symbol = symbolOf(prefix.charCodeAt(i))
      if (symbol < 0) {
        node = -1
        break
      }
      let child = children[node * fanOut + symbol] as number
      if (child === 0) {
        child = values.length
        children[node * fanOut + symbol] = child
        for (let j = 0; j < fanOut; j++) children.push(0)
        values.push(-1)
      }
      node = child
    }
    if (node >= 0) values[node] = value
  }
  return { children: sharedInt32From(children), values: sharedInt32From(values) }
}

/** Value of the longest prefix of `digits`, or -1. */
export function findLongestPrefix(trie: PrefixTrie, digits: string): number {
  let best = trie.values[0] as number
  let node = 0
  for (let i = 0; i < digits.length; i++) {
    const symbol = symbolOf(digits.charCodeAt(i))
    node = symbol < 0 ? 0 : (trie.children[node * fanOut + symbol] as number)
    if (node === 0) break
    const value = trie.values[node] as number
    if (value >= 0) best = value
  }
  return best
}

/** Appends the values of all prefixes of `digits`, the longest first. */
export function findAllPrefixes(trie: PrefixTrie, digits: string, into: number[]): void {
  const start = into.length
  if ((trie.values[0] as number) >= 0) into.push(trie.values[0] as number)
  let node = 0
  for (let i = 0; i < digits.length; i++) {
    const symbol = symbolOf(digits.charCodeAt(i))
    node = symbol < 0 ? 0 : (trie.children[node * fanOut + symbol] as number)
    if (node === 0) break
    const value = trie.values[node] as number
    if (value >= 0) into.push(value)
  }
  for (let low = start, high = into.length - 1; low < high; low++, high--) {
    const value = into[low] as number
    into[low] = into[high] as number
    into[high] = value
  }
}

const symbols = '0123456789*#'

/** Up to `most` prefixes that share the longest possible start with `digits`; for explanations. */
export function findNearPrefixes(trie: PrefixTrie, digits: string, most: number): string[] {
  let node = 0
  let depth = 0
  for (; depth < digits.length; depth++) {
    const symbol = symbolOf(digits.charCodeAt(depth))
    const child = symbol < 0 ? 0 : (trie.children[node * fanOut + symbol] as number)
    if (child === 0) break
    node = child
  }
  const near: string[] = []
  const waiting = [{ node, text: digits.slice(0, depth) }]
  for (let at = waiting.shift(); at !== undefined && near.length < most; at = waiting.shift()) {
    if ((trie.values[at.node] as number) >= 0) near.push(at.text)
    for (let symbol = 0; symbol < fanOut; symbol++) {
      const child = trie.children[at.node * fanOut + symbol] as number
      if (child !== 0) waiting.push({ node: child, text: at.text + (symbols[symbol] ?? '') })
    }
  }
  return near
}
