// Gives the memory of a large configuration back to the system. Reading, checking and compiling a million ranges leaves garbage
// that V8 keeps while nothing else is allocated: the process stays at 2.2 GB, after this at 0.6 (a start from the database: 0.78,
// after this 0.38). It stops the control thread for 0.2 to 0.6 s then, and never where configurations are small.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/** So much more than after the last time is worth a stop. */
const grownBytes = 128 * 1_024 * 1_024

let collect: Collect | undefined
let leftBytes = 0

function heapBytes(): number {
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}

/** Of the thread that calls it; does nothing while its heap has not grown much. */
export function giveBackMemory(): void {
  if (heapBytes() - leftBytes < grownBytes) return
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  leftBytes = heapBytes()
}
