// How V8 collects garbage in this process, where its defaults do not fit what calls leave behind.
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'

/**
 * To be called before threads start. Processors are counted as the system grants them to this process.
 *
 * V8 learns from the first seconds, in which the young generation is still small and nearly all in it lives, to allocate
 * what a call is made of among the old at once. There it dies in a fraction of a second, but is collected only with all that
 * is old, and meanwhile keeps alive what it points to: at 1,200 calls/s each collection moved 7 MB among the old and took 15 to
 * 40 ms, and a full one came every 8 s. Without that it moves nothing there and takes 4 to 8 ms; full ones are rare.
 *
 * With one processor V8's helpers for the young generation only take turns with the thread that waits for them: a collection
 * of 5 ms of work took 18 to 30 ms, and a call 10 % more CPU (405-420 us against 363 at 1,200 calls/s, bench/look.ts in one hour).
 */
export function tuneCollection(processors = availableParallelism()): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
  if (processors === 1) setFlagsFromString('--no-parallel-scavenge')
}
