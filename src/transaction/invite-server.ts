// The INVITE server transaction: RFC 3261 17.2.1 as replaced by RFC 6026 8.7 (figure 7), as a table.
// The 100 of 17.2.1 is the user's to send: it alone knows whether the INVITE goes on.
import type { Machine, Transition } from './machine.ts'
import type { TimerAction } from './timers.ts'

export type InviteServerState = 'proceeding' | 'completed' | 'accepted' | 'confirmed' | 'terminated'
export type InviteServerEvent =
  | 'INVITE'
  | 'ACK'
  | '1xx from user'
  | '2xx from user'
  | '300-699 from user'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerL'
  | 'transportError'
export type InviteServerAction =
  | TimerAction
  | 'send response'
  | 'send 2xx again'
  | 'resend response'
  | 'answer retransmission'
  | 'absorb request'
  | 'forget response'
  | 'inform timeout'
  | 'inform transport'

export const inviteServerStart = { next: 'proceeding', actions: [] } as const satisfies Transition<
  InviteServerState,
  InviteServerAction
>

export const inviteServer = {
  proceeding: {
    INVITE: { next: 'proceeding', actions: ['answer retransmission'] },
    '1xx from user': { next: 'proceeding', actions: ['send response'] },
    '2xx from user': { next: 'accepted', actions: ['send response', 'start timerL'] },
    '300-699 from user': { next: 'completed', actions: ['send response', 'start timerG', 'start timerH'] },
    transportError: { next: 'proceeding', actions: ['inform transport'] },
  },
  completed: {
    INVITE: { next: 'completed', actions: ['answer retransmission'] },
    ACK: { next: 'confirmed', actions: ['stop timerG', 'stop timerH', 'forget response', 'start timerI'] },
    timerG: { next: 'completed', actions: ['resend response', 'double timerG'] },
    timerH: { next: 'terminated', actions: ['inform timeout'] },
    transportError: { next: 'completed', actions: ['inform transport'] },
  },
  accepted: {
    INVITE: { next: 'accepted', actions: ['absorb request'] },
    // The ACK of a 2xx is the user's: matching leaves it to the dialog and never brings it here (RFC 6026 7.1).
    '2xx from user': { next: 'accepted', actions: ['send 2xx again'] },
    timerL: { next: 'terminated', actions: [] },
    transportError: { next: 'accepted', actions: ['inform transport'] },
  },
  confirmed: {
    INVITE: { next: 'confirmed', actions: ['absorb request'] },
    ACK: { next: 'confirmed', actions: ['absorb request'] },
    timerI: { next: 'terminated', actions: [] },
  },
  terminated: {},
} as const satisfies Machine<InviteServerState, InviteServerEvent, InviteServerAction>
