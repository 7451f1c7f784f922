// A leg as plain values, for a call that rests (resting-call.ts): what its dialog needs to go on, and nothing that belongs to
// a transaction, because none is left then.
import type { Target } from '../sip/flow.ts'
import { Leg } from './leg.ts'
import type { LegOptions } from './leg.ts'
import type { PackedSession } from './session-timer.ts'

export type PackedLeg = readonly [
  callId: string,
  remoteTag: string,
  localTags: readonly [first: string, ...others: string[]],
  /** Which of them the peer confirmed. */
  dialogTagIndex: number,
  parties: readonly [local: string, remote: string],
  remoteTarget: string,
  routeSet: readonly string[],
  localCseq: number,
  remoteCseq: number,
  flags: number,
  lastRseq: number | null,
  session: PackedSession,
]

const flags = ['confirmed', 'gone', 'byeSent', 'refusesReliable', 'takesUpdate'] as const

/** Nothing is under way in its dialog, and nothing hangs on it that plain values cannot say. */
export const isLegQuiet = (leg: Leg): boolean =>
  leg.pendingInvite === 'none' &&
  leg.answer?.waiting !== true &&
  leg.owedAck === undefined &&
  leg.forks === undefined &&
  leg.ping === undefined

export const packLeg = (leg: Leg): PackedLeg => [
  leg.callId,
  leg.remoteTag,
  [leg.localTag, ...leg.otherLocalTags],
  [leg.localTag, ...leg.otherLocalTags].indexOf(leg.dialogTag),
  [leg.localParty, leg.remoteParty],
  leg.remoteTarget,
  leg.routeSet,
  leg.localCseq,
  leg.remoteCseq,
  flags.reduce((bits, flag, i) => (leg[flag] ? bits | (1 << i) : bits), 0),
  leg.lastRseq ?? null,
  leg.session.pack(),
]

/** What a leg shares with others and what is kept beside its values. */
export type LegSurroundings = Pick<LegOptions, 'call' | 'side' | 'account' | 'endpoint' | 'peer'> & {
  readonly source: Target
  readonly session: string | undefined
}

export function unpackLeg(packed: PackedLeg, { source, session, ...around }: LegSurroundings): Leg {
  const [callId, remoteTag, localTags, dialogTagIndex, [localParty, remoteParty], remoteTarget, routeSet] = packed
  const [, , , , , , , localCseq, remoteCseq, bits, lastRseq, timer] = packed
  const [localTag, ...otherLocalTags] = localTags
  const { listener } = around.peer
  const leg = new Leg({ ...around, callId, localTag, remoteTag, localParty, remoteParty, listener, remoteTarget })
  leg.otherLocalTags.push(...otherLocalTags)
  leg.dialogTag = localTags[dialogTagIndex] ?? localTag
  leg.routeSet = routeSet
  leg.source = source
  leg.localCseq = localCseq
  leg.remoteCseq = remoteCseq
  for (const [i, flag] of flags.entries()) leg[flag] = (bits & (1 << i)) !== 0
  leg.lastRseq = lastRseq ?? undefined
  leg.sentSession = session === undefined ? undefined : Buffer.from(session, 'latin1')
  leg.session.unpack(timer)
  return leg
}
