// Who took part in a trace, and between whom each message went.
import type { Trace, TraceMessage } from './trace.ts'

export interface Participant {
  readonly kind: 'caller' | 'tollgate' | 'gateway'
  readonly name: string
  /** '' where nothing is configured for it. */
  readonly account: string
  /** `192.0.2.10:5060`, IPv6 in brackets; in the order seen. */
  readonly addresses: readonly string[]
}

export interface Arrow {
  readonly message: TraceMessage
  /** Indices of participants. */
  readonly from: number
  readonly to: number
}

export interface Arrangement {
  /** Caller, Tollgate, then the gateways in the order in which they were tried. */
  readonly participants: readonly Participant[]
  readonly arrows: readonly Arrow[]
}

interface Growing extends Participant {
  readonly addresses: string[]
}

export const addressOf = ({ address, port }: { address: string; port: number }): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`

const own = 1

/** One for the caller, one for us, one for each gateway by name. */
function participantsOf(trace: Trace): Growing[] {
  const participants: Growing[] = []
  const caller = trace.legs.find((leg) => leg.side === 'caller')
  participants.push({ kind: 'caller', name: caller?.name ?? '', account: caller?.account ?? '', addresses: [] })
  participants.push({ kind: 'tollgate', name: 'Tollgate', account: '', addresses: [] })
  for (const { side, name, account } of trace.legs)
    if (side === 'gateway' && !participants.some((one) => one.kind === 'gateway' && one.name === name))
      participants.push({ kind: 'gateway', name, account, addresses: [] })
  return participants
}

export function arrange(trace: Trace): Arrangement {
  const participants = participantsOf(trace)
  const indexes = new Map(
    trace.legs.map(({ callId, side, name }) => [
      callId,
      participants.findIndex((one) => one.kind === side && one.name === name),
    ]),
  )
  const note = (index: number, address: string): void => {
    const addresses = participants[index]?.addresses
    if (addresses !== undefined && !addresses.includes(address)) addresses.push(address)
  }
  const arrows = trace.messages.map((message) => {
    const peer = indexes.get(message.callId) ?? 0
    note(peer, addressOf(message.remote))
    note(own, addressOf(message.local))
    return message.direction === 'in' ? { message, from: peer, to: own } : { message, from: own, to: peer }
  })
  return { participants, arrows }
}
