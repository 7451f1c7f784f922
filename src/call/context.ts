// What a call needs from the thread it lives on: parameters instead of imports, so that this room stays pure.
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { Timers } from '../base/timers.ts'
import type { Directory } from '../directory/directory.ts'
import type { Failures } from '../policy/backoff.ts'
import type { Limits } from '../policy/limits.ts'
import type { SuspensionView } from '../policy/suspensions.ts'
import type { ContactView, HealthView } from '../policy/verdict.ts'
import type { Flow, ListenerInfo, Protocol, Target } from '../sip/flow.ts'
import type { Transactions } from '../transaction/transactions.ts'
import type { CallTable } from './call-table.ts'
import type { Logins } from './credentials.ts'
import type { MediaRelay } from './media-session.ts'
import type { CallRecord } from './record.ts'
import type { WaitingRoom } from './waiting-room.ts'

/** Sockets, as far as calls use them. */
export interface CallTransport {
  send(bytes: Buffer, target: Target): void
  /** Answers by the listener and connection of the request; UDP to flow.address and `port`. */
  reply(bytes: Buffer, flow: Flow, port: number): void
  findListener(protocol: Protocol, address: string, name: string | null): ListenerInfo | undefined
  isOwnAddress(address: string, port: number): boolean
}

/** What calls tell about gateways; health listens. */
export interface GatewayEvidence {
  /** An INVITE goes there now. */
  onAttempt(targetKey: string): void
  onFirstReplyTimeout(targetKey: string, firstReplyMs: number): void
  onTransportError(targetKey: string, detail: string): void
  onReply(targetKey: string): void
  onRetryAfter(targetKey: string, seconds: number): void
}

/** Whether messages with this Call-ID come to this thread. */
export type IsHome = (callId: string) => boolean

export interface CallMetrics {
  onStart(callerAccount: string): void
  onGatewayTaken(account: string): void
  onGatewayReturned(account: string): void
  onEnd(record: CallRecord): void
}

export interface CallContext {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly transactions: Transactions
  readonly transport: CallTransport
  readonly limits: Limits
  readonly failures: Failures
  readonly health: HealthView
  readonly contacts: ContactView
  readonly suspensions: SuspensionView
  readonly evidence: GatewayEvidence
  readonly metrics: CallMetrics
  readonly calls: CallTable
  readonly waiting: WaitingRoom
  readonly logins: Logins
  /** undefined = there is one thread. */
  readonly isHome?: IsHome | undefined
  /** undefined = none is configured. */
  readonly media: MediaRelay | undefined
  /** The directory in force now; a call keeps the one it was admitted under. */
  directory(): Directory
  onRecord(record: CallRecord): void
}
