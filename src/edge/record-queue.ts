// Call records on their way up: handed over in batches, bounded while the control thread does not take them.
import { bound } from '../base/limits.ts'
import type { CallRecord } from '../call/record.ts'

export class RecordQueue {
  #records: CallRecord[] = []
  #lost = 0

  add(record: CallRecord): void {
    if (this.#records.length >= bound('recordQueueMax')) {
      this.#records.shift()
      this.#lost += 1
    }
    this.#records.push(record)
  }

  /** Everything that waits, and how many were dropped since the last time; undefined when there is nothing. */
  take(): { records: readonly CallRecord[]; lost: number } | undefined {
    if (this.#records.length === 0 && this.#lost === 0) return undefined
    const batch = { records: this.#records, lost: this.#lost }
    this.#records = []
    this.#lost = 0
    return batch
  }
}
