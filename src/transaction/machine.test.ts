// The table type refuses what does not exist (checked by the compiler), and `take` moves before it acts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { take } from './machine.ts'
import type { Machine, MachineOwner } from './machine.ts'

type State = 'open' | 'shut'
type Event = 'push' | 'pull'
type Action = 'creak' | 'bang'

const door = {
  open: { push: { next: 'shut', actions: ['creak', 'bang'] } },
  shut: { pull: { next: 'open', actions: [] } },
} as const satisfies Machine<State, Event, Action>

// @ts-expect-error a state that does not exist
export const wrongState = { open: { push: { next: 'ajar', actions: [] } }, shut: {} } as const satisfies Machine<
  State,
  Event,
  Action
>
// @ts-expect-error an event that does not exist
export const wrongEvent = { open: { kick: { next: 'shut', actions: [] } }, shut: {} } as const satisfies Machine<
  State,
  Event,
  Action
>
// @ts-expect-error an action that does not exist
export const wrongAction = { open: { push: { next: 'shut', actions: ['sing'] } }, shut: {} } as const satisfies Machine<
  State,
  Event,
  Action
>
// @ts-expect-error a state is missing
export const missingState = { open: {} } as const satisfies Machine<State, Event, Action>

test('a transition is taken before its actions are performed, in order, with the message', () => {
  const seen: string[] = []
  const owner: MachineOwner<State, Action, string> = {
    state: 'open',
    perform: (action, message) => seen.push(`${owner.state} ${action} ${message}`),
  }
  take(owner, door.open.push, 'hard')
  assert.deepEqual(seen, ['shut creak hard', 'shut bang hard'])
})
