// Consecutive failures of gateways and of their accounts, and the backoff that follows (product: failover, backoff): from
// `backoffFailures` on only the larger of one call in `backoffEveryMs` and one call of `backoffCalls` goes there, until
// one succeeds. Deterministic, so that a simulation says what the next call would do. Keyed by stable ids.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { DirectoryAccount, DirectoryEndpoint } from '../directory/directory.ts'
import { OwnFailureRows } from './failure-rows.ts'
import type { FailureRows, FailureScope } from './failure-rows.ts'

/** A gateway or account that is left out now because of its failures. */
export interface Hold {
  readonly scope: FailureScope
  readonly id: string
  readonly detail: string
}

/** A gateway or account went into backoff (`on`) or came out of it. */
export interface BackoffChange {
  readonly scope: FailureScope
  readonly id: string
  readonly on: boolean
  readonly failures: number
}

type Gateway = Pick<DirectoryEndpoint, 'id'>
type Account = Pick<DirectoryAccount, 'id' | 'backoff'>

const holdText = `${bound('backoffFailures')} or more consecutive failures, so that only one call in ${bound('backoffEveryMs') / 1_000} s, or one of ${bound('backoffCalls')}, goes there`

/** What the board says of a gateway that is green and in backoff. */
export const backoffReason = (scope: FailureScope): string =>
  `backoff${scope === 'account' ? ' of the account' : ''}: ${holdText}`

export const isInBackoff = (failures: number, account: Pick<DirectoryAccount, 'backoff'>): boolean =>
  account.backoff && failures >= bound('backoffFailures')

export class Failures {
  readonly #clock: Clock
  readonly #onChange: (change: BackoffChange) => void
  readonly #rows: FailureRows

  constructor(
    clock: Clock,
    onChange: (change: BackoffChange) => void = () => undefined,
    rows: FailureRows = new OwnFailureRows(clock),
  ) {
    this.#clock = clock
    this.#onChange = onChange
    this.#rows = rows
  }

  count(scope: FailureScope, id: string): number {
    return this.#rows.find(scope, id)?.failures ?? 0
  }

  /** Everything that failed last: count by id. */
  counts(scope: FailureScope): Map<string, number> {
    return this.#rows.counts(scope)
  }

  /** Why this account or gateway is left out by the next call; counts and takes nothing. */
  findHold(scope: FailureScope, id: string, account: Account): Hold | undefined {
    const row = this.#rows.find(scope, id)
    if (row === undefined || !isInBackoff(row.failures, account)) return undefined
    if (row.kept >= bound('backoffCalls') - 1) return undefined
    if (this.#clock.nowMs() - row.attemptedAtMs >= bound('backoffEveryMs')) return undefined
    return { scope, id, detail: `${backoffReason(scope)} (${row.failures} failures now)` }
  }

  /** Both of them, for one attempt. */
  findHoldOn(gateway: Gateway, account: Account): Hold | undefined {
    return this.findHold('account', account.id, account) ?? this.findHold('endpoint', gateway.id, account)
  }

  /** A live call was kept away by this hold. */
  countKept({ scope, id }: Hold): void {
    this.#rows.keep(scope, id)
  }

  /** An INVITE goes there now. Costs nothing while nothing fails. */
  onAttempt(gateway: Gateway, account: Account): void {
    this.#rows.attempt('endpoint', gateway.id)
    this.#rows.attempt('account', account.id)
  }

  onFailure(gateway: Gateway, account: Account): void {
    this.#fail('endpoint', gateway.id, account)
    this.#fail('account', account.id, account)
  }

  #fail(scope: FailureScope, id: string, account: Account): void {
    const failures = this.#rows.add(scope, id)
    if (failures === bound('backoffFailures') && account.backoff) this.#onChange({ scope, id, on: true, failures })
  }

  /** An 18x or a 2xx came. */
  onSuccess(gateway: Gateway, account: Account): void {
    this.#clear('endpoint', gateway.id)
    this.#clear('account', account.id)
  }

  /** By hand; false = there was nothing to reset. */
  reset(scope: FailureScope, id: string): boolean {
    return this.#clear(scope, id)
  }

  #clear(scope: FailureScope, id: string): boolean {
    const failures = this.#rows.clear(scope, id)
    if (failures >= bound('backoffFailures')) this.#onChange({ scope, id, on: false, failures: 0 })
    return failures > 0
  }
}
