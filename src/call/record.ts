// The call record: what billing, support and statistics read. One row for each attempt.

export type CallOutcome = 'answered' | 'failed' | 'cancelled' | 'refused'

export type ReleaseReason =
  | 'caller BYE'
  | 'gateway BYE'
  | 'cancel'
  | 'timeout'
  | 'max duration'
  | 'session expired'
  | 'ping lost'
  | 'missing ACK'
  | 'media lost'
  | 'operator'
  | 'drained'
  | 'gateway reply'
  | 'gateway failure'
  | 'caller lost'
  | 'gateway lost'
  | 'refused'
  | 'internal error'

/** One INVITE to one gateway. Times are milliseconds since 1970. */
export interface AttemptRecord {
  readonly endpointId: string
  readonly accountId: string
  /** Names as they were at the time of the call. */
  readonly gateway: string
  readonly account: string
  /** `udp:192.0.2.10:5060`. */
  readonly target: string
  readonly callId: string
  /** The number as it was sent there, after the gateway's rewrites. */
  readonly destination: string
  readonly startedAt: number
  readonly firstReplyAt: number | null
  readonly ringingAt: number | null
  readonly endedAt: number
  /** Final status that the gateway sent, or null if it sent none. */
  readonly status: number | null
  /** Why the attempt ended: `answered`, `no reply within 3000 ms`, `connection refused`, `503 from the gateway`. */
  readonly reason: string
}

export interface CallRecord {
  readonly id: string
  readonly startedAt: number
  readonly firstReplyAt: number | null
  readonly ringingAt: number | null
  readonly answeredAt: number | null
  readonly endedAt: number
  /** INVITE to first 18x or answer; 18x to answer; answer to end. */
  readonly setupMs: number | null
  readonly ringMs: number | null
  /** On the monotonic clock: a wall clock that is set meanwhile changes no price. */
  readonly talkMs: number
  readonly sourceAddress: string
  readonly sourcePort: number
  readonly sourceTransport: string
  readonly callerAccountId: string | null
  readonly callerAccount: string | null
  readonly callerEndpointId: string | null
  readonly callerEndpoint: string | null
  /** Who proved its password; null = known by its address alone. */
  readonly callerSipUserId: string | null
  readonly callerSipUser: string | null
  readonly callerCallId: string
  readonly routePrefix: string | null
  /** As dialled, and after the caller's rewrites. */
  readonly dialled: string
  readonly destination: string
  readonly cli: string
  readonly outcome: CallOutcome
  /** Status that the caller got. */
  readonly status: number
  readonly reasonPhrase: string
  readonly releaseReason: ReleaseReason
  readonly releasedBy: 'caller' | 'gateway' | 'edge'
  readonly detail: string
  readonly directoryRevision: number
  readonly attempts: readonly AttemptRecord[]
  /** See `stepsOf`. */
  readonly explanation: string
}
