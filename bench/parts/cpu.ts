// CPU per call of both contestants at three rates: rounds of A B B A, medians of the runs that count.
import { compareCpu } from '../compare.ts'
import type { Part } from '../part.ts'
import { median } from '../statistics.ts'

export const cpuPart: Part = {
  name: 'cpu',
  about: 'CPU per call',
  limitSeconds: (options) => options.rounds * 4 * (options.warmSeconds + options.windowSeconds + 60),
  measure: async (options) => {
    const runs = await compareCpu(options)
    const of = (name: string): number | null =>
      median(
        runs.filter((run) => run.contestant === name && run.discarded === null).map((run) => run.microsecondsPerCall),
      ) ?? null
    return {
      rows: [{ what: 'CPU per call', unit: 'us', tollgate: of('tollgate'), kamailio: of('kamailio') }],
      invalid: [],
      figures: runs,
    }
  },
}
