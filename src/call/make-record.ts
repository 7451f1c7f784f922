// Turns an ended call into its record.
import { targetText } from '../policy/rank.ts'
import type { Attempt } from './attempt.ts'
import type { Call, Release } from './call.ts'
import type { AttemptRecord, CallRecord } from './record.ts'

const attemptRecord = (attempt: Attempt, endedAt: number): AttemptRecord => ({
  endpointId: attempt.endpoint.id,
  accountId: attempt.account.id,
  gateway: attempt.endpoint.name,
  account: attempt.account.name,
  target: targetText(attempt.gateway),
  callId: attempt.leg.callId,
  destination: attempt.destination,
  startedAt: attempt.startedAt,
  firstReplyAt: attempt.firstReplyAt,
  ringingAt: attempt.ringingAt,
  endedAt: attempt.endedAt ?? endedAt,
  status: attempt.status,
  reason: attempt.reason,
})

/** Wall clocks can be set back while a call runs. */
const span = (from: number, to: number): number => Math.max(0, to - from)

/** `release` says how it ended; everything else the call knows. */
export function makeRecord(call: Call, release: Release): CallRecord {
  const endedAt = call.endedAt ?? call.context.clock.wallMs()
  const { answeredAt, startedAt } = call
  const { ringingAt } = call.parts.setUp
  const firstSign = ringingAt ?? answeredAt
  return {
    id: call.id,
    startedAt,
    firstReplyAt: call.parts.setUp.firstReplyAt,
    ringingAt,
    answeredAt,
    endedAt,
    setupMs: firstSign === null ? null : span(startedAt, firstSign),
    ringMs: answeredAt === null || ringingAt === null ? null : span(ringingAt, answeredAt),
    talkMs: call.talkSinceMs === null ? 0 : call.context.clock.nowMs() - call.talkSinceMs,
    sourceAddress: (call.caller.source ?? call.flow).address,
    sourcePort: (call.caller.source ?? call.flow).port,
    sourceTransport: call.flow.listener.protocol,
    callerAccountId: call.caller.account.id,
    callerAccount: call.caller.account.name,
    callerEndpointId: call.caller.endpoint?.id ?? null,
    callerEndpoint: call.caller.endpoint?.name ?? null,
    callerSipUserId: call.caller.sipUser?.id ?? null,
    callerSipUser: call.caller.sipUser?.username ?? null,
    callerCallId: call.inboundLeg.callId,
    routePrefix: call.parts.verdict?.route.prefix ?? null,
    dialled: call.dialled,
    destination: call.destination,
    cli: call.cli,
    outcome: release.outcome,
    status: call.status,
    reasonPhrase: call.reasonPhrase,
    releaseReason: release.reason,
    releasedBy: release.by,
    detail: release.detail,
    directoryRevision: call.directory.revision,
    attempts: call.attempts.map((attempt) => attemptRecord(attempt, endedAt)),
    explanation: call.explanation.text,
  }
}
