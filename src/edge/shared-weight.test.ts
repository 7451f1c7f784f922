// Tables of former directories in shared memory do not stay for ever in a thread that makes no garbage of its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sharedBytes, SharedWeights } from './shared-weight.ts'

const tableOf = (megabytes: number) => ({
  trie: { v4: { width: 1, starts: new Uint32Array(new SharedArrayBuffer(megabytes * 1_048_576)) } },
})

test('a table weighs a quarter of its typed arrays for as long as it lives, a small one nothing', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const weights = new SharedWeights()
  const counted = (): number => process.memoryUsage().external + process.memoryUsage().arrayBuffers
  assert.equal(sharedBytes(tableOf(3)), 3 * 1_048_576)
  const small = tableOf(0.5)
  const tables = [tableOf(64), tableOf(64)]
  collect()
  const before = counted()
  weights.add([small, ...tables, 'revision', 7])
  const grown = counted() - before
  assert.ok(grown >= 32 * 1_048_576, `${grown} bytes are counted`)
  tables.length = 0
  collect()
  assert.ok(counted() - before < grown - 32 * 1_048_576, 'they go with their tables')
})
