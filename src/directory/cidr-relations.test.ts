// Ranges around and inside a range, against a plain comparison of all of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressText, cidrText, parseCidr, type Cidr } from '../contract/address.ts'
import { findRelated } from './cidr-relations.ts'
import { buildCidrTrie } from './cidr-trie.ts'

const rangeOf = (text: string): Cidr => {
  const cidr = parseCidr(text, true)
  assert.ok(cidr !== undefined, text)
  return cidr
}

const contains = (outer: Cidr, inner: Cidr): boolean =>
  outer.family === inner.family &&
  outer.prefixLength <= inner.prefixLength &&
  cidrText(rangeOf(`${addressText(inner)}/${outer.prefixLength}`)) === cidrText(outer)

test('the range itself, those around it, those inside it', () => {
  const texts = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3', '10.1.3.0/24', '10.2.0.0/16', '0.0.0.0/0']
  const trie = buildCidrTrie(texts.map((text, value) => ({ cidr: rangeOf(text), value })))
  const related = (text: string, most = 99): string[] =>
    findRelated(trie, rangeOf(text), most).map(({ range }) => range)
  assert.deepEqual(related('10.1.0.0/16'), [
    '10.1.0.0/16',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '10.1.2.0/24',
    '10.1.2.3',
    '10.1.3.0/24',
  ])
  assert.deepEqual(related('10.1.2.3'), ['10.1.2.3', '10.1.2.0/24', '10.1.0.0/16', '10.0.0.0/8', '0.0.0.0/0'])
  assert.deepEqual(related('10.1.0.0/16', 2), ['10.1.0.0/16', '10.0.0.0/8'])
  assert.deepEqual(related('10.9.0.0/16'), [])
})

test('300 random sets of ranges agree with a comparison of all with all', () => {
  let seed = 11
  const next = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) % below
  for (let round = 0; round < 300; round += 1) {
    const texts = new Set<string>()
    for (let i = 0; i < 30; i += 1)
      texts.add(
        next(4) === 0
          ? cidrText(rangeOf(`2001:db8:${next(2)}::${next(4)}/${[0, 32, 48, 64, 127, 128][next(6)]}`))
          : cidrText(rangeOf(`10.${next(2)}.${next(2)}.${next(4)}/${[0, 8, 15, 16, 24, 30, 31, 32][next(8)]}`)),
      )
    const all = [...texts].map((text) => rangeOf(text))
    const trie = buildCidrTrie(all.map((cidr, value) => ({ cidr, value })))
    for (const cidr of all) {
      const expected = all.filter((other) => contains(other, cidr) || contains(cidr, other)).map((one) => cidrText(one))
      const found = findRelated(trie, cidr, 1_000).map(({ range }) => range)
      assert.deepEqual(found.toSorted(), expected.toSorted(), `${cidrText(cidr)} among ${[...texts].join(' ')}`)
    }
  }
})
