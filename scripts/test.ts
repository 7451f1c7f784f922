// `npm test`: format, lint, types, unused code, then the test rings, with the seconds of each and one closing line that
// counts. `--check` leaves out the rings that start other programs. The table of rings is in test-rings.ts.
import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { missingPrograms, rings } from './test-rings.ts'
import type { Ring } from './test-rings.ts'
import { countTests } from './test-counts.ts'
import type { Counts } from './test-counts.ts'
import { testFilesOfGroup } from './process-group.ts'

interface Line {
  readonly name: string
  readonly seconds: number
  readonly passed: number
  readonly failed: number
  readonly note: string
}

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly timedOut: boolean
}

/** Runs a program, shows its output as it comes, and keeps it. Its whole group is killed at the time limit. */
function run(
  command: string,
  args: readonly string[],
  timeLimitMs: number,
  more: Ring['environment'] = {},
): Promise<Ended> {
  const { NODE_TEST_CONTEXT: _context, ...environment } = process.env
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...environment, ...more },
      detached: true,
    })
    let output = ''
    let timedOut = false
    const killGroup = (): void => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, 'SIGKILL')
    }
    const limit = setTimeout(() => {
      timedOut = true
      const unfinished = child.pid === undefined ? [] : testFilesOfGroup(child.pid)
      console.error(`killed after ${timeLimitMs / 1000} s; not finished: ${unfinished.join(' ') || command}`)
      killGroup()
    }, timeLimitMs)
    const stop = (): void => {
      killGroup()
      process.exit(130)
    }
    process.once('SIGINT', stop).once('SIGTERM', stop)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      process.stdout.write(text)
    })
    const end = (code: number | null): void => {
      clearTimeout(limit)
      process.off('SIGINT', stop).off('SIGTERM', stop)
      resolve({ code, output, timedOut })
    }
    child.once('error', (error) => {
      console.error(String(error))
      end(null)
    })
    child.once('close', end)
  })
}

const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10

async function runStep(name: string, command: string, args: readonly string[]): Promise<Line> {
  console.log(`--- ${name}`)
  const start = performance.now()
  const { code, timedOut } = await run(command, args, 300_000)
  const note = timedOut ? 'killed after 300 s' : ''
  return { name, seconds: seconds(start), passed: 0, failed: code === 0 ? 0 : 1, note }
}

/** A ring that ended badly without a failed test (a crash, a leak, a time-out) has failed all the same. */
function failuresOf(counts: Counts, ended: Ended): { failed: number; note: string } {
  const failed = counts.failed
  if (ended.timedOut) return { failed: failed + 1, note: 'killed at its time limit' }
  if (!counts.complete) return { failed: failed + 1, note: 'ended without its closing lines' }
  if (ended.code !== 0 && failed === 0) return { failed: 1, note: `exit code ${ended.code}` }
  if (counts.passed + failed === 0) return { failed: 1, note: 'ran no test' }
  return { failed, note: '' }
}

async function runRing(ring: Ring): Promise<Line> {
  console.log(`--- ${ring.name}`)
  const start = performance.now()
  const broken = (note: string): Line => {
    console.error(`${ring.name}: ${note}`)
    return { name: ring.name, seconds: seconds(start), passed: 0, failed: 1, note }
  }
  const missing = missingPrograms(ring, existsSync)
  if (missing.length > 0) return broken(`missing: install the Debian package ${missing.join(' and ')}`)
  const files = globSync([...ring.files]).toSorted()
  if (files.length === 0) return broken(`no test file matches ${ring.files.join(' ')}`)
  const ended = await run(
    process.execPath,
    [
      '--test',
      `--test-concurrency=${ring.concurrency}`,
      `--test-timeout=${ring.fileTimeoutMs}`,
      '--import',
      './test/kit/no-leak.ts',
      ...files,
    ],
    ring.timeLimitMs,
    ring.environment,
  )
  const counts = countTests(ended.output)
  return { name: ring.name, seconds: seconds(start), passed: counts.passed, ...failuresOf(counts, ended) }
}

const check = process.argv.includes('--check')
const only = process.argv.find((argument) => argument.startsWith('--ring='))?.slice('--ring='.length)
const lines: Line[] = []
if (only === undefined) {
  lines.push(await runStep('format', 'oxfmt', ['--check']))
  lines.push(await runStep('lint', 'oxlint', ['--type-aware', '--deny-warnings']))
  lines.push(await runStep('types', 'tsc', []))
  lines.push(await runStep('types of web', 'tsc', ['-p', 'web']))
  lines.push(await runStep('types, web tests', 'tsc', ['-p', 'web/tsconfig.test.json']))
  lines.push(await runStep('unused code', 'knip', ['--no-config-hints']))
}
for (const ring of rings) {
  if (only === undefined ? check && ring.programs.length > 0 : ring.name !== only) continue
  lines.push(await runRing(ring))
}

console.log('')
for (const line of lines) {
  const tests = line.passed + line.failed > 0 ? `${line.passed} passed, ${line.failed} failed` : ''
  const end = [tests, line.note].filter((text) => text !== '').join(', ')
  console.log(
    `${line.failed === 0 ? 'ok    ' : 'FAILED'} ${line.name.padEnd(16)} ${line.seconds.toFixed(1).padStart(6)} s  ${end}`,
  )
}
const passed = lines.reduce((sum, line) => sum + line.passed, 0)
const failed = lines.reduce((sum, line) => sum + line.failed, 0)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
