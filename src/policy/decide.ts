// Decides about an INVITE, synchronously and without I/O: normalise, find-route, rank (plan.ts), draw, admit.
// Never throws for what a stranger can cause: every way out is a verdict.
import { bound } from '../base/limits.ts'
import type { Directory } from '../directory/directory.ts'
import { drawOrder } from './draw.ts'
import type { Explanation } from './explanation.ts'
import { explainRoom, planCall, type CallFacts, type Plan, type PolicyState } from './plan.ts'
import { targetText } from './rank.ts'
import { refuseCaller } from './refusals.ts'
import type { HuntTurn, Verdict } from './verdict.ts'

export type { CallFacts, PolicyState } from './plan.ts'

export function decide(state: PolicyState, facts: CallFacts, explanation?: Explanation): Verdict {
  const { directory, limits, failures } = state
  const { caller, callId } = facts
  const plan = planCall(state, facts, explanation)
  for (const full of plan.full ?? []) limits.countRejection(full)
  for (const hold of plan.holds ?? []) failures.countKept(hold)
  if (plan.kind === 'refuse') return plan
  const hunt = drawHunt(plan, state, explanation)
  const { route, destination, cli, exempt } = plan
  const scopes = { directory, caller, route }
  explainRoom(limits, scopes, explanation)
  const permit = limits.admitCaller(callId, scopes, exempt)
  if ('kind' in permit) {
    explanation?.add('admit', `refused: ${permit.detail}`)
    return refuseCaller(permit, scopes, { number: facts.dialled, parameters: facts.userParameters ?? '' })
  }
  return { kind: 'route', caller, route, destination, cli, hunt, exempt, permit }
}

function drawHunt(plan: Plan, { directory, random }: PolicyState, explanation?: Explanation): HuntTurn[] {
  const most = bound('gatewaysPerTurnMax')
  const hunt = drawOrder(plan.accounts, random, most).map(({ account, gateways }) => ({
    account,
    gateways: drawOrder(gateways, random, most).map((gateway) => gateway.target),
  }))
  if (explanation !== undefined) explainDraw(hunt, directory, explanation)
  return hunt
}

function explainDraw(hunt: readonly HuntTurn[], directory: Directory, explanation: Explanation): void {
  for (const { account, gateways } of hunt) {
    const order = gateways.map(
      (target) => `${directory.endpoints[target.endpointIndex]?.name ?? ''} ${targetText(target)}`,
    )
    explanation.add('draw', `${account.kind} ${account.name}: ${order.join(', then ')}`)
  }
}
