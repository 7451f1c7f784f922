// What observe.ts wrote: read by the parts that look into Tollgate's threads.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Setup } from './contestants.ts'
import type { Observation } from './observe.ts'

export const observing = (file: string, collect: boolean): Required<Pick<Setup, 'flags' | 'environment'>> => ({
  flags: ['--expose-gc', '--import', './bench/observe.ts'],
  environment: { BENCH_OBSERVE: file, BENCH_COLLECT: collect ? '1' : '0' },
})

/** A file that nobody else writes. */
export const observationFile = (folder: string): string => join(folder, 'observations.jsonl')

/** Lines of the thread that signals: of those beside the main one, that with the largest heap. */
export function signallingLines(file: string, from: number, to: number): Observation[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Observation)
    .filter(({ isMain }) => !isMain)
  const sizes = new Map<number, number>()
  for (const { thread, heapBytes } of lines) sizes.set(thread, Math.max(heapBytes, sizes.get(thread) ?? 0))
  const [thread] = [...sizes].toSorted(([, a], [, b]) => b - a)[0] ?? []
  return lines.filter((line) => line.thread === thread && line.atMs >= from && line.atMs <= to)
}
