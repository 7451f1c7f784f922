// Which Call-IDs belong to a call, and whose leg each of them is: from a live call, and from the record of one that ended.
import type { Call } from '../call/call.ts'
import { printCall } from '../call/print.ts'
import type { CallRecord } from '../call/record.ts'
import type { TracedCall, TraceLeg } from '../trace/trace.ts'

const gatewayLeg = (callId: string, name: string, account: string): TraceLeg => ({
  callId,
  side: 'gateway',
  name,
  account,
})

export function callOfLive(call: Call): TracedCall {
  const { callerEndpoint, callerSipUser, callerAccount } = printCall(call, false)
  const name = callerEndpoint ?? callerSipUser ?? call.flow.address
  return {
    id: call.id,
    legs: [
      { callId: call.inboundLeg.callId, side: 'caller', name, account: callerAccount },
      ...call.attempts.map(({ leg, endpoint, account }) => gatewayLeg(leg.callId, endpoint.name, account.name)),
    ],
  }
}

export function callOfRecord(record: CallRecord): TracedCall {
  const { id, callerCallId, callerEndpoint, callerSipUser, callerAccount, sourceAddress, attempts } = record
  const name = callerEndpoint ?? callerSipUser ?? sourceAddress
  return {
    id,
    legs: [
      { callId: callerCallId, side: 'caller', name, account: callerAccount ?? '' },
      ...attempts.map(({ callId, gateway, account }) => gatewayLeg(callId, gateway, account)),
    ],
  }
}
