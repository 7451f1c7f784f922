// What transport tells the floor above, and what its parts share. Types and small values only.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Flow, TransportError } from '../sip/flow.ts'
import type { ParseFault } from '../sip/parse.ts'
import type { PeerErrors } from './peer-errors.ts'
import type { ThrottledLog } from './throttled-log.ts'

/** Receives everything that comes in. Called on the event loop; must not throw. */
export interface TransportReceiver {
  /** One datagram, or one framed message of a stream. The memory is the receiver's. */
  onMessage(bytes: Buffer, flow: Flow): void
  /** Framing is lost (RFC 3261 18.3): the receiver may `reply` at once, then the connection is closed. */
  onStreamFault(fault: ParseFault, flow: Flow): void
  /**
   * ICMP on a watched target, connect failure, reset, close or write overflow. Never called inside `send`;
   * at most once per peer and turn of the event loop.
   */
  onPeerError(error: TransportError): void
}

/** The bounds of this room; see `base/limits.ts` for what each is for. */
export interface TransportLimits {
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
  readonly connectionIdleMs: number
  readonly connectionHeaderMs: number
  readonly connectionSilentMs: number
  readonly connectionWriteBytesMax: number
  readonly connectMs: number
  readonly connectedSocketsMax: number
  readonly udpBufferBytes: number
  readonly udpQueueBytesMax: number
}

export function transportLimits(overrides: Partial<TransportLimits>): TransportLimits {
  return {
    connectionsMax: bound('connectionsMax'),
    connectionsPerAddressMax: bound('connectionsPerAddressMax'),
    connectionIdleMs: bound('connectionIdleMs'),
    connectionHeaderMs: bound('connectionHeaderMs'),
    connectionSilentMs: bound('connectionSilentMs'),
    connectionWriteBytesMax: bound('connectionWriteBytesMax'),
    connectMs: bound('connectMs'),
    connectedSocketsMax: bound('connectedSocketsMax'),
    udpBufferBytes: bound('udpBufferBytes'),
    udpQueueBytesMax: bound('udpQueueBytesMax'),
    ...overrides,
  }
}

/** What every socket of one Transport shares. */
export interface TransportContext {
  readonly receiver: TransportReceiver
  readonly clock: Clock
  readonly log: Log
  /** For what strangers can cause. */
  readonly quietLog: ThrottledLog
  readonly errors: PeerErrors
  readonly limits: TransportLimits
  /** How long a stream whose framing is lost takes answers; 0 = those that were given at once. */
  readonly faultLingerMs: number
}
