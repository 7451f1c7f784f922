// The non-INVITE server transaction: RFC 3261 17.2.2 (figure 8), as a table, with RFC 4320 4.2: a 408 is never sent.
import type { Machine, Transition } from './machine.ts'
import type { TimerAction } from './timers.ts'

export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type NonInviteServerEvent =
  | 'request'
  | '1xx from user'
  | '200-699 from user'
  | '408 from user'
  | 'timerJ'
  | 'transportError'
export type NonInviteServerAction =
  | TimerAction
  | 'send response'
  | 'answer retransmission'
  | 'absorb request'
  | 'forget response'
  | 'inform transport'

export const nonInviteServerStart = { next: 'trying', actions: [] } as const satisfies Transition<
  NonInviteServerState,
  NonInviteServerAction
>

const complete = { next: 'completed', actions: ['send response', 'start timerJ'] } as const
// The caller's own timer F has told it already; retransmissions are still absorbed (RFC 4320 4.2).
const completeSilently = { next: 'completed', actions: ['forget response', 'start timerJ'] } as const

export const nonInviteServer = {
  trying: {
    request: { next: 'trying', actions: ['absorb request'] },
    '1xx from user': { next: 'proceeding', actions: ['send response'] },
    '200-699 from user': complete,
    '408 from user': completeSilently,
  },
  proceeding: {
    request: { next: 'proceeding', actions: ['answer retransmission'] },
    '1xx from user': { next: 'proceeding', actions: ['send response'] },
    '200-699 from user': complete,
    '408 from user': completeSilently,
    transportError: { next: 'terminated', actions: ['inform transport'] },
  },
  completed: {
    request: { next: 'completed', actions: ['answer retransmission'] },
    timerJ: { next: 'terminated', actions: [] },
    transportError: { next: 'terminated', actions: ['inform transport'] },
  },
  terminated: {},
} as const satisfies Machine<NonInviteServerState, NonInviteServerEvent, NonInviteServerAction>
