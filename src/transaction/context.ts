// What every transaction needs from outside.
import type { Clock } from '../base/clock.ts'
import type { Timers } from '../base/timers.ts'

export interface TransactionContext {
  readonly clock: Clock
  readonly timers: Timers
  /** A message was sent once more, or one arrived once more (a further 2xx to INVITE counts as one). */
  onRetransmission(direction: 'in' | 'out'): void
}
