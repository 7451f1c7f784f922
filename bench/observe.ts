// Preloaded into Tollgate, in all of its threads: once a second each thread appends a line with what it allocated, its longest
// pause and its heap to the file BENCH_OBSERVE names. With BENCH_COLLECT there is a line every four seconds, garbage is collected
// before each, and so what is counted are live objects (needs --expose-gc). For measuring only: it costs time of its own.
import { appendFileSync } from 'node:fs'
import { GCProfiler, getHeapStatistics } from 'node:v8'
import { isMainThread, threadId } from 'node:worker_threads'

export interface Observation {
  readonly atMs: number
  readonly thread: number
  readonly isMain: boolean
  /** Since the line before: on the heap and, for buffers, outside. */
  readonly allocatedBytes: number
  /** Longest time between two looks that were planned for each millisecond. */
  readonly pauseMs: number
  /** Of collecting garbage: all, and the longest. */
  readonly collectMs: number
  readonly collectMaxMs: number
  /** Live: on the heap and outside. */
  readonly heapBytes: number
}

const lookMs = 1
const lineMs = 1_000
const collectedLineMs = 4_000

interface Heap {
  readonly usedHeapSize: number
  readonly externalMemory: number
}
const sizeOf = (heap: Heap): number => heap.usedHeapSize + heap.externalMemory

function now(): number {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics()
  return used + external
}

function observe(file: string, collect: boolean): void {
  let pauseMs = 0
  let lookedAt = performance.now()
  let profiler = new GCProfiler()
  let before = now()
  profiler.start()
  setInterval(() => {
    const at = performance.now()
    pauseMs = Math.max(pauseMs, at - lookedAt)
    lookedAt = at
  }, lookMs).unref()
  setInterval(
    () => {
      if (collect) globalThis.gc?.()
      const { statistics } = profiler.stop()
      let allocatedBytes = 0
      for (const { beforeGC, afterGC } of statistics) {
        allocatedBytes += Math.max(0, sizeOf(beforeGC.heapStatistics) - before)
        before = sizeOf(afterGC.heapStatistics)
      }
      const heapBytes = now()
      allocatedBytes += Math.max(0, heapBytes - before)
      const costs = statistics.map(({ cost }) => cost / 1_000)
      const line: Observation = {
        atMs: Date.now(),
        thread: threadId,
        isMain: isMainThread,
        allocatedBytes,
        pauseMs,
        collectMs: costs.reduce((sum, cost) => sum + cost, 0),
        collectMaxMs: Math.max(0, ...costs),
        heapBytes,
      }
      appendFileSync(file, `${JSON.stringify(line)}\n`)
      pauseMs = 0
      lookedAt = performance.now()
      profiler = new GCProfiler()
      before = now()
      profiler.start()
    },
    collect ? collectedLineMs : lineMs,
  ).unref()
}

const file = process.env['BENCH_OBSERVE']
if (file !== undefined) observe(file, process.env['BENCH_COLLECT'] === '1')
