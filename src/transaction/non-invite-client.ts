// The non-INVITE client transaction: RFC 3261 17.1.2 (figure 6), as a table.
import type { Machine, Transition } from './machine.ts'
import type { TimerAction } from './timers.ts'

export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type NonInviteClientEvent = '1xx' | '200-699' | 'timerE' | 'timerF' | 'timerK' | 'transportError'
export type NonInviteClientAction =
  | TimerAction
  | 'send request'
  | 'resend request'
  | 'pass response'
  | 'absorb response'
  | 'inform timeout'
  | 'inform transport'

export const nonInviteClientStart = {
  next: 'trying',
  actions: ['send request', 'start timerE', 'start timerF'],
} as const satisfies Transition<NonInviteClientState, NonInviteClientAction>

const complete = {
  next: 'completed',
  actions: ['stop timerE', 'stop timerF', 'start timerK', 'pass response'],
} as const

export const nonInviteClient = {
  trying: {
    timerE: { next: 'trying', actions: ['resend request', 'double timerE'] },
    timerF: { next: 'terminated', actions: ['inform timeout'] },
    transportError: { next: 'terminated', actions: ['inform transport'] },
    '1xx': { next: 'proceeding', actions: ['pass response'] },
    '200-699': complete,
  },
  proceeding: {
    timerE: { next: 'proceeding', actions: ['resend request', 'timerE at T2'] },
    timerF: { next: 'terminated', actions: ['inform timeout'] },
    transportError: { next: 'terminated', actions: ['inform transport'] },
    '1xx': { next: 'proceeding', actions: ['pass response'] },
    '200-699': complete,
  },
  completed: {
    '200-699': { next: 'completed', actions: ['absorb response'] },
    timerK: { next: 'terminated', actions: [] },
  },
  terminated: {},
} as const satisfies Machine<NonInviteClientState, NonInviteClientEvent, NonInviteClientAction>
