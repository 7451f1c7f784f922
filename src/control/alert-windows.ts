// What calls came to in the last minutes, by account, out of call records as they arrive: a bucket for each minute, only for
// accounts that somebody watches. What a record counts for is defined where the statistics are made (happenings.ts).
import type { AccountKind } from '../contract/account.ts'
import type { CallRecord } from '../call/record.ts'
import type { Clock } from '../base/clock.ts'
import { addFigures, noFigures } from '../store/statistics-rows.ts'
import { inOrder } from '../store/in-order.ts'
import type { Figures, Subject, SubjectKind, TimeSpan } from '../store/statistics-rows.ts'
import { happeningsOf } from './happenings.ts'

interface Bucket {
  /** Minutes since 1970. */
  readonly minute: number
  readonly figures: Figures
}

interface Window {
  readonly minutes: number
  /** At a carrier each attempt at one of its gateways counts, at a customer each of its calls. */
  readonly side: SubjectKind
  buckets: Bucket[]
}

type ReadMinutes = (
  subject: Subject,
  span: TimeSpan,
) => Promise<readonly { readonly at: number; readonly figures: Figures }[]>

const minuteMs = 60_000

export class CallWindows {
  readonly #clock: Clock
  #windows = new Map<string, Window>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From now on these accounts, and no others; what is known of them stays. */
  watch(accounts: ReadonlyMap<string, { readonly minutes: number; readonly kind: AccountKind }>): void {
    this.#windows = new Map(
      [...accounts].map(([id, { minutes, kind }]) => [
        id,
        {
          minutes,
          side: kind === 'carrier' ? 'toAccount' : 'fromAccount',
          buckets: this.#windows.get(id)?.buckets ?? [],
        },
      ]),
    )
  }

  /** Takes what the statistics know of the time before a restart; there each call counts in the minute in which it began. */
  async fill(read: ReadMinutes): Promise<void> {
    const to = this.#clock.wallMs()
    await inOrder([...this.#windows], async ([id, window]) => {
      const rows = await read({ kind: window.side, id }, { from: to - window.minutes * minuteMs, to })
      window.buckets = rows.map(({ at, figures }) => ({ minute: Math.floor(at / minuteMs), figures }))
    })
  }

  add(records: readonly CallRecord[]): void {
    if (this.#windows.size === 0) return
    const minute = Math.floor(this.#clock.wallMs() / minuteMs)
    for (const { subject, figures } of happeningsOf(records.map((record) => ({ record, charge: undefined })))) {
      const window = this.#windows.get(subject.id)
      if (window === undefined || window.side !== subject.kind) continue
      let bucket = window.buckets.at(-1)
      if (bucket === undefined || bucket.minute < minute) {
        bucket = { minute, figures: noFigures() }
        window.buckets = [...window.buckets.filter((one) => one.minute >= minute - window.minutes), bucket]
      }
      addFigures(bucket.figures, figures)
    }
  }

  /** The running minute and `minutes` before it. */
  figures(accountId: string, minutes: number): Figures {
    const first = Math.floor(this.#clock.wallMs() / minuteMs) - minutes
    const total = noFigures()
    for (const { minute, figures } of this.#windows.get(accountId)?.buckets ?? [])
      if (minute >= first) addFigures(total, figures)
    return total
  }
}
