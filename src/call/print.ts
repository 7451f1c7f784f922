// A call printed: state that cannot be printed cannot be run. Feeds `GET /calls` and `GET /calls/ID`.
import type { Attempt } from './attempt.ts'
import { attemptTarget } from './attempt.ts'
import type { Call } from './call.ts'
import type { Leg } from './leg.ts'

/** One leg's dialog, as it stands. */
const printLeg = (leg: Leg): Record<string, unknown> => ({
  side: leg.side,
  account: leg.account.name,
  callId: leg.callId,
  localTag: leg.dialogTag,
  remoteTag: leg.remoteTag,
  localParty: leg.localParty,
  remoteParty: leg.remoteParty,
  remoteTarget: leg.remoteTarget,
  routeSet: leg.routeSet,
  localCseq: leg.localCseq,
  remoteCseq: leg.remoteCseq,
  peer: `${leg.peer.protocol}:${leg.peer.address}:${leg.peer.port}`,
  listener: leg.listener.name,
  confirmed: leg.confirmed,
  gone: leg.gone,
  waitingForAck: leg.answer?.waiting ?? false,
  pendingInvite: leg.pendingInvite,
})

const printAttempt = (attempt: Attempt): Record<string, unknown> => ({
  gateway: attempt.endpoint.name,
  account: attempt.account.name,
  target: attemptTarget(attempt.gateway),
  state: attempt.state,
  callId: attempt.leg.callId,
  startedAt: attempt.startedAt,
  firstReplyAt: attempt.firstReplyAt,
  ringingAt: attempt.ringingAt,
  endedAt: attempt.endedAt,
  status: attempt.status,
  reason: attempt.reason,
  transaction: attempt.transaction.state,
})

export interface PrintedCall {
  readonly id: string
  readonly state: string
  readonly startedAt: number
  readonly answeredAt: number | null
  readonly callerAccount: string
  readonly callerEndpoint: string
  readonly gateway: string | null
  readonly dialled: string
  readonly destination: string
  readonly cli: string
  readonly source: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** `whole` adds legs, attempts and the explanation. */
export function printCall(call: Call, whole: boolean): PrintedCall {
  const attempt = call.currentAttempt
  return {
    id: call.id,
    state: call.state === 'hunting' && attempt !== undefined ? attempt.state : call.state,
    startedAt: call.startedAt,
    answeredAt: call.answeredAt,
    callerAccount: call.caller.account.name,
    callerEndpoint: call.caller.endpoint.name,
    gateway: attempt?.endpoint.name ?? null,
    dialled: call.dialled,
    destination: call.destination,
    cli: call.cli,
    source: `${call.flow.listener.protocol}:${call.flow.address}:${call.flow.port}`,
    detail: whole
      ? {
          directoryRevision: call.directory.revision,
          status: call.status,
          legs: [call.inboundLeg, ...(call.outboundLeg === undefined ? [] : [call.outboundLeg])].map(printLeg),
          attempts: call.attempts.map(printAttempt),
          explanation: call.explanation.steps,
        }
      : {},
  }
}
