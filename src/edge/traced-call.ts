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

/**
 * The same as a text, which is kept of every call: the id, then Call-ID, name and account of each leg, a line each. None of
 * them can hold a line end.
 */
export function noteOfRecord(record: CallRecord): string {
  const { id, callerCallId, callerEndpoint, callerSipUser, callerAccount, sourceAddress, attempts } = record
  const name = callerEndpoint ?? callerSipUser ?? sourceAddress
  let note = `${id}\n${callerCallId}\n${name}\n${callerAccount ?? ''}`
  for (const { callId, gateway, account } of attempts) note += `\n${callId}\n${gateway}\n${account}`
  return note
}

/** What `noteOfRecord` wrote. */
export function callOfNote(note: string): TracedCall {
  const [id = '', callId = '', name = '', account = '', ...more] = note.split('\n')
  const legs: TraceLeg[] = [{ callId, side: 'caller', name, account }]
  for (let i = 0; i < more.length; i += 3) legs.push(gatewayLeg(more[i] ?? '', more[i + 1] ?? '', more[i + 2] ?? ''))
  return { id, legs }
}
