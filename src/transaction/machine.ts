// What a state machine's table looks like and how one is run (house rule: the figure is the code). The four tables of
// RFC 3261 section 17 with RFC 6026 are `invite-client`, `non-invite-client`, `invite-server` and `non-invite-server`.

export interface Transition<State extends string, Action extends string> {
  readonly next: State
  readonly actions: readonly Action[]
}

/** state -> event -> what happens. An event that a state does not list is ignored there: no action, no change. */
export type Machine<State extends string, Event extends string, Action extends string> = {
  readonly [From in State]: { readonly [On in Event]?: Transition<State, Action> }
}

/** A table of which only some states may exist, so that one class can run either of two machines. */
export type PartialMachine<State extends string, Event extends string, Action extends string> = {
  readonly [From in State]?: { readonly [On in Event]?: Transition<State, Action> }
}

/** Who is in a state and can do the actions. `message` is what came with the event, if anything did. */
export interface MachineOwner<State extends string, Action extends string, Message> {
  state: State
  perform(action: Action, message: Message): void
}

/** Takes the transition first and performs its actions then, in order, so that whoever is called back sees the new state. */
export function take<State extends string, Action extends string, Message>(
  owner: MachineOwner<State, Action, Message>,
  transition: Transition<State, Action>,
  message: Message,
): void {
  owner.state = transition.next
  for (const action of transition.actions) owner.perform(action, message)
}
