// The end of a call for good: nothing of it is held any more, and what still comes finds nothing but notes (late.ts).
import { Explanation } from '../policy/explanation.ts'
import { retireAttempt } from './attempt-requests.ts'
import type { Call } from './call.ts'
import { absorbedNote } from './late.ts'

const forgotten = new Explanation()

/** Gives everything back. What still comes to its transactions is the business of late.ts. */
export function forget(call: Call): void {
  if (call.forgotten) return
  call.forgotten = true
  const { parts } = call
  const { calls } = call.context
  const { inboundLeg, serverTransaction } = parts
  calls.remove(call)
  calls.removeLeg(inboundLeg)
  inboundLeg.forget()
  parts.verdict?.permit.release()
  for (const attempt of parts.attempts) {
    attempt.releaseRoom()
    calls.removeLeg(attempt.leg)
    attempt.leg.forget()
    retireAttempt(attempt)
  }
  if (serverTransaction !== undefined) serverTransaction.user = undefined
  // Only a fault of ours leaves it without its answer: the caller tries again, and that is a new call.
  if (serverTransaction?.state === 'proceeding') serverTransaction.terminate()
  else serverTransaction?.retire(absorbedNote)
  parts.invite = undefined
  call.byeSource = undefined
  parts.verdict = undefined
  parts.hunt = undefined
  parts.explanation = forgotten
}
