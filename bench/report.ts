// The result of a run as JSON with commit and machine, as a table for the terminal, and as a page of the reference. The page is
// made from the JSON alone, so that `npm run generate` makes the same one again (scripts/reference/performance.ts).
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { versionOf } from './contestants.ts'
import { withGap } from './gap.ts'
import type { BenchOptions } from './options.ts'
import type { PartResult } from './part.ts'
import { figuresText, fillPage, tableCells } from './table.ts'

export interface PartRecord extends PartResult {
  readonly name: string
  readonly seconds: number
  /** The part gave no result, and why. */
  readonly failed?: string
}

export interface BenchResult {
  readonly at: string
  readonly commit: string
  readonly machine: Readonly<Record<string, string | number>>
  readonly options: BenchOptions
  readonly parts: readonly PartRecord[]
}

export const latestFile = 'bench/results/latest.json'
export const pageFile = 'docs/reference/performance.md'

const git = (...args: readonly string[]): string => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim()

export function aboutRun(options: BenchOptions): Omit<BenchResult, 'parts'> {
  const changed = git('status', '--porcelain', '--', 'src', 'bench').length > 0
  return {
    at: new Date().toISOString(),
    commit: git('rev-parse', 'HEAD') + (changed ? ' with changes' : ''),
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      processors: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim(),
      node: process.versions.node,
      kamailio: versionOf('kamailio', ['-v']),
      sipp: versionOf('sipp', ['-v']),
    },
    options,
  }
}

export function writeResult(file: string, result: BenchResult): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
}

export function terminalTable(result: BenchResult): string {
  const lines = [
    ['what', 'tollgate', 'kamailio', 'ratio', 'target'],
    ...withGap(result.parts.flatMap(({ rows }) => rows)).map(tableCells),
  ]
  const widths = lines.reduce<number[]>((all, line) => line.map((text, i) => Math.max(all[i] ?? 0, text.length)), [])
  const pad = (text: string, i: number): string =>
    i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)
  const invalid = result.parts.flatMap((part) =>
    part.invalid.map((reason) => `does not count: ${part.name}, ${reason}`),
  )
  const failed = result.parts.flatMap((part) =>
    part.failed === undefined ? [] : [`failed: ${part.name}, ${part.failed}`],
  )
  return [...lines.map((line) => line.map(pad).join('  ')), ...invalid, ...failed].join('\n')
}

/** Writes the page of the reference; what people wrote around the figures stays. */
export function publish(result: BenchResult): void {
  writeFileSync(pageFile, fillPage(readFileSync(pageFile, 'utf8'), figuresText(result)))
}
