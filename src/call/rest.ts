// When a call rests (resting-call.ts) and when it wakes. It looks at itself at the same time as it watches its longest time,
// so that a call of less than half a minute pays nothing for it.
import { assert } from '../base/assert.ts'
import { SharedValues, hashOf } from '../base/shared-values.ts'
import type { Flow } from '../sip/flow.ts'
import type { Call } from './call.ts'
import { durationTimer } from './call.ts'
import type { CallParts } from './call-parts.ts'
import { RestingCall, cseqSum, isQuiet, legsOf, wakeAtMs } from './resting-call.ts'
import { defaultReasonPhrase } from '../sip/status.ts'
import { t1Ms } from '../transaction/timers.ts'

/** Transactions of a dialog linger for 64*T1; whoever is quiet for longer than that is in none. */
const lookAfterMs = 64 * t1Ms + 1_000

/** Where INVITEs came from. */
const flows = new SharedValues<Flow>(
  (one, other) =>
    one.listener === other.listener &&
    one.address === other.address &&
    one.port === other.port &&
    one.connection === other.connection,
)

/** When its longest time is over. */
const endMs = (call: Call): number => (call.talkSinceMs ?? 0) + call.maxDurationMs

/** Waits for the end of its longest time, and on the way looks whether it is quiet. */
export function watchDuration(call: Call): void {
  const { clock, timers } = call.context
  const nowMs = clock.nowMs()
  call.durationTimer = timers.start(nowMs, Math.min(endMs(call) - nowMs, lookAfterMs), call, durationTimer)
}

/** The timer of the longest time fired: wakes the call, or lets it rest, if that time is not over yet. */
export function isDurationOver(call: Call, nowMs: number): boolean {
  call.durationTimer = undefined
  if (call.resting !== undefined) wake(call)
  else if (nowMs >= endMs(call)) return true
  else lookForRest(call)
  return false
}

/** Rests if it was quiet at the last look, is now, and nothing was asked in its dialogs since. */
function lookForRest(call: Call): void {
  const { parts, context } = call
  const nowMs = context.clock.nowMs()
  const sum = isQuiet(call) ? cseqSum(parts) : -1
  const wakeMs = wakeAtMs(parts, endMs(call))
  const rests = sum >= 0 && sum === call.quietSum && wakeMs > nowMs + lookAfterMs
  call.quietSum = sum
  if (!rests || parts.verdict === undefined) return watchDuration(call)
  shareTexts(call)
  call.resting = new RestingCall(call, parts.verdict)
  call.awake = undefined
  for (const leg of legsOf(parts)) {
    leg.session.stop()
    context.calls.moveLeg(leg, call)
  }
  call.durationTimer = context.timers.start(nowMs, wakeMs - nowMs, call, durationTimer)
}

/** What it has in common with others is one object for all of them: 100 bytes less for each call. */
function shareTexts(call: Call): void {
  const phrase = defaultReasonPhrase(call.status)
  if (call.reasonPhrase === phrase) call.reasonPhrase = phrase
  call.flow = flows.share(hashOf(call.flow.address) ^ call.flow.port, call.flow)
}

export function wake(call: Call): CallParts {
  assert(call.resting !== undefined, 'a call is awake or rests')
  const parts = call.resting.unpack(call)
  call.awake = parts
  call.resting = undefined
  for (const leg of legsOf(parts)) call.context.calls.moveLeg(leg, leg)
  call.context.timers.stop(call.durationTimer)
  watchDuration(call)
  return parts
}

/** Name of the gateway that it is with; wakes nobody. */
export function gatewayNameOf({ awake, resting, directory }: Call): string | undefined {
  const gateway = resting?.gateway ?? awake?.attempts.at(-1)?.gateway
  return gateway === undefined ? undefined : directory.endpoints[gateway.endpointIndex]?.name
}

/** Whether one of its legs has this Call-ID; wakes hardly anybody. */
export const hasCallId = (call: Call, callId: string): boolean =>
  call.resting?.mayHave(callId) !== false && legsOf(call.parts).some((leg) => leg.callId === callId)
