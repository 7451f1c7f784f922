// What watches over an answered call on both legs: session timers and, where an entry asks for them, pings.
import type { SipMessage } from '../sip/message.ts'
import { sessionIn } from './acknowledge.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import { DialogPing } from './dialog-ping.ts'

/** The gateway answered: both sessions start. Gives the fields of our answer to the caller. */
export function startWatching(
  call: Call,
  attempt: Attempt,
  response: SipMessage,
): readonly (readonly [name: string, value: string])[] {
  attempt.leg.session.learn(response)
  call.explanation.pack()
  call.inboundLeg.sentSession = sessionIn(response)
  if (attempt.endpoint.dialogPing) attempt.leg.ping = new DialogPing(attempt.leg)
  if (call.caller.endpoint?.dialogPing === true) call.inboundLeg.ping = new DialogPing(call.inboundLeg)
  return call.inboundLeg.session.accept(call.request)
}

/** The call has ended: nothing watches any more. */
export function stopWatching(call: Call): void {
  call.parts.reliable.stop()
  for (const leg of [call.inboundLeg, call.outboundLeg]) {
    leg?.session.stop()
    leg?.ping?.stop()
  }
}
