// Decides about a call and does what was decided: it is refused, or it hunts. Used when an INVITE comes and when a call
// has waited for its turn.
import { decide } from '../policy/decide.ts'
import type { Explanation } from '../policy/explanation.ts'
import type { Refusal, Verdict } from '../policy/verdict.ts'
import type { Call } from './call.ts'
import { Hunt } from './hunt.ts'

export function decideCall(call: Call, explanation: Explanation): Verdict {
  const { directory, caller, context, dialled, parts } = call
  const { userParameters } = parts.setUp
  const { health, limits, failures, contacts, suspensions, random } = context
  return decide(
    { directory, health, limits, failures, contacts, suspensions, random },
    { callId: call.id, caller, dialled, userParameters },
    explanation,
  )
}

export function refuseCall(call: Call, refusal: Refusal): void {
  const { status, reasonPhrase, headers, detail } = refusal
  call.failToCaller(status, reasonPhrase, { outcome: 'refused', reason: 'refused', by: 'edge', detail }, { headers })
}

export function follow(call: Call, verdict: Verdict): void {
  if (verdict.kind === 'refuse') {
    refuseCall(call, verdict)
    return
  }
  call.parts.verdict = verdict
  call.destination = verdict.destination
  call.cli = verdict.cli
  const hunt = new Hunt(call, verdict.hunt)
  call.parts.hunt = hunt
  hunt.start()
}
