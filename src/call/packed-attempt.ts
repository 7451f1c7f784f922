// An attempt as plain values, for a call that rests (resting-call.ts), and what it is made with besides.
import { assert } from '../base/assert.ts'
import type { DirectoryAccount, DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import type { Permit } from '../policy/verdict.ts'
import type { Attempt, AttemptState } from './attempt.ts'
import type { Call } from './call.ts'
import type { Way } from './way.ts'

/** What an attempt is made with. */
export interface AttemptMeans {
  readonly gateway: GatewayTarget
  readonly permit: Permit | undefined
  readonly way: Way
}

/** How it went. */
export type AttemptFacts = Pick<
  Attempt,
  'state' | 'startedAt' | 'firstReplyAt' | 'ringingAt' | 'endedAt' | 'status' | 'reason' | (typeof flags)[number]
>

const flags = ['progressPassed', 'viaTcpForSize', 'done', 'holdsRoom'] as const

/** The same as plain values; times are milliseconds since the start of the call. */
export type PackedAttempt = readonly [
  state: AttemptState,
  startedAfterMs: number,
  firstReplyAfterMs: number | null,
  ringingAfterMs: number | null,
  endedAfterMs: number | null,
  status: number | null,
  reason: string,
  flags: number,
]

export function packAttempt(attempt: Attempt): PackedAttempt {
  const { state, startedAt, firstReplyAt, ringingAt, endedAt, status, reason, call } = attempt
  const after = (at: number | null): number | null => (at === null ? null : at - call.startedAt)
  const bits = flags.reduce((sum, flag, i) => (attempt[flag] ? sum | (1 << i) : sum), 0)
  return [
    state,
    startedAt - call.startedAt,
    after(firstReplyAt),
    after(ringingAt),
    after(endedAt),
    status,
    reason,
    bits,
  ]
}

export function unpackAttempt(packed: PackedAttempt, { startedAt: base }: Call): AttemptFacts {
  const [state, started, firstReply, ringing, ended, status, reason, bits] = packed
  const at = (after: number | null): number | null => (after === null ? null : base + after)
  const has = (flag: (typeof flags)[number]): boolean => (bits & (1 << flags.indexOf(flag))) !== 0
  return {
    state,
    startedAt: base + started,
    firstReplyAt: at(firstReply),
    ringingAt: at(ringing),
    endedAt: at(ended),
    status,
    reason,
    progressPassed: has('progressPassed'),
    viaTcpForSize: has('viaTcpForSize'),
    done: has('done'),
    holdsRoom: has('holdsRoom'),
  }
}

/** The entry of a gateway, and its account. */
export function entryOf(
  { directory }: Call,
  gateway: GatewayTarget,
): { readonly endpoint: DirectoryEndpoint; readonly account: DirectoryAccount } {
  const endpoint = directory.endpoints[gateway.endpointIndex]
  assert(endpoint !== undefined, 'a gateway belongs to an endpoint')
  const account = directory.accounts[endpoint.accountIndex]
  assert(account !== undefined, 'an endpoint belongs to an account')
  return { endpoint, account }
}
