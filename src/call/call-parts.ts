// What a call works with while something happens in it. A quiet call holds all of it folded (resting-call.ts).
import { assert } from '../base/assert.ts'
import type { Explanation } from '../policy/explanation.ts'
import type { RouteVerdict } from '../policy/verdict.ts'
import type { ServerTransaction } from '../transaction/transactions.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import type { Hunt } from './hunt.ts'
import type { KeptInvite } from './kept-invite.ts'
import type { Leg } from './leg.ts'
import type { ReliableProgress } from './reliable.ts'
import type { ShownDialogs } from './shown-dialogs.ts'

/** What the making of the call is about. */
export interface SetUp {
  /** Parameters of the dialled user part (rn, npdi, cic ...). */
  userParameters: string
  /** Parameters of the CLI's user part, and whether the Request-URI says user=phone (RFC 3261 19.1.1). */
  cliParameters: string
  userIsPhone: boolean
  loopMark: string
  /** Reason field of the caller's CANCEL, for the gateway's. */
  cancelReason: string | undefined
  firstReplyAt: number | null
  ringingAt: number | null
}

export const newSetUp = (): SetUp => ({
  userParameters: '',
  cliParameters: '',
  userIsPhone: false,
  loopMark: '',
  cancelReason: undefined,
  firstReplyAt: null,
  ringingAt: null,
})

/** A SetUp as plain values; times are milliseconds since the start of the call. */
export type PackedSetUp = readonly [
  userParameters: string,
  cliParameters: string,
  userIsPhone: 0 | 1,
  loopMark: string,
  cancelReason: string | null,
  firstReplyAfterMs: number | null,
  ringingAfterMs: number | null,
]

export function packSetUp(setUp: SetUp, startedAt: number): PackedSetUp {
  const { userParameters, cliParameters, userIsPhone, loopMark, cancelReason, firstReplyAt, ringingAt } = setUp
  const after = (at: number | null): number | null => (at === null ? null : at - startedAt)
  const times = [after(firstReplyAt), after(ringingAt)] as const
  return [userParameters, cliParameters, userIsPhone ? 1 : 0, loopMark, cancelReason ?? null, ...times]
}

export function unpackSetUp(packed: PackedSetUp, startedAt: number): SetUp {
  const [userParameters, cliParameters, isPhone, loopMark, cancelReason, firstReply, ringing] = packed
  return {
    userParameters,
    cliParameters,
    userIsPhone: isPhone === 1,
    loopMark,
    cancelReason: cancelReason ?? undefined,
    firstReplyAt: firstReply === null ? null : startedAt + firstReply,
    ringingAt: ringing === null ? null : startedAt + ringing,
  }
}

export interface CallParts {
  readonly setUp: SetUp
  readonly inboundLeg: Leg
  outboundLeg: Leg | undefined
  attempts: readonly Attempt[]
  readonly shown: ShownDialogs
  readonly reliable: ReliableProgress
  verdict: RouteVerdict | undefined
  hunt: Hunt | undefined
  /** Of the caller's INVITE, and that itself; undefined = they are long over. */
  readonly serverTransaction: ServerTransaction | undefined
  invite: KeptInvite | undefined
  explanation: Explanation
}

/** Of the caller's INVITE, while it may still be answered. */
export function serverTransactionOf({ parts: { serverTransaction } }: Call): ServerTransaction {
  assert(serverTransaction !== undefined, 'the INVITE of a call that rested is long answered')
  return serverTransaction
}
