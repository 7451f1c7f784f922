// `npm test`: format, lint, types, then the test rings; prints one closing line that counts.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

let passed = 0
let failed = 0

function step(name: string, command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { stdio: 'inherit' })
  console.log(`${done.status === 0 ? 'ok' : 'FAILED'}: ${name}`)
  if (done.status !== 0) failed += 1
}

function ring(name: string, patterns: readonly string[], concurrency: number): void {
  const files = globSync([...patterns]).toSorted()
  if (files.length === 0) throw new Error(`ring ${name} has no test file`)
  const done = spawnSync(
    process.execPath,
    [
      '--test',
      `--test-concurrency=${concurrency}`,
      '--test-timeout=600000',
      '--import',
      './test/kit/no-leak.ts',
      ...files,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 1_200_000,
      killSignal: 'SIGKILL',
    },
  )
  process.stdout.write(done.stdout)
  const count = (word: string): number =>
    Number(new RegExp(`^(?:ℹ|#) ${word} (\\d+)$`, 'm').exec(done.stdout)?.[1] ?? 0)
  passed += count('pass')
  failed += count('fail') + count('cancelled') + count('skipped') + count('todo')
  if (done.status !== 0 && count('fail') === 0) failed += 1
}

step('format', 'oxfmt', ['--check'])
step('lint', 'oxlint', ['--type-aware'])
step('types', 'tsc', [])
step('unused', 'knip', ['--no-config-hints'])
ring('unit', ['src/**/*.test.ts', 'test/tidy.test.ts'], 2)
ring('browser', ['test/browser/*.test.ts'], 1)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
