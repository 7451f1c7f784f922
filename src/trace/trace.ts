// What a trace is: the SIP messages of one call on all its legs, with when, which way and between which addresses.
// Types only. The texts hold secrets until mask.ts has been over them.
import type { Protocol } from '../sip/flow.ts'

interface TraceAddress {
  /** Canonical text; IPv6 without brackets. */
  readonly address: string
  readonly port: number
}

/** One message as it passed the socket. */
export interface TraceMessage {
  /** Milliseconds since 1970, with fraction. */
  readonly at: number
  /** The same moment on the monotonic clock: orders and measures. */
  readonly monotonicMs: number
  /** Counts up; orders what has the same moment. */
  readonly number: number
  readonly direction: 'in' | 'out'
  readonly protocol: Protocol
  readonly local: TraceAddress
  readonly remote: TraceAddress
  readonly callId: string
  /** latin1: one character for each byte. */
  readonly text: string
}

/** One side of the call: every message with its Call-ID belongs to it. */
export interface TraceLeg {
  readonly callId: string
  readonly side: 'caller' | 'gateway'
  /** The endpoint's name; the address for a source without one. */
  readonly name: string
  readonly account: string
}

/** What belongs to one call. */
export interface TracedCall {
  /** The call's id; the Call-ID when the request never became a call. */
  readonly id: string
  /** The caller's first, then one for each attempt in their order. */
  readonly legs: readonly TraceLeg[]
}

export interface Trace extends TracedCall {
  /** In the order in which they passed. */
  readonly messages: readonly TraceMessage[]
}
