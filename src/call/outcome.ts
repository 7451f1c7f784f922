// What the end or the progress of an attempt says about its gateway and carrier: the consecutive failures (product:
// failover). Silence at any stage before ringing counts, because 100 and then nothing is the commonest dead carrier.
import type { Attempt, AttemptFailure } from './attempt.ts'

/** 401 and 407 arrive here only when they cannot be answered. */
const failureStatuses = new Set([401, 403, 407, 408, 500, 502, 503, 504])

const isFailure = (failure: AttemptFailure): boolean =>
  failure.kind === 'status' ? failureStatuses.has(failure.status) : failure.kind !== 'ringTimeout'

export function noteFailure({ call, endpoint, account }: Attempt, failure: AttemptFailure): void {
  if (isFailure(failure)) call.context.failures.onFailure(endpoint, account)
}

/** A provisional answer from 180 on, or a 2xx. */
export function noteSuccess({ call, endpoint, account }: Attempt, status: number): void {
  if (status >= 180) call.context.failures.onSuccess(endpoint, account)
}
