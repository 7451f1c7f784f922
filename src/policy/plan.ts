// What decide and simulate share: normalise the numbers, find the route, rank its gateways. Nothing is drawn or taken.
import { bound } from '../base/limits.ts'
import type { Random } from '../base/random.ts'
import type { Rewrite } from '../contract/parts.ts'
import { bareNumber } from '../directory/bare-number.ts'
import type { Directory, DirectoryRoute } from '../directory/directory.ts'
import { listCount } from '../directory/number-lists.ts'
import { findNearPrefixes } from '../directory/prefix-trie.ts'
import type { Failures, Hold } from './backoff.ts'
import type { Explanation } from './explanation.ts'
import { findRoute, routeText } from './find-route.ts'
import type { CallerScopes, LimitRefusal, Limits } from './limits.ts'
import { rank, type RankedAccount } from './rank.ts'
import { findWait, refuse, refuseLimit } from './refusals.ts'
import { applyRewrites } from './rewrite.ts'
import type { SuspensionView } from './suspensions.ts'
import type { Caller, Candidate, ContactView, HealthView, Refusal } from './verdict.ts'

export interface PolicyState {
  readonly directory: Directory
  readonly health: HealthView
  readonly limits: Limits
  readonly contacts: ContactView
  readonly failures: Failures
  readonly suspensions: SuspensionView
  readonly random: Random
}

export interface CallFacts {
  /** Under this id the call's leases are listed and released. */
  readonly callId: string
  readonly caller: Caller
  /** User part of the Request-URI, unescaped, without parameters. */
  readonly dialled: string
  /** Parameters of the user part as they stand (`;npdi`), or ''. */
  readonly userParameters?: string
}

/** What a call would do before anything is drawn or taken. */
export interface Plan {
  readonly kind: 'plan'
  readonly route: DirectoryRoute
  readonly destination: string
  readonly cli: string
  readonly exempt: boolean
  readonly accounts: readonly RankedAccount[]
  /** Gateways that were left out because a scope is full. */
  readonly full: readonly LimitRefusal[]
  /** Gateways and accounts that were left out by their backoff. */
  readonly holds: readonly Hold[]
}

/** A refusal may still have met full scopes and holds, which are counted for live calls. */
export type PlanRefusal = Refusal & Partial<Pick<Plan, 'full' | 'holds'>>

const nearPrefixesShown = 5
const hasControls = /\p{Cc}/u

function refuseNumber(destination: string, explanation?: Explanation): Refusal | undefined {
  const longest = bound('numberLengthMax')
  let detail: string
  if (bareNumber(destination) === '') detail = 'the number is empty'
  else if (destination.length > longest)
    detail = `the number has ${destination.length} characters, at most ${longest} are routed`
  else if (hasControls.test(destination)) detail = 'the number holds control characters'
  else return undefined
  explanation?.add('normalise', detail)
  return refuse('number_invalid', { reasonPhrase: 'Invalid Number', detail })
}

/** A carrier's mode speaks of calls toward it (rank); a customer's of its own calls as well. */
function refuseUnidentified({ account, identityAsserted }: Caller, explanation?: Explanation): Refusal | undefined {
  if (account.kind !== 'customer' || account.assertedIdentity !== 'required' || identityAsserted === true)
    return undefined
  const detail = `customer ${account.name} must assert its identity and this call has none that may be trusted`
  explanation?.add('normalise', detail)
  return refuse('identity_required', { reasonPhrase: 'P-Asserted-Identity Required', detail })
}

function refuseRoute(directory: Directory, digits: string, explanation?: Explanation): Refusal {
  const near = explanation === undefined ? [] : findNearPrefixes(directory.numbers, digits, nearPrefixesShown)
  const closest = near.length === 0 ? '' : `, closest: ${near.map((text) => text || '(default)').join(', ')}`
  explanation?.add(
    'find-route',
    `no route for ${digits}; ${listCount(directory.routeLists)} prefixes are configured${closest}`,
  )
  return refuse('no_route', { reasonPhrase: 'No Route To Destination', detail: `no route for ${digits}` })
}

function refuseGateways(directory: Directory, route: DirectoryRoute, full: readonly LimitRefusal[]): PlanRefusal {
  const first = full[0]
  if (first !== undefined) return { ...refuseLimit(first, directory), waitFor: findWait(full), full }
  const detail = `no gateway of the ${routeText(route, directory)} can take a call now`
  return refuse('no_gateway', { reasonPhrase: 'No Gateway Available', detail })
}

export function planCall(
  state: PolicyState,
  facts: CallFacts,
  explanation?: Explanation,
  candidates?: Candidate[],
): Plan | PlanRefusal {
  const { directory, health, limits, failures, contacts, suspensions } = state
  const { caller } = facts
  const unidentified = refuseUnidentified(caller, explanation)
  if (unidentified !== undefined) return unidentified
  const rewrites = rewritesOf(caller)
  const unusable = refuseNumber(facts.dialled, explanation)
  if (unusable !== undefined) return unusable
  const destination = applyRewrites(rewrites, 'destination', facts.dialled, explanation)
  const cli = applyRewrites(rewrites, 'cli', caller.cli, explanation)
  const spoilt = refuseNumber(destination, explanation)
  if (spoilt !== undefined) return spoilt
  explanation?.add('normalise', `destination ${destination}, CLI ${cli}`)
  const digits = bareNumber(destination)
  const route = findRoute(directory, caller, digits, explanation)
  if (route === undefined) return refuseRoute(directory, digits, explanation)
  const exempt = directory.system.emergencyNumbers.some((number) => bareNumber(number) === digits)
  if (exempt) explanation?.add('rank', `${digits} is an emergency number: limits do not refuse it`)
  const views = { directory, health, limits, failures, contacts, suspensions }
  const context = { ...views, caller, exempt, explanation, candidates }
  const ranking = rank(context, route)
  if (ranking.accounts.length > 0) {
    const { accounts, full, holds } = ranking
    return { kind: 'plan', route, destination, cli, exempt, accounts, full, holds }
  }
  if (ranking.onlyCaller) {
    const detail = `the ${routeText(route, directory)} leads only back to ${caller.account.name}`
    return refuse('no_route', { reasonPhrase: 'No Route To Destination', detail })
  }
  return { ...refuseGateways(directory, route, ranking.full), holds: ranking.holds }
}

/** The entry's rows, then those of the SIP user. */
function rewritesOf({ endpoint, sipUser }: Caller): readonly Rewrite[] {
  if (sipUser === undefined || sipUser.rewrites.length === 0) return endpoint?.rewrites ?? []
  return endpoint === undefined ? sipUser.rewrites : [...endpoint.rewrites, ...sipUser.rewrites]
}

/** The caller's side as it is before the call takes anything; the same text in a simulation. */
export function explainRoom(limits: Limits, scopes: CallerScopes, explanation?: Explanation): void {
  if (explanation === undefined) return
  for (const text of limits.describeCaller(scopes)) explanation.add('admit', text)
}
