// The board of gateways: what the signalling thread knows of each target, with names, shares and the operator's states.
// Colours: red = off, drain, account inactive or suspended, failing; full and backoff stay green and say so (product: health).
import type { Directory, DirectoryAccount, DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import type { GatewayState } from '../edge/seam.ts'
import { backoffReason, isInBackoff } from '../policy/backoff.ts'
import { sharesOf } from '../policy/draw.ts'
import { suspensionText, type SuspensionView } from '../policy/suspensions.ts'

/** One gateway target. Times are milliseconds since 1970; `share` is the fraction of its account's calls it gets now. */
export interface GatewayBoardRow {
  readonly endpointId: string
  readonly name: string
  readonly accountId: string
  /** Name of the account. */
  readonly carrier: string
  /** `udp:192.0.2.10:5060`. */
  readonly target: string
  readonly share: number
  readonly status: 'green' | 'red'
  readonly reason: string
  readonly since: number
  readonly lastProbe: GatewayState['lastProbe']
  readonly channels: number
  readonly callsPerSecond: number
  /** Of the entry, shared by all its addresses; 0 = unlimited. */
  readonly channelsMax: number
  readonly callsPerSecondMax: number
  /** Calls in a row that failed there; an 18x or an answer makes it 0. */
  readonly consecutiveFailures: number
}

interface Entry {
  readonly account: DirectoryAccount
  readonly endpoint: DirectoryEndpoint
  readonly state: GatewayState
  readonly status: 'green' | 'red'
  readonly reason: string
  readonly available: boolean
  /** Undefined for a name without an address. */
  readonly place?: GatewayTarget | undefined
}

/** Why the operator keeps it out, or undefined. */
function operatorReason(
  account: DirectoryAccount,
  endpoint: DirectoryEndpoint,
  suspensions: SuspensionView,
): string | undefined {
  if (endpoint.state === 'off') return 'switched off by the operator'
  if (endpoint.state === 'drain') return 'draining: no new calls, by the operator'
  if (account.status !== 'active') return `${account.kind} ${account.name} is ${account.status}`
  const suspension = suspensions.findAny(account.id)
  return suspension === undefined ? undefined : `${account.kind} ${account.name} is ${suspensionText(suspension)}`
}

function fullReason(endpoint: DirectoryEndpoint, state: GatewayState): string | undefined {
  const { channelsMax, callsPerSecondMax } = endpoint
  if (channelsMax > 0 && state.channels >= channelsMax) return `full: ${state.channels} of ${channelsMax} channels`
  if (callsPerSecondMax > 0 && state.callsPerSecond >= callsPerSecondMax)
    return `full: ${state.callsPerSecond} of ${callsPerSecondMax} calls per second`
  return undefined
}

function findBackoff(account: DirectoryAccount, state: GatewayState): string | undefined {
  if (isInBackoff(state.accountFailures, account)) return backoffReason('account')
  return isInBackoff(state.failures, account) ? backoffReason('endpoint') : undefined
}

function entryOf(
  directory: Directory,
  endpoint: DirectoryEndpoint,
  state: GatewayState,
  suspensions: SuspensionView,
): Entry {
  const account = directory.accounts[endpoint.accountIndex] as DirectoryAccount
  const operator = operatorReason(account, endpoint, suspensions)
  const full = fullReason(endpoint, state)
  const status = operator === undefined ? state.status : 'red'
  const limited = full ?? findBackoff(account, state)
  const reason = operator ?? (status === 'green' ? (limited ?? state.reason) : state.reason)
  return { account, endpoint, state, status, reason, available: status === 'green' && limited === undefined }
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

function byPlace(left: Entry, right: Entry): number {
  return (
    byText(left.account.name, right.account.name) ||
    left.endpoint.priority - right.endpoint.priority ||
    byText(left.endpoint.name, right.endpoint.name) ||
    byText(left.state.targetKey, right.state.targetKey)
  )
}

/** The share of each available target among those of its account. */
function sharesByTarget(entries: readonly Entry[]): Map<string, number> {
  const shares = new Map<string, number>()
  for (const ofAccount of Map.groupBy(entries, (entry) => entry.account.id).values()) {
    const available = ofAccount.filter((entry) => entry.available)
    if (available.length === 0) continue
    const places = available.flatMap(({ place }) => (place === undefined ? [] : [place]))
    for (const [i, share] of sharesOf(places).entries()) shares.set(available[i]?.state.targetKey ?? '', share)
  }
  return shares
}

/** Ordered by carrier, priority and name. States of targets that the directory does not have are left out. */
export function boardOf(
  directory: Directory,
  states: readonly GatewayState[],
  suspensions: SuspensionView,
): GatewayBoardRow[] {
  const endpoints = new Map(directory.endpoints.map((endpoint) => [endpoint.id, endpoint]))
  const entries = states.flatMap((state) => {
    const endpoint = endpoints.get(state.endpointId)
    const place = endpoint?.targets.find((target) => target.key === state.targetKey)
    const isName = endpoint?.unresolved.some((name) => name.key === state.targetKey) === true
    if (endpoint === undefined || (place === undefined && !isName)) return []
    return [{ ...entryOf(directory, endpoint, state, suspensions), place }]
  })
  const shares = sharesByTarget(entries)
  return entries.toSorted(byPlace).map(({ account, endpoint, state, status, reason }) => ({
    endpointId: endpoint.id,
    name: endpoint.name,
    accountId: account.id,
    carrier: account.name,
    target: state.targetKey.slice(endpoint.id.length + 1),
    share: shares.get(state.targetKey) ?? 0,
    status,
    reason,
    since: state.since,
    lastProbe: state.lastProbe,
    channels: state.channels,
    callsPerSecond: state.callsPerSecond,
    channelsMax: endpoint.channelsMax,
    callsPerSecondMax: endpoint.callsPerSecondMax,
    consecutiveFailures: state.failures,
  }))
}

/** Asks the signalling thread for its states and lays them over the directory in force. */
export async function gatewayBoard(
  directory: Directory,
  edge: Pick<EdgeHandle, 'ask'>,
  suspensions: SuspensionView,
): Promise<GatewayBoardRow[]> {
  return boardOf(directory, await edge.ask('gateways', null), suspensions)
}
