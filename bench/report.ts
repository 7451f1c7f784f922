// The figures as a table for the terminal, as JSON with commit and machine, and as a page of the reference.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import type { CpuRun, RateResult } from './compare.ts'
import type { ContestantName } from './contestants.ts'
import { versionOf } from './contestants.ts'
import type { EnumerationResult } from './enumeration.ts'
import type { LookupResult } from './lookup.ts'
import type { MemoryResult } from './memory.ts'
import type { BenchOptions } from './options.ts'

export interface Figures {
  readonly cpu?: readonly CpuRun[]
  readonly rate?: RateResult
  readonly memory?: readonly MemoryResult[]
  readonly lookup?: LookupResult
  readonly enumeration?: EnumerationResult
}

interface Row {
  readonly what: string
  readonly tollgate: string
  readonly kamailio: string
  readonly ratio: string
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)]
  const lower = sorted[Math.ceil(middle) - 1]
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2
}

export const medianCpu = (runs: readonly CpuRun[], name: ContestantName): number | undefined =>
  median(runs.filter((run) => run.contestant === name && run.discarded === null).map((run) => run.microsecondsPerCall))

const ratio = (a: number | undefined, b: number | undefined): string =>
  a === undefined || b === undefined || b === 0 ? '-' : (a / b).toFixed(2)
const shown = (value: number | undefined, unit: string): string =>
  value === undefined ? 'no valid run' : `${value.toLocaleString('en-GB')} ${unit}`

function rowsOf(figures: Figures, options: BenchOptions): Row[] {
  const rows: Row[] = []
  if (figures.cpu !== undefined) {
    const [ours, theirs] = [medianCpu(figures.cpu, 'tollgate'), medianCpu(figures.cpu, 'kamailio')]
    rows.push({
      what: `CPU per call at ${options.callsPerSecond.toLocaleString('en-GB')} calls/s, median`,
      tollgate: shown(ours, 'us'),
      kamailio: shown(theirs, 'us'),
      ratio: ratio(ours, theirs),
    })
  }
  if (figures.rate !== undefined) {
    const { tollgate, kamailio, generatorAlone } = figures.rate
    rows.push({
      what: `highest rate without a retransmission (SIPp alone: ${generatorAlone.toLocaleString('en-GB')})`,
      tollgate: shown(tollgate, 'calls/s'),
      kamailio: shown(kamailio, 'calls/s'),
      ratio: ratio(tollgate, kamailio),
    })
  }
  const memory = (name: ContestantName): MemoryResult | undefined =>
    figures.memory?.find((one) => one.contestant === name && one.failed === 0)
  if (figures.memory !== undefined) {
    const [ours, theirs] = [memory('tollgate'), memory('kamailio')]
    const held = (figures.memory[0]?.heldCalls ?? 0).toLocaleString('en-GB')
    const line = (what: string, pick: (one: MemoryResult) => number): Row => ({
      what: `memory per live call, ${held} held, ${what}`,
      tollgate: shown(ours === undefined ? undefined : pick(ours), 'bytes'),
      kamailio: shown(theirs === undefined ? undefined : pick(theirs), 'bytes'),
      ratio: ratio(ours && pick(ours), theirs && pick(theirs)),
    })
    rows.push(
      line('at once', (one) => one.bytesPerCallAtOnce),
      line(`${options.lingerSeconds} s later`, (one) => one.bytesPerCallLater),
    )
  }
  if (figures.lookup !== undefined) {
    const entries = figures.lookup.entries.toLocaleString('en-GB')
    const line = (what: string, value: number): Row => ({
      what: `CIDR lookup among ${entries} ranges, ${what}`,
      tollgate: shown(value, 'ns'),
      kamailio: '-',
      ratio: '-',
    })
    rows.push(line('cold', figures.lookup.coldNanoseconds), line('warm', figures.lookup.warmNanoseconds))
  }
  if (figures.enumeration !== undefined) rows.push(...enumerationRows(figures.enumeration))
  return rows
}

/** The aim: less than 5 % between any two of them. */
function enumerationRows(result: EnumerationResult): Row[] {
  const line = (what: string, tollgate: string): Row => ({ what, tollgate, kamailio: '-', ratio: '-' })
  return [
    line('wrong digest answer for a SIP user that exists, median', shown(result.knownNanoseconds, 'ns')),
    line('... for one that does not exist', shown(result.unknownNanoseconds, 'ns')),
    line('... for one of a disabled account', shown(result.disabledNanoseconds, 'ns')),
    line('... largest difference between two of them', `${(result.spread * 100).toFixed(1)} %`),
  ]
}

export function terminalTable(figures: Figures, options: BenchOptions): string {
  const rows = rowsOf(figures, options)
  const width = Math.max(...rows.map((row) => row.what.length), 4)
  const line = (row: Row): string =>
    `${row.what.padEnd(width)}  ${row.tollgate.padStart(16)}  ${row.kamailio.padStart(16)}  ${row.ratio.padStart(6)}`
  const head = line({ what: 'what', tollgate: 'tollgate', kamailio: 'kamailio', ratio: 'ratio' })
  return [head, ...rows.map(line)].join('\n')
}

function machine(): Record<string, string | number> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim(),
    node: process.versions.node,
    kamailio: versionOf('kamailio', ['-v']),
    sipp: versionOf('sipp', ['-v']),
  }
}

const git = (...args: readonly string[]): string => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim()

export function writeJson(file: string, figures: Figures, options: BenchOptions): void {
  mkdirSync('bench/results', { recursive: true })
  const changed = git('status', '--porcelain', '--', 'src').length > 0
  const result = {
    at: new Date().toISOString(),
    commit: git('rev-parse', 'HEAD') + (changed ? ' with changes' : ''),
    machine: machine(),
    options,
    figures,
  }
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
}

const pageFile = 'docs/reference/performance.md'
const [startMark, endMark] = ['<!-- figures: start -->', '<!-- figures: end -->']

function figuresText(figures: Figures, options: BenchOptions): string {
  const about = machine()
  const rows = rowsOf(figures, options).map(
    (row) => `| ${row.what} | ${row.tollgate} | ${row.kamailio} | ${row.ratio} |`,
  )
  const discarded = (figures.cpu ?? []).filter((run) => run.discarded !== null)
  const lines = [
    `Measured on ${new Date().toISOString().slice(0, 10)} at commit \`${git('rev-parse', '--short=12', 'HEAD')}\`: ` +
      `${about['processors']} processors (${about['processor']}), ${about['memoryGiB']} GiB, Linux ${about['kernel']}, ` +
      `Node ${about['node']}, Kamailio ${about['kamailio']}, SIPp ${about['sipp']}.`,
    '',
    '| what | tollgate | kamailio | ratio |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `CPU runs: ${(figures.cpu ?? []).length}, discarded: ${discarded.length}.`,
    ...discarded.map((run) => `- round ${run.round}, ${run.contestant}: ${run.discarded}`),
  ]
  return lines.join('\n')
}

/** Puts the figures between the marks of docs/reference/performance.md; the text around them is written by people. */
export function publish(figures: Figures, options: BenchOptions): void {
  const page = readFileSync(pageFile, 'utf8')
  const [before, rest] = page.split(startMark)
  const after = rest?.split(endMark)[1]
  if (before === undefined || after === undefined) throw new Error(`${pageFile} has lost its marks`)
  writeFileSync(pageFile, `${before}${startMark}\n\n${figuresText(figures, options)}\n\n${endMark}${after}`)
}
