// A call printed: state that cannot be printed cannot be run. Feeds `GET /calls` and `GET /calls/ID`.
import { targetText } from '../policy/rank.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import type { Leg } from './leg.ts'
import { gatewayNameOf } from './rest.ts'
import type { Relay } from './relay.ts'
import type { SessionTimer } from './session-timer.ts'

type Printed = Record<string, unknown>

const printSession = ({ seconds, minSeSeconds, refresher, running }: SessionTimer): Printed => ({
  seconds,
  minSeSeconds,
  refresher,
  running,
})

/** One leg's dialog, as it stands. */
const printLeg = (leg: Leg): Printed => ({
  side: leg.side,
  account: leg.account.name,
  endpoint: leg.endpoint?.name ?? null,
  callId: leg.callId,
  localTag: leg.localTag,
  otherLocalTags: leg.otherLocalTags,
  dialogTag: leg.dialogTag,
  remoteTag: leg.remoteTag,
  localParty: leg.localParty,
  remoteParty: leg.remoteParty,
  remoteTarget: leg.remoteTarget,
  routeSet: leg.routeSet,
  localCseq: leg.localCseq,
  remoteCseq: leg.remoteCseq,
  peer: `${leg.peer.protocol}:${leg.peer.address}:${leg.peer.port}`,
  source: `${leg.source.protocol}:${leg.source.address}:${leg.source.port}`,
  listener: leg.listener.name,
  confirmed: leg.confirmed,
  gone: leg.gone,
  byeSent: leg.byeSent,
  answer: leg.answer === undefined ? null : { cseq: leg.answer.cseq, waitingForAck: leg.answer.waiting },
  owedAck: leg.owedAck ?? null,
  lastAck: leg.lastAck?.cseq ?? null,
  pendingInvite: leg.pendingInvite,
  sentSession: leg.sentSession?.length ?? null,
  refusesReliable: leg.refusesReliable,
  lastRseq: leg.lastRseq ?? null,
  takesUpdate: leg.takesUpdate,
  session: printSession(leg.session),
  ping: leg.ping === undefined ? null : { misses: leg.ping.misses },
  inviteCredential: leg.inviteCredential !== undefined,
  forks: (leg.forks ?? []).map((fork) => ({ remoteTag: fork.remoteTag, remoteTarget: fork.remoteTarget })),
})

const printAttempt = (attempt: Attempt): Printed => ({
  gateway: attempt.endpoint.name,
  account: attempt.account.name,
  destination: attempt.destination,
  target: targetText(attempt.gateway),
  way: `${attempt.way.target.protocol}:${attempt.way.target.address}:${attempt.way.target.port}`,
  viaTcpForSize: attempt.viaTcpForSize,
  denied: [...(attempt.denied ?? [])],
  state: attempt.state,
  callId: attempt.leg.callId,
  startedAt: attempt.startedAt,
  firstReplyAt: attempt.firstReplyAt,
  ringingAt: attempt.ringingAt,
  endedAt: attempt.endedAt,
  status: attempt.status,
  reason: attempt.reason,
  progressPassed: attempt.progressPassed,
  transaction: attempt.transaction?.state ?? 'terminated',
  done: attempt.done,
  holdsRoom: attempt.holdsRoom,
  timers: attempt.timers,
  leg: printLeg(attempt.leg),
})

const printRelay = ({ request, cseq }: Relay): Printed => ({
  method: request.method,
  cseq: request.cseq.number,
  as: cseq,
})

const printWhole = (call: Call): Printed => ({
  directoryRevision: call.directory.revision,
  callId: call.inboundLeg.callId,
  transaction: call.parts.serverTransaction?.state ?? 'terminated',
  userParameters: call.parts.setUp.userParameters,
  userIsPhone: call.parts.setUp.userIsPhone,
  cliParameters: call.parts.setUp.cliParameters,
  loopMark: call.parts.setUp.loopMark,
  inviteKey: call.inviteKey ?? null,
  route: call.parts.verdict?.route.prefix ?? null,
  hunt: call.parts.hunt?.position ?? null,
  firstReplyAt: call.parts.setUp.firstReplyAt,
  ringingAt: call.parts.setUp.ringingAt,
  endedAt: call.endedAt,
  talkSinceMs: call.talkSinceMs,
  status: call.status,
  reasonPhrase: call.reasonPhrase,
  cancelReason: call.parts.setUp.cancelReason ?? null,
  byeSource: call.byeSource?.callId ?? null,
  timers: call.timers,
  shown: call.parts.shown.list(),
  reliable: call.parts.reliable.pending,
  relays: call.relays.map(printRelay),
  legs: [call.inboundLeg, ...(call.outboundLeg === undefined ? [] : [call.outboundLeg])].map(printLeg),
  attempts: call.attempts.map(printAttempt),
  explanation: call.explanation.steps,
})

export interface PrintedCall {
  readonly id: string
  readonly state: string
  readonly startedAt: number
  readonly answeredAt: number | null
  readonly callerAccount: string
  readonly callerEndpoint: string | null
  readonly callerSipUser: string | null
  readonly gateway: string | null
  readonly dialled: string
  readonly destination: string
  readonly cli: string
  readonly source: string
  /** Everything else of the call's state, for `GET /calls/ID`. */
  readonly detail: Readonly<Record<string, unknown>>
}

function sourceText({ flow, caller }: Call): string {
  const { address, port } = caller.source ?? flow
  return `${flow.listener.protocol}:${address}:${port}`
}

/** `whole` adds everything else that the call holds: legs, attempts, timers, the explanation. */
export function printCall(call: Call, whole: boolean): PrintedCall {
  return {
    id: call.id,
    state: call.state === 'hunting' ? (call.currentAttempt?.state ?? call.state) : call.state,
    startedAt: call.startedAt,
    answeredAt: call.answeredAt,
    callerAccount: call.caller.account.name,
    callerEndpoint: call.caller.endpoint?.name ?? null,
    callerSipUser: call.caller.sipUser?.username ?? null,
    gateway: gatewayNameOf(call) ?? null,
    dialled: call.dialled,
    destination: call.destination,
    cli: call.cli,
    source: sourceText(call),
    detail: whole ? printWhole(call) : {},
  }
}
