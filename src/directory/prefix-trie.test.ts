// The digit trie against a naive reference: startsWith over all prefixes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../../test/kit/counts.ts'
import { randomBelow, seededRandom, type Random } from '../base/random.ts'
import { buildPrefixTrie, findAllPrefixes, findLongestPrefix, findNearPrefixes } from './prefix-trie.ts'

const digits = (random: Random, most: number): string =>
  Array.from({ length: randomBelow(random, most + 1) }, () => '0124*#'[randomBelow(random, 6)]).join('')

const trieOf = (...prefixes: string[]) => buildPrefixTrie(prefixes.map((prefix, value) => ({ prefix, value })))

test(`${counts.prefixLookups} random numbers find the prefixes that a text comparison finds`, () => {
  const random = seededRandom(seeds.prefixLookups)
  for (let round = 0; round < counts.prefixLookups / 100; round++) {
    const prefixes = [...new Set(Array.from({ length: 1 + randomBelow(random, 60) }, () => digits(random, 5)))]
    const trie = trieOf(...prefixes)
    for (let i = 0; i < 100; i++) {
      const number = digits(random, 8)
      const expected = prefixes
        .map((prefix, value) => ({ prefix, value }))
        .filter(({ prefix }) => number.startsWith(prefix))
        .toSorted((a, b) => b.prefix.length - a.prefix.length)
        .map(({ value }) => value)
      const found: number[] = []
      findAllPrefixes(trie, number, found)
      assert.deepEqual(found, expected)
      assert.equal(findLongestPrefix(trie, number), expected[0] ?? -1)
    }
  }
})

test('a character that no prefix can hold ends the match', () => {
  const trie = trieOf('', '44', '441')
  assert.equal(findLongestPrefix(trie, '44a1'), 1)
  assert.equal(findLongestPrefix(trie, 'alice'), 0)
  assert.equal(findLongestPrefix(trieOf('44'), ''), -1)
})

test('the nearest prefixes are those below the longest common start, shortest first', () => {
  const trie = trieOf('44', '4420', '4433', '1', '49')
  assert.deepEqual(findNearPrefixes(trie, '4499', 5), ['44', '4420', '4433'])
  assert.deepEqual(findNearPrefixes(trie, '9', 2), ['1', '44'])
  assert.deepEqual(findNearPrefixes(trieOf(), '9', 2), [])
})
