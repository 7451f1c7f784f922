import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRanges } from './cidr-lists.ts'

/** Both families, nested ranges, and a text that stands for nobody. */
const long = Array.from({ length: 300 }, (_, i) =>
  i % 3 === 0 ? `2001:db8:${i.toString(16)}::/48` : i % 3 === 1 ? `10.0.${i >> 2}.${i & 255}` : `10.${i & 255}.0.0/16`,
).concat('nobody.example')

test('a long list means the same as its ranges one by one, however often it is compiled and whoever has it', () => {
  for (const member of [0, 7, 7]) {
    const rows = (addresses: readonly string[]): { addresses: readonly string[]; member: number }[] => [
      { addresses: ['10.0.0.0/8', '::/0'], member: 1 },
      { addresses, member },
    ]
    const single = long.map((text) => ({ addresses: [text], member }))
    const asOne = compileRanges(rows(long))
    assert.deepEqual(asOne, compileRanges([...rows([]), ...single]))
    assert.equal(asOne.trie.v4.lengths.length + asOne.trie.v6.lengths.length, new Set(long).size - 1 + 2)
  }
})
