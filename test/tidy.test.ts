// The repository itself: floors, sizes, names, documents, nothing left for later. The rules stand in test/tidy/; every
// one of them is first tried on texts that it must catch.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  anchorsOf,
  installScriptFaults,
  linkFaults,
  nameFaults,
  roomReadmeFaults,
  versionFaults,
} from './tidy/documents.ts'
import { floorFaults, floors } from './tidy/floors.ts'
import { rules } from './tidy/rules.ts'

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
const files = listed.split('\0').filter((name) => name !== '' && existsSync(name))
const isText = (file: string): boolean =>
  /\.(?:tsx?|mjs|json|md|xml|ya?ml|css|html|svg|cfg)$|^[^.]+$|^\.[a-z]+rc\.json$/.test(file)
const read = (file: string): string => readFileSync(file, 'utf8')
const inPolicy = (text: string): string[] => floorFaults('src/policy/decide.ts', text)

test('the floor scan sees a wrong import in each form', () => {
  for (const line of [
    "import { x } from '../api/x.ts'",
    "import type { X } from '../api/x.ts'",
    "export { x } from '../api/x.ts'",
    "export type { X } from '../api/x.ts'",
    "import '../api/x.ts'",
    "await import('../api/x.ts')",
    "import {\n  a,\n  b,\n} from '../api/x.ts'",
    "let x: import('../api/x.ts').X",
    "new Worker(new URL('../api/x.ts', import.meta.url))",
    "import { a } from 'node:net'",
    "import type { Socket } from 'node:net'",
    "import { a } from '../transport/udp.ts'\nimport { b } from '../call/x.ts'\nimport { c } from '../sip/x.ts'",
    "import * as y from '../main.ts'",
    "import { z } from 'zod'",
  ])
    assert.ok(inPolicy(line).length > 0, line)
  assert.deepEqual(
    inPolicy("import { a } from './b.ts'\nimport { c } from '../base/clock.ts'\n// import x from '../api/y.ts'"),
    [],
  )
})

test('the floor scan knows the rules of single rooms', () => {
  const refused: [string, string][] = [
    ['src/policy/decide.ts', "import { a } from '../transport/udp.ts'"],
    ['src/policy/decide.ts', "import { type A } from '../transport/udp.ts'"],
    ['src/contract/x.ts', "import { a } from 'yaml'"],
    ['src/contract/x.ts', "import { a } from '../base/assert.ts'"],
    ['src/base/x.ts', "import { a } from '../contract/parts.ts'"],
    ['src/cli/cli.ts', "import { a } from '../store/store.ts'"],
    ['src/newroom/x.ts', ''],
    ['src/sip/x.test.ts', "import { a } from '../call/leg.ts'"],
    ['src/sip/x.test.ts', "import { a } from '../../scripts/x.ts'"],
    ['web/src/app.tsx', "import { a } from '../../src/api/app.ts'"],
  ]
  for (const [file, text] of refused) assert.equal(floorFaults(file, text).length, 1, `${file}: ${text}`)
  const allowed: [string, string][] = [
    ['src/policy/decide.ts', "import type { A } from '../transport/udp.ts'"],
    ['src/policy/rewrite.ts', "import { RE2JS } from 're2js'"],
    ['src/contract/x.ts', "import { z } from 'zod'"],
    ['src/cli/cli.ts', "import { a } from '../contract/parts.ts'\nimport { Command } from 'commander'"],
    ['src/sip/x.test.ts', "import { a } from '../../test/kit/x.ts'\nimport { b } from 'node:fs'"],
    ['web/src/app.tsx', "import type { A } from '../../src/contract/parts.ts'"],
    ['src/main.ts', "import { a } from './api/app.ts'"],
  ]
  for (const [file, text] of allowed) assert.deepEqual(floorFaults(file, text), [], file)
})

test('an import points only down', () => {
  const code = files.filter((file) => /^(?:src|web)\/.*\.tsx?$/.test(file))
  assert.deepEqual(
    code.flatMap((file) => floorFaults(file, read(file))),
    [],
  )
})

for (const rule of rules) {
  test(rule.name, () => {
    assert.ok(rule.catches.length > 0 && rule.passes.length > 0, 'a rule needs examples')
    for (const { file, text } of rule.catches)
      assert.notEqual(rule.fault(text, file), undefined, `misses ${file}: ${text.slice(0, 80)}`)
    for (const { file, text } of rule.passes)
      assert.equal(rule.fault(text, file), undefined, `catches ${file}: ${text.slice(0, 80)}`)
    const faults = files
      .filter((file) => isText(file) && rule.applies(file))
      .flatMap((file) => {
        const fault = rule.fault(read(file), file)
        return fault === undefined ? [] : [`${file}: ${fault}`]
      })
    assert.deepEqual(faults, [])
  })
}

test('every room is there and its README says purpose, files, rules and what to see also', () => {
  assert.deepEqual(roomReadmeFaults('x', '# x\n\n## Purpose\n\n## Files\n\n**Rules.** a\n\n## See also\n'), [])
  assert.equal(roomReadmeFaults('x', '# x\n\n## Purpose\n\n## Files\n\n## See also\n').length, 1)
  assert.equal(roomReadmeFaults('x', `## Purpose\n## Files\n## Rules\n## See also\n${'a\n'.repeat(40)}`).length, 1)
  assert.equal(roomReadmeFaults('x', undefined).length, 1)
  const faults = Object.keys(floors).flatMap((room) => {
    const readme = `src/${room}/README.md`
    return roomReadmeFaults(readme, existsSync(readme) ? read(readme) : undefined)
  })
  assert.deepEqual(faults, [])
})

test('links in documents lead to files and headings that exist', () => {
  assert.deepEqual(anchorsOf('## Life of an `INVITE`: one\n'), ['life-of-an-invite-one'])
  const known = { exists: (path: string) => path === 'docs/a.md' || path === 'docs', read: () => '# Top\n' }
  const check = (text: string): string[] => linkFaults('docs/b.md', text, known)
  assert.deepEqual(check('[a](a.md) [b](./a.md#top) [c](https://x.y/z) [d](../docs/) `[e](none.md)`'), [])
  for (const text of ['[a](none.md)', '![a](none.png)', '[a](a.md#nothing)', '<img alt="" src="none.svg">'])
    assert.equal(check(text).length, 1, text)
  const faults = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => linkFaults(file, read(file), { exists: existsSync, read }))
  assert.deepEqual(faults, [])
})

test('metrics and variables that documents name exist', () => {
  const text =
    read('docs/reference/metrics.md') + read('docs/reference/configuration.md') + read('docs/reference/cli.md')
  const known = { exists: (name: string) => new RegExp(`\\b${name}\\b`).test(text) }
  assert.deepEqual(
    nameFaults('x', 'TOLLGATE_DATA_DIR tollgate_calls_total tollgate_nothing{a="b"} TOLLGATE_NO', known),
    ['x: tollgate_nothing does not exist', 'x: TOLLGATE_NO does not exist'],
  )
  const written = files.filter((file) => /^(?:README|docs\/guide\/.*)\.md$/.test(file))
  assert.deepEqual(
    written.flatMap((file) => nameFaults(file, read(file), known)),
    [],
  )
})

test('dependencies have exact versions and no install script', () => {
  assert.equal(versionFaults('x', '{"dependencies":{"a":"^1.2.3"},"devDependencies":{"b":"1.2.3"}}').length, 1)
  assert.equal(installScriptFaults('{"packages":{"node_modules/a":{"hasInstallScript":true},"b":{}}}').length, 1)
  assert.deepEqual(
    ['package.json', 'web/package.json'].flatMap((file) => versionFaults(file, read(file))),
    [],
  )
  assert.deepEqual(installScriptFaults(read('package-lock.json')), [])
})
