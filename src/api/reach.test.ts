// Whatever the API changes of the configuration, the declarative file or the command line can change too.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { carrierSection } from '../contract/account.ts'
import { declarativeFile } from '../contract/declarative.ts'
import { basePath, operations } from './operations.ts'

/** By the first words of a path: the part of the file that holds these objects, or the command that does it. */
const ways: readonly (readonly [pattern: RegExp, way: { file: string } | { command: string }])[] = [
  [/^\/(?:carriers|customers)\/:id\/endpoints\/bulk$/, { command: 'import-endpoints' }],
  [/^\/(?:carriers|customers)\/:id\/endpoints$/, { file: 'endpoints' }],
  [/^\/(?:carriers|customers)\/:id\/sip-users$/, { file: 'sipUsers' }],
  [/^\/(?:carriers|customers)\/:id\/reply-rules$/, { file: 'replyRules' }],
  [/^\/carriers(?:\/:id)?$/, { file: 'carriers' }],
  [/^\/customers(?:\/:id)?$/, { file: 'customers' }],
  [/^\/endpoints(?:\/:id)?$/, { file: 'endpoints' }],
  [/^\/sip-users(?:\/:id(?:\/password)?)?$/, { file: 'sipUsers' }],
  [/^\/routes(?:\/:id)?$/, { file: 'routes' }],
  [/^\/blocks(?:\/:id)?$/, { command: 'block' }],
  [/^\/system$/, { file: 'system' }],
  [/^\/config\/apply$/, { command: 'apply' }],
  [/^\/config\/rollback$/, { command: 'rollback' }],
  [/^\/backup$/, { command: 'backup' }],
  [/^\/restore$/, { command: 'restore' }],
]

/** Runtime state and money: no part of the configuration, though they stand beside it. */
const others = /\/(?:reset-failures|lift-suspension|payments)$/
const tags = new Set(['Carriers', 'Customers', 'Endpoints', 'SIP users', 'Routes', 'Blocks', 'System', 'Configuration'])

const changes = operations
  .filter(({ tag, change, path }) => tags.has(tag) && change && !others.test(path))
  .map(({ method, path }) => ({ method, path: path.replace(basePath, '') }))

const commands = readFileSync('docs/reference/cli.md', 'utf8')
const sections = new Set([...Object.keys(declarativeFile.shape), ...Object.keys(carrierSection.shape)])

test('every change of the configuration has a way without the console', () => {
  const none = changes.filter(({ path }) => !ways.some(([pattern]) => pattern.test(path)))
  assert.deepEqual(none, [])
  assert.ok(changes.length >= 30, `${changes.length} operations`)
})

test('every way is there: a part of the file, or a command of the reference', () => {
  for (const [pattern, way] of ways) {
    assert.ok(
      changes.some(({ path }) => pattern.test(path)),
      `${pattern.source} is no operation any more`,
    )
    if ('file' in way) assert.ok(sections.has(way.file), way.file)
    else assert.match(commands, new RegExp(`\\b${way.command}\\b`), way.command)
  }
})
