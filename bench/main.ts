// `npm run bench`: Tollgate and Kamailio side by side, in one run on one machine. Each part runs in a process of its own with a
// time limit. Prints a table, writes JSON, and a full run also writes docs/reference/performance.md.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missingPackages } from './contestants.ts'
import { readOptions, usage } from './options.ts'
import type { BenchOptions } from './options.ts'
import type { Part, PartResult } from './part.ts'
import { parts } from './parts.ts'
import { aboutRun, latestFile, publish, terminalTable, writeResult } from './report.ts'
import type { PartRecord } from './report.ts'

/** A process that does not end when it is asked to. */
const patienceMs = 15_000

const running = new Set<number>()
function end(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (running.has(pid)) process.kill(pid, signal)
  } catch {
    // it has ended in the meantime
  }
}
process.on('exit', () => {
  for (const pid of running) end(pid, 'SIGTERM')
})

function optionsOrExit(): BenchOptions {
  const names = parts.map(({ name }) => name)
  try {
    return readOptions(process.argv.slice(2), names)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}\nparts: ${names.join(', ')}`)
    return process.exit(2)
  }
}

/** Why it failed; undefined when it ended well. */
function runPart(part: Part, options: BenchOptions, file: string): Promise<string | undefined> {
  const limitSeconds = part.limitSeconds(options)
  const child = spawn(process.execPath, ['bench/one-part.ts', part.name, JSON.stringify(options), file], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const pid = child.pid ?? 0
  running.add(pid)
  let isOver = false
  const limits = [
    setTimeout(() => {
      isOver = true
      end(pid, 'SIGTERM')
    }, limitSeconds * 1_000),
    setTimeout(() => end(pid, 'SIGKILL'), limitSeconds * 1_000 + patienceMs),
  ]
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => {
      running.delete(pid)
      for (const limit of limits) clearTimeout(limit)
      if (isOver) resolve(`ended after its time limit of ${limitSeconds} s`)
      else resolve(code === 0 ? undefined : `ended with ${signal ?? code}`)
    })
  })
}

async function record(part: Part, options: BenchOptions, folder: string): Promise<PartRecord> {
  console.log(`\n${part.name}: ${part.about}`)
  const file = join(folder, `${part.name}.json`)
  const start = performance.now()
  const failed = await runPart(part, options, file)
  const seconds = Math.round((performance.now() - start) / 100) / 10
  const nothing: PartResult = { rows: [], invalid: [], figures: null }
  const result = failed === undefined ? (JSON.parse(readFileSync(file, 'utf8')) as PartResult) : nothing
  console.log(`  ${seconds} s${failed === undefined ? '' : `, FAILED: ${failed}`}`)
  return { name: part.name, seconds, ...(failed === undefined ? {} : { failed }), ...result }
}

const options = optionsOrExit()
const missing = missingPackages()
if (missing.length > 0) {
  console.error(`missing for the benchmark: install the Debian package ${missing.join(' and ')}`)
  process.exit(1)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-parts-'))
const records: PartRecord[] = []
for (const part of parts.filter(({ name }) => options.partNames.includes(name)))
  records.push(await record(part, options, folder))
rmSync(folder, { recursive: true, force: true })

const result = { ...aboutRun(options), parts: records }
console.log(`\n${terminalTable(result)}`)
const isFull = options.shrink === 1 && options.partNames.length === parts.length
if (isFull) publish(result)
const file = isFull ? latestFile : 'bench/results/partial.json'
writeResult(file, result)
console.log(`\n${file}${isFull ? ' and docs/reference/performance.md' : ' (a short or partial run is not published)'}`)
process.exitCode = records.every(({ failed }) => failed === undefined) ? 0 : 1
