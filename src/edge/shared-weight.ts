// Shared memory counts nowhere in a thread that only looks at it: its garbage collector sees no reason to run, and tables of
// former directories stay (33 MB with each change among a million ranges, measured without end). So each big table gets a
// weight: plain memory that is counted, lives as long as the table, and is never touched, so that it takes no page.

/** Smaller tables go with the garbage of calls. */
const weighedBytesMin = 1_048_576
/** Weights of 64 MB make the collector run: some eight former tables of a million ranges. Heavier ones would make it run oftener. */
const weightShare = 0.25

/** Bytes of all typed arrays of a table. */
export function sharedBytes(table: unknown): number {
  if (ArrayBuffer.isView(table)) return table.byteLength
  if (typeof table !== 'object' || table === null) return 0
  return Object.values(table).reduce((sum: number, part: unknown) => sum + sharedBytes(part), 0)
}

export class SharedWeights {
  readonly #weights = new WeakMap<object, ArrayBuffer>()

  /** The tables that a publication brought. */
  add(tables: readonly unknown[]): void {
    for (const table of tables) {
      const bytes = sharedBytes(table)
      if (bytes >= weighedBytesMin && typeof table === 'object' && table !== null)
        this.#weights.set(table, new ArrayBuffer(Math.ceil(bytes * weightShare)))
    }
  }
}
