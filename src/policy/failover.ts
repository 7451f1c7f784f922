// What to do when an attempt fails, as one table: the first row that fits decides. Reply rules of the operator come
// before it (reply-rules.ts); doing it is call/'s.
import { assert } from '../base/assert.ts'

/** How an attempt ended without an answer. */
export type FailoverEvent =
  | { readonly kind: 'status'; readonly status: number }
  /** `challenge`: a 401 or 407 that cannot be answered or came again. `transport`: refused, ICMP, TLS, DNS. */
  | {
      readonly kind: 'firstReplyTimeout' | 'progressTimeout' | 'ringTimeout' | 'huntTimeout' | 'transport' | 'challenge'
    }

/** gateway: the next one of the carrier, then the next carrier. carrier: its other gateways are passed over. */
export type NextStep = 'gateway' | 'carrier' | 'none'

export interface AttemptOutcome {
  /** The row of the table, for records and tests. */
  readonly row: string
  readonly next: NextStep
  /** What the caller sees if this was the last attempt; `asReceived` without Retry-After. */
  readonly callerStatus: number | 'asReceived'
}

interface FailoverRow {
  readonly row: string
  readonly kind: FailoverEvent['kind']
  /** Codes, and ranges of codes (both ends included); absent = any. */
  readonly statuses?: readonly (number | readonly [from: number, to: number])[]
  readonly next: NextStep
  /** The same after an 18x was passed on: the caller hears ringing already. */
  readonly nextAfterProgress: NextStep
  readonly callerStatus: number | 'asReceived'
}

const failoverTable: readonly FailoverRow[] = [
  { row: 'no first reply', kind: 'firstReplyTimeout', next: 'gateway', nextAfterProgress: 'none', callerStatus: 408 },
  { row: 'transport error', kind: 'transport', next: 'gateway', nextAfterProgress: 'gateway', callerStatus: 503 },
  { row: 'no progress', kind: 'progressTimeout', next: 'carrier', nextAfterProgress: 'none', callerStatus: 408 },
  { row: 'not answered', kind: 'ringTimeout', next: 'none', nextAfterProgress: 'none', callerStatus: 480 },
  { row: 'hunt is over', kind: 'huntTimeout', next: 'none', nextAfterProgress: 'none', callerStatus: 408 },
  // The challenge itself is never passed on: the caller has no credentials for the gateway.
  { row: 'unanswerable challenge', kind: 'challenge', next: 'gateway', nextAfterProgress: 'none', callerStatus: 503 },
  {
    row: 'unanswerable challenge',
    kind: 'status',
    statuses: [401, 407],
    next: 'gateway',
    nextAfterProgress: 'none',
    callerStatus: 503,
  },
  {
    row: 'redirect',
    kind: 'status',
    statuses: [[300, 399]],
    next: 'none',
    nextAfterProgress: 'none',
    callerStatus: 503,
  },
  {
    row: 'the callee decided',
    kind: 'status',
    statuses: [404, 410, 480, 482, 483, 484, 486, 487, [600, 699]],
    next: 'none',
    nextAfterProgress: 'none',
    callerStatus: 'asReceived',
  },
  {
    row: 'the gateway timed out',
    kind: 'status',
    statuses: [408],
    next: 'gateway',
    nextAfterProgress: 'none',
    callerStatus: 'asReceived',
  },
  // 503 stays 503, the wholesale sign to advance: a deviation from RFC 3261 16.7.
  {
    row: 'the gateway is in trouble',
    kind: 'status',
    statuses: [500, 502, 503, 504],
    next: 'gateway',
    nextAfterProgress: 'gateway',
    callerStatus: 'asReceived',
  },
  {
    row: 'the carrier refuses',
    kind: 'status',
    statuses: [[400, 599]],
    next: 'carrier',
    nextAfterProgress: 'none',
    callerStatus: 'asReceived',
  },
]

function fits(row: FailoverRow, event: FailoverEvent): boolean {
  if (row.kind !== event.kind) return false
  if (event.kind !== 'status' || row.statuses === undefined) return true
  const { status } = event
  return row.statuses.some((entry) =>
    typeof entry === 'number' ? entry === status : status >= entry[0] && status <= entry[1],
  )
}

/** `progressPassed`: an 18x of this attempt went on to the caller. Status events are final failures, 300-699. */
export function outcomeOf(event: FailoverEvent, progressPassed: boolean): AttemptOutcome {
  const found = failoverTable.find((row) => fits(row, event))
  assert(found, `no failover row for ${event.kind === 'status' ? event.status : event.kind}`)
  const { row, next, nextAfterProgress, callerStatus } = found
  return { row, next: progressPassed ? nextAfterProgress : next, callerStatus }
}
