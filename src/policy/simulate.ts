// The dry run: the same functions as a live call, without the draw and without taking anything.
import type { Explanation } from './explanation.ts'
import { explainRoom, planCall, type CallFacts, type PolicyState } from './plan.ts'
import { refuseCaller } from './refusals.ts'
import type { Candidate, Refusal } from './verdict.ts'

export interface Simulation {
  readonly verdict: 'route' | Refusal
  readonly candidates: readonly Candidate[]
}

/** Steps, candidates and shares are those of the next real call; the draw step says that it was left out. */
export function simulate(state: PolicyState, facts: CallFacts, explanation: Explanation): Simulation {
  const { directory, limits } = state
  const { caller } = facts
  const candidates: Candidate[] = []
  const plan = planCall(state, facts, explanation, candidates)
  if (plan.kind === 'refuse') return { verdict: plan, candidates }
  explanation.add('draw', 'left out in a simulation: the shares above are the chances')
  const scopes = { directory, caller, route: plan.route }
  explainRoom(limits, scopes, explanation)
  const full = plan.exempt ? undefined : limits.findFullCaller(scopes)
  if (full === undefined) return { verdict: 'route', candidates }
  explanation.add('admit', `refused: ${full.detail}`)
  return { verdict: refuseCaller(full, scopes, { number: facts.dialled, parameters: '' }), candidates }
}
