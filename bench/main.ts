// `npm run bench`: Tollgate and Kamailio side by side, in one run on one machine. Prints a table of ratios, writes JSON, and
// publishes the figures of a full run in docs/reference/performance.md.
import { compareCpu, compareRate } from './compare.ts'
import { missingPackages } from './contestants.ts'
import { measureEnumeration } from './enumeration.ts'
import { measureLookup } from './lookup.ts'
import { measureMemory } from './memory.ts'
import { parts, readOptions, usage } from './options.ts'
import type { BenchOptions, Part } from './options.ts'
import { medianCpu, publish, terminalTable, writeJson } from './report.ts'
import type { Figures } from './report.ts'

function optionsOrExit(): BenchOptions {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    return process.exit(2)
  }
}

async function measure(options: BenchOptions): Promise<Figures> {
  const wants = (part: Part): boolean => options.only.includes(part)
  let figures: Figures = {}
  if (wants('lookup')) {
    console.log('CIDR lookup')
    figures = { ...figures, lookup: measureLookup(options.lookupEntries) }
  }
  if (wants('enumeration')) {
    console.log('enumeration of SIP users by time')
    figures = { ...figures, enumeration: measureEnumeration() }
  }
  if (wants('cpu')) {
    const seconds = options.rounds * 4 * (options.warmSeconds + options.windowSeconds + 6)
    console.log(`CPU per call, ${options.callsPerSecond} calls/s (about ${Math.ceil(seconds / 60)} min)`)
    figures = { ...figures, cpu: await compareCpu(options) }
  }
  if (wants('rate')) {
    console.log('highest rate')
    figures = { ...figures, rate: await compareRate(options) }
  }
  if (wants('memory')) {
    console.log(`memory, ${options.heldCalls} calls held`)
    const tollgate = await measureMemory('tollgate', options)
    figures = { ...figures, memory: [tollgate, await measureMemory('kamailio', options)] }
  }
  return figures
}

const options = optionsOrExit()
const missing = missingPackages()
if (missing.length > 0) {
  console.error(`missing for the benchmark: install the Debian package ${missing.join(' and ')}`)
  process.exit(1)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const figures = await measure(options)
console.log(`\n${terminalTable(figures, options)}`)
const full = !options.quick && parts.every((part) => options.only.includes(part))
const file = full ? 'bench/results/latest.json' : 'bench/results/partial.json'
writeJson(file, figures, options)
if (full) publish(figures, options)
console.log(`\n${file}${full ? ' and docs/reference/performance.md' : ' (a short or partial run is not published)'}`)
const { cpu } = figures
const invalid = cpu?.filter((run) => run.discarded !== null).length ?? 0
if (invalid > 0) console.log(`${invalid} of ${cpu?.length ?? 0} CPU runs do not count`)
const complete =
  cpu === undefined || (medianCpu(cpu, 'tollgate') !== undefined && medianCpu(cpu, 'kamailio') !== undefined)
process.exitCode = complete ? 0 : 1
