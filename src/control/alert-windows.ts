// What calls came to in the last minutes, by account, out of call records as they arrive: a bucket for each minute, only for
// accounts that somebody watches. The definitions are those of the statistics: at a carrier each attempt at one of its
// gateways counts, at a customer each of its calls.
import type { AccountKind } from '../contract/account.ts'
import type { CallRecord } from '../call/record.ts'
import type { Clock } from '../base/clock.ts'

export interface CallFigures {
  attempts: number
  answered: number
  talkMs: number
  /** Sum over those that rang or were answered, and their number. */
  setupMs: number
  setups: number
}

interface Bucket extends CallFigures {
  /** Minutes since 1970. */
  readonly minute: number
}

interface Window {
  readonly minutes: number
  readonly side: 'gateway' | 'caller'
  buckets: Bucket[]
}

const minuteMs = 60_000
const none = (): CallFigures => ({ attempts: 0, answered: 0, talkMs: 0, setupMs: 0, setups: 0 })

function add(to: CallFigures, more: CallFigures): void {
  to.attempts += more.attempts
  to.answered += more.answered
  to.talkMs += more.talkMs
  to.setupMs += more.setupMs
  to.setups += more.setups
}

const figuresOf = (talkMs: number | undefined, setupMs: number | null): CallFigures => ({
  attempts: 1,
  answered: talkMs === undefined ? 0 : 1,
  talkMs: talkMs ?? 0,
  setupMs: setupMs ?? 0,
  setups: setupMs === null ? 0 : 1,
})

/** What one record says of the accounts in it. */
function* happeningsOf(record: CallRecord): Generator<[side: Window['side'], accountId: string, figures: CallFigures]> {
  const { callerAccountId, answeredAt, talkMs, setupMs } = record
  const isAnswered = record.outcome === 'answered'
  if (callerAccountId !== null) yield ['caller', callerAccountId, figuresOf(isAnswered ? talkMs : undefined, setupMs)]
  for (const { accountId, status, startedAt, ringingAt } of record.attempts) {
    const answered = isAnswered && status !== null && status >= 200 && status < 300
    const sign = ringingAt ?? (answered ? answeredAt : null)
    yield ['gateway', accountId, figuresOf(answered ? talkMs : undefined, sign === null ? null : sign - startedAt)]
  }
}

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
        { minutes, side: kind === 'carrier' ? 'gateway' : 'caller', buckets: this.#windows.get(id)?.buckets ?? [] },
      ]),
    )
  }

  add(records: readonly CallRecord[]): void {
    if (this.#windows.size === 0) return
    const minute = Math.floor(this.#clock.wallMs() / minuteMs)
    for (const record of records)
      for (const [side, accountId, figures] of happeningsOf(record)) {
        const window = this.#windows.get(accountId)
        if (window === undefined || window.side !== side) continue
        let bucket = window.buckets.at(-1)
        if (bucket === undefined || bucket.minute < minute) {
          bucket = { minute, ...none() }
          window.buckets = [...window.buckets.filter((one) => one.minute >= minute - window.minutes), bucket]
        }
        add(bucket, figures)
      }
  }

  /** The running minute and `minutes` before it. */
  figures(accountId: string, minutes: number): CallFigures {
    const first = Math.floor(this.#clock.wallMs() / minuteMs) - minutes
    const total = none()
    for (const bucket of this.#windows.get(accountId)?.buckets ?? []) if (bucket.minute >= first) add(total, bucket)
    return total
  }
}
