// Which gateways can take the call now, with which chance, and why the others cannot. Nothing is drawn and nothing is
// taken here, so that a simulation sees exactly what a call sees.
import type {
  Directory,
  DirectoryAccount,
  DirectoryEndpoint,
  DirectoryRoute,
  GatewayTarget,
} from '../directory/directory.ts'
import type { Failures, Hold } from './backoff.ts'
import { sharesOf, type Weighted } from './draw.ts'
import { Explanation } from './explanation.ts'
import type { LimitRefusal, Limits } from './limits.ts'
import { suspensionText, type SuspensionView } from './suspensions.ts'
import type { Caller, Candidate, ContactView, HealthView } from './verdict.ts'

interface RankedGateway extends Weighted {
  readonly target: GatewayTarget
}

/** One target of the route that has at least one gateway for this call. */
export interface RankedAccount extends Weighted {
  readonly account: DirectoryAccount
  readonly gateways: readonly RankedGateway[]
}

export interface Ranking {
  readonly accounts: readonly RankedAccount[]
  /** Scopes that were full, in the order in which they were met. */
  readonly full: readonly LimitRefusal[]
  /** Gateways and accounts that were left out by their backoff. */
  readonly holds: readonly Hold[]
  /** Every target of the route is the caller itself. */
  readonly onlyCaller: boolean
}

export interface RankContext {
  readonly directory: Directory
  readonly health: HealthView
  readonly limits: Limits
  readonly failures: Failures
  readonly contacts: ContactView
  readonly suspensions: SuspensionView
  readonly caller: Caller
  /** Emergency calls pass full scopes. */
  readonly exempt: boolean
  readonly explanation: Explanation | undefined
  /** Filled when somebody wants to see all candidates. */
  readonly candidates: Candidate[] | undefined
}

/** What was met on the way and is counted if this is a live call. */
interface Met {
  readonly full: LimitRefusal[]
  readonly holds: Hold[]
}

/** Why no P-Asserted-Identity would reach this account. */
function whyUnidentified(caller: Caller, account: DirectoryAccount): string | undefined {
  if (caller.identityAsserted !== true) return 'the call has none that may be trusted'
  if (caller.account.assertedIdentity === 'remove') return `${caller.account.name} has it removed`
  return caller.identityHidden === true && !account.trustIdentity ? 'the caller keeps it back' : undefined
}

/** Why no gateway of this account takes the call; undefined = the account is in. */
function findAccountExclusion(context: RankContext, account: DirectoryAccount, met: Met): string | undefined {
  const { caller, limits, directory, suspensions } = context
  if (account.id === caller.account.id) return 'the call comes from this account'
  if (account.status !== 'active') return `the account is ${account.status}`
  const suspension = suspensions.findAny(account.id)
  if (suspension !== undefined) return `the account is ${suspensionText(suspension)}`
  const unidentified = account.assertedIdentity === 'required' ? whyUnidentified(caller, account) : undefined
  if (unidentified !== undefined) return `it requires a P-Asserted-Identity and ${unidentified}`
  return (
    findFull(context, limits.findFullGateway('account', account, directory.revision), met) ??
    findHold(context, account, { scope: 'account', id: account.id }, met)
  )
}

function findFull(context: RankContext, refusal: LimitRefusal | undefined, met: Met): string | undefined {
  if (refusal === undefined || context.exempt) return undefined
  met.full.push(refusal)
  return refusal.detail
}

function findHold(
  context: RankContext,
  account: DirectoryAccount,
  { scope, id }: Pick<Hold, 'scope' | 'id'>,
  met: Met,
): string | undefined {
  const hold = context.exempt ? undefined : context.failures.findHold(scope, id, account)
  if (hold === undefined) return undefined
  met.holds.push(hold)
  // What keeps the account's calls away keeps them from its gateways as well: both wait for the same call.
  if (scope === 'account')
    for (const index of account.gateways)
      findHold(context, account, { scope: 'endpoint', id: context.directory.endpoints[index]?.id ?? '' }, met)
  return hold.detail
}

function findGatewayExclusion(
  context: RankContext,
  account: DirectoryAccount,
  endpoint: DirectoryEndpoint,
  met: Met,
): string | undefined {
  if (endpoint.state !== 'on') return `its state is ${endpoint.state}`
  return (
    findFull(context, context.limits.findFullGateway('endpoint', endpoint, context.directory.revision), met) ??
    findHold(context, account, { scope: 'endpoint', id: endpoint.id }, met)
  )
}

function findTargetExclusion(context: RankContext, target: GatewayTarget): string | undefined {
  const health = context.health.find(target.key)
  return health?.status === 'red' ? `red: ${health.reason}` : undefined
}

interface Entry extends RankedGateway {
  readonly excluded: string | undefined
}

function entriesOf(context: RankContext, account: DirectoryAccount, gateways: readonly number[], met: Met): Entry[] {
  const accountExclusion = findAccountExclusion(context, account, met)
  const entries: Entry[] = []
  if (accountExclusion !== undefined && context.candidates === undefined && context.explanation === undefined)
    return entries
  for (const index of gateways) {
    const endpoint = context.directory.endpoints[index] as DirectoryEndpoint
    const exclusion = accountExclusion ?? findGatewayExclusion(context, account, endpoint, met)
    for (const target of endpoint.sipUser === undefined ? endpoint.targets : context.contacts.targetsOf(endpoint))
      entries.push({
        target,
        priority: target.priority,
        weight: target.weight,
        excluded: exclusion ?? findTargetExclusion(context, target),
      })
  }
  return entries
}

const percent = (share: number): string => `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`

/** A name for one gateway's place in explanations and records: `udp:192.0.2.10:5060`. */
export const targetText = (target: GatewayTarget): string => `${target.protocol}:${target.address}:${target.port}`

function report(
  context: RankContext,
  account: DirectoryAccount,
  entries: readonly Entry[],
  shares: readonly number[],
): void {
  let available = 0
  for (const { target, priority: place, excluded } of entries) {
    const gateway = context.directory.endpoints[target.endpointIndex]?.name ?? ''
    const priority = Math.floor(place)
    const share = excluded === undefined ? (shares[available++] ?? 0) : 0
    const verdict = excluded === undefined ? `priority ${priority}, share ${percent(share)}` : `left out: ${excluded}`
    context.explanation?.add('rank', `${gateway} ${targetText(target)} of ${account.kind} ${account.name}: ${verdict}`)
    context.candidates?.push({ account: account.name, gateway, target: targetText(target), priority, share, excluded })
  }
  if (entries.length === 0) context.explanation?.add('rank', `${account.kind} ${account.name} has no gateway`)
  for (const index of account.gateways) reportNames(context, account, context.directory.endpoints[index])
}

/** Of accounts of which nothing is left out, the same for every call of a directory, and gone with it. */
const reports = new WeakMap<Directory, Map<DirectoryAccount, string>>()

/** What `report` says when nothing is left out. */
function reportOfAll(context: RankContext, account: DirectoryAccount, entries: readonly Entry[]): string {
  const texts = reports.get(context.directory) ?? new Map<DirectoryAccount, string>()
  if (texts.size === 0) reports.set(context.directory, texts)
  let text = texts.get(account)
  if (text === undefined) {
    const explanation = new Explanation()
    report({ ...context, explanation }, account, entries, sharesOf(entries))
    text = explanation.text
    texts.set(account, text)
  }
  return text
}

/** A SIP user that is not registered has no target either. */
function reportPhone(
  context: RankContext,
  account: DirectoryAccount,
  endpointIndex: number,
  entries: readonly Entry[],
): void {
  if (entries.length > 0) return
  const username = context.directory.endpoints[endpointIndex]?.name ?? ''
  context.explanation?.add('rank', `SIP user ${username} of ${account.kind} ${account.name} is not registered`)
}

/** Names without an address are no targets, but whoever asks why must hear of them. */
function reportNames(context: RankContext, account: DirectoryAccount, endpoint: DirectoryEndpoint | undefined): void {
  if (endpoint === undefined) return
  const { name: gateway, priority } = endpoint
  for (const { name, reason: excluded } of endpoint.unresolved) {
    const target = `dns:${name}`
    context.explanation?.add('rank', `${gateway} ${target} of ${account.kind} ${account.name}: left out: ${excluded}`)
    context.candidates?.push({ account: account.name, gateway, target, priority, share: 0, excluded })
  }
}

/** The route's targets with their available gateways; empty when nothing can take the call. */
export function rank(context: RankContext, route: DirectoryRoute): Ranking {
  const accounts: RankedAccount[] = []
  const met: Met = { full: [], holds: [] }
  const told = context.explanation !== undefined || context.candidates !== undefined
  for (const { accountIndex, endpointIndex, sipUserId, priority, weight } of route.targets) {
    const account = context.directory.accounts[accountIndex] as DirectoryAccount
    const entries = entriesOf(context, account, sipUserId === null ? account.gateways : [endpointIndex], met)
    const gateways = entries.filter((entry) => entry.excluded === undefined)
    if (told && sipUserId !== null) reportPhone(context, account, endpointIndex, entries)
    if (told) {
      const isAll = gateways.length === entries.length && entries.every(({ target }) => target.contact === undefined)
      if (isAll && context.candidates === undefined)
        context.explanation?.addText(reportOfAll(context, account, entries))
      else report(context, account, entries, gateways.length === 0 ? [] : sharesOf(gateways))
    }
    if (gateways.length > 0) accounts.push({ account, priority, weight, gateways })
  }
  const onlyCaller = route.targets.every((target) => target.accountId === context.caller.account.id)
  return { accounts, ...met, onlyCaller }
}
