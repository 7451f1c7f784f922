import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** Milliseconds that helpers spent on collections of the young generation, of a program that keeps much alive. */
function helperMs(processors: number): number {
  const program = `
    import { collectAlone } from '${new URL('one-processor.ts', import.meta.url).href}'
    collectAlone(${processors})
    const kept = []
    for (let i = 0; i < 600_000; i++) kept.push({ text: 'kept ' + i, list: [i] })
    console.log(kept.length)`
  const output = execFileSync(process.execPath, ['--trace-gc-nvp', '--input-type=module', '--eval', program], {
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  })
  const spent = [...output.matchAll(/ background\.scavenge\.parallel=([\d.]+)/g)].map(([, ms]) => Number(ms))
  assert.ok(spent.length > 3, output.slice(-500))
  return spent.reduce((sum, ms) => sum + ms, 0)
}

test('with one processor the thread collects its young generation alone, with more it has help', () => {
  assert.equal(helperMs(1), 0)
  assert.ok(helperMs(2) > 0)
})
