import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** A figure of each collection of the young generation of a program. */
function traced(program: string, figure: string): number[] {
  const all = `import { tuneCollection } from '${new URL('collection.ts', import.meta.url).href}'\n${program}`
  const output = execFileSync(process.execPath, ['--trace-gc-nvp', '--input-type=module', '--eval', all], {
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  })
  const found = [...output.matchAll(new RegExp(`gc=s .* ${figure.replace('.', '\\.')}=([\\d.]+)`, 'g'))]
  assert.ok(found.length > 3, output.slice(-500))
  return found.map(([, value]) => Number(value))
}

/** Milliseconds that helpers spent on collections, of a program that keeps much alive. */
function helperMs(processors: number): number {
  const program = `
    tuneCollection(${processors})
    const kept = []
    for (let i = 0; i < 600_000; i++) kept.push({ text: 'kept ' + i, list: [i] })
    console.log(kept.length)`
  return traced(program, 'background.scavenge.parallel').reduce((sum, ms) => sum + ms, 0)
}

test('with one processor the thread collects its young generation alone, with more it has help', () => {
  assert.equal(helperMs(1), 0)
  assert.ok(helperMs(2) > 0)
})

test('what lives for a while is not put among the old because all lived at first', () => {
  const program = `
    tuneCollection()
    const live = []
    const begin = (i) => {
      const call = { list: [i, 0, 0, 0], parts: [], later: undefined }
      for (let part = 0; part < 12; part++) call.parts.push({ part, numbers: [part, i, 0, 0] })
      return call
    }
    for (let i = 0; i < 100_000; i++) live.push(begin(i))
    live.length = 4_000
    for (let i = 0; i < 400_000; i++) live[i % live.length] = begin(i)
    console.log(live.length)`
  const promoted = traced(program, 'promoted')
  const late = promoted.slice(-10)
  assert.ok(Math.max(...late) < 200_000, JSON.stringify(promoted))
})
