// The INVITE client transaction: RFC 3261 17.1.1 as replaced by RFC 6026 8.4 (figure 5), as a table.
import type { Machine, Transition } from './machine.ts'
import type { TimerAction } from './timers.ts'

export type InviteClientState = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated'
export type InviteClientEvent = '1xx' | '2xx' | '300-699' | 'timerA' | 'timerB' | 'timerD' | 'timerM' | 'transportError'
export type InviteClientAction =
  | TimerAction
  | 'send request'
  | 'resend request'
  | 'send ACK'
  | 'resend ACK'
  | 'pass response'
  | 'pass response again'
  | 'inform timeout'
  | 'inform transport'

export const inviteClientStart = {
  next: 'calling',
  actions: ['send request', 'start timerA', 'start timerB'],
} as const satisfies Transition<InviteClientState, InviteClientAction>

const accept = { next: 'accepted', actions: ['stop timerA', 'stop timerB', 'start timerM', 'pass response'] } as const
const complete = {
  next: 'completed',
  actions: ['stop timerA', 'stop timerB', 'send ACK', 'start timerD', 'pass response'],
} as const

export const inviteClient = {
  calling: {
    timerA: { next: 'calling', actions: ['resend request', 'double timerA'] },
    timerB: { next: 'terminated', actions: ['inform timeout'] },
    transportError: { next: 'terminated', actions: ['inform transport'] },
    '1xx': { next: 'proceeding', actions: ['stop timerA', 'stop timerB', 'pass response'] },
    '2xx': accept,
    '300-699': complete,
  },
  proceeding: {
    '1xx': { next: 'proceeding', actions: ['pass response'] },
    '2xx': accept,
    '300-699': complete,
    // Runs here only for a transaction that was given up: 64*T1 after its CANCEL it is destroyed (RFC 3261 9.1).
    timerB: { next: 'terminated', actions: ['inform timeout'] },
  },
  completed: {
    '300-699': { next: 'completed', actions: ['resend ACK'] },
    transportError: { next: 'terminated', actions: ['inform transport'] },
    timerD: { next: 'terminated', actions: [] },
  },
  accepted: {
    '2xx': { next: 'accepted', actions: ['pass response again'] },
    timerM: { next: 'terminated', actions: [] },
  },
  terminated: {},
} as const satisfies Machine<InviteClientState, InviteClientEvent, InviteClientAction>
