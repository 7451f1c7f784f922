// The leg to the caller, as its INVITE opens it (RFC 3261 12.1.1).
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import type { Call } from './call.ts'
import { newTag } from './compose.ts'
import { Leg, flowTarget } from './leg.ts'

const partyOf = (address: { displayName: string; uri: string }): string =>
  `${address.displayName === '' ? '' : `${address.displayName} `}<${address.uri}>`

export function callerLeg(call: Call, request: SipMessage, flow: Flow): Leg {
  const leg = new Leg({
    call,
    side: 'inbound',
    account: call.caller.account,
    endpoint: call.caller.endpoint,
    callId: request.callId,
    localTag: newTag(call.context.random),
    remoteTag: request.fromTag ?? '',
    localParty: partyOf(request.to),
    remoteParty: partyOf(request.from),
    listener: flow.listener,
    peer: flowTarget(flow),
    remoteTarget: request.from.uri,
  })
  leg.establish(request)
  leg.remoteCseq = request.cseq.number
  return leg
}
