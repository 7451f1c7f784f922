// The repository itself: floors, sizes, names, nothing left for later.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

const floors: Record<string, number> = {
  base: 0,
  contract: 0,
  sip: 1,
  transport: 2,
  transaction: 2,
  directory: 2,
  policy: 3,
  call: 4,
  probe: 4,
  edge: 5,
  store: 6,
  control: 7,
  api: 8,
  cli: 9,
}
const pure = new Set(['sip', 'transaction', 'directory', 'policy', 'call', 'probe'])
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((name) => name !== '')
const code = tracked.filter((name) => /^(src|test|scripts|bench|web)\/.*\.tsx?$/.test(name))
const roomOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1]
const importPattern =
  /(?:^|[\s;}])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+)['"]/gm

export function importsOf(text: string): string[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...bare.matchAll(importPattern)].map((m) => m[1] ?? m[2] ?? m[3] ?? m[4] ?? '')
}

export function floorFaults(file: string, text: string): string[] {
  const room = roomOf(file)
  const faults: string[] = []
  if (room === undefined || file.endsWith('.test.ts')) return faults
  const floor = floors[room]
  if (floor === undefined) return [`${file}: room ${room} has no floor`]
  for (const target of importsOf(text)) {
    if (!target.startsWith('.')) {
      if (pure.has(room) && !(file.startsWith('src/policy/rewrite') && target === 're2js'))
        faults.push(`${file}: pure room imports ${target}`)
      continue
    }
    const to = roomOf(normalize(join(dirname(file), target)))
    if (to === room) continue
    const toFloor = to === undefined ? Number.POSITIVE_INFINITY : (floors[to] ?? Number.POSITIVE_INFINITY)
    if (toFloor >= floor) faults.push(`${file} (floor ${floor}) imports ${target} (floor ${toFloor})`)
  }
  return faults
}

test('the floor scan sees a wrong import in each form', () => {
  for (const line of [
    "import { x } from '../api/x.ts'",
    "import type { X } from '../api/x.ts'",
    "export { x } from '../api/x.ts'",
    "import '../api/x.ts'",
    "await import('../api/x.ts')",
    "import {\n  a,\n  b,\n} from '../api/x.ts'",
    "let x: import('../api/x.ts').X",
    "import { a } from 'node:net'",
    "import { a } from '../transport/udp.ts'\nimport { b } from '../call/x.ts'",
    "import * as y from '../main.ts'",
  ])
    assert.equal(floorFaults('src/policy/decide.ts', line).length, 1, line)
  assert.deepEqual(
    floorFaults(
      'src/policy/decide.ts',
      "import { a } from './b.ts'\nimport { c } from '../base/clock.ts'\n// import x from '../api/y.ts'",
    ),
    [],
  )
})

test('an import points only down', () => {
  assert.deepEqual(
    code.flatMap((file) => floorFaults(file, readFileSync(file, 'utf8'))),
    [],
  )
})

test('files are at most 400 lines, kebab-case, without leftovers or skipped tests', () => {
  const faults: string[] = []
  for (const file of code) {
    const text = readFileSync(file, 'utf8')
    if (text.split('\n').length > 401) faults.push(`${file}: too long`)
    if (!/^[a-z0-9-]+(\.test|\.d)?\.tsx?$/.test(file.split('/').at(-1) ?? '')) faults.push(`${file}: name`)
    if (/\b(?:TO[D]O|FIX[M]E|X[X]X)\b/.test(text)) faults.push(`${file}: left for later`)
    if (
      /\b(?:test|it|describe|suite)\.(?:skip|only|todo)\b|[{,]\s*(?:skip|todo|only):/.test(
        text.replaceAll(/\/.*\/[gm]*/g, ''),
      )
    )
      faults.push(`${file}: skipped test`)
  }
  assert.deepEqual(faults, [])
})
