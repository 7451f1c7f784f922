// The rare news that signalling threads tell each other, as they travel through a link.
import type { GatewayEvidence } from '../call/context.ts'
import type { TargetHealth } from '../policy/verdict.ts'
import type { Binding } from '../registrar/binding.ts'
import type { TransportError } from '../sip/flow.ts'

export type ThreadNews =
  /** Down: what routing sees of a gateway from now on; null = nothing is known of it. */
  | { readonly type: 'health'; readonly key: string; readonly health: TargetHealth | null }
  /** Down: all contacts of a SIP user from now on. */
  | { readonly type: 'bindings'; readonly userId: string; readonly bindings: readonly Binding[] }
  /** Down: nothing can be sent to this peer. */
  | { readonly type: 'peerError'; readonly error: TransportError }
  /** Both: a wrong digest answer came from there. */
  | { readonly type: 'wrongAnswer'; readonly address: string }
  /** Up: this source is no stranger. */
  | { readonly type: 'trust'; readonly address: string }
  /** Up: something of this source was refused. */
  | { readonly type: 'rejected'; readonly address: string; readonly reason: string; readonly sample: string }

/** What calls see of gateways, in the order of their numbers in a record. */
export const evidenceKinds = [
  'onAttempt',
  'onReply',
  'onFirstReplyTimeout',
  'onTransportError',
  'onRetryAfter',
] as const satisfies readonly (keyof GatewayEvidence)[]
