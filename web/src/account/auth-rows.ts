// The entries of an account as the Auth page shows them: what is configured, with its lights, shares and use. Pure.
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import type { GatewayItem, LimitItem } from '../../../src/contract/api-live.ts'

interface Used {
  readonly channels: number
  readonly callsPerSecond: number
}

export interface AuthRow {
  readonly endpoint: EndpointItem
  /** Its targets; empty for an entry that only sends, and until the board has arrived. */
  readonly gateways: readonly GatewayItem[]
  /** One light for all its targets: red if one of them is red. Undefined: it has none. */
  readonly light: GatewayItem | undefined
  /** How many targets are red, in words; undefined with a single target. */
  readonly targetsText: string | undefined
  /** Part of the calls of its account that come here first now, 0 to 1; undefined for an entry that only sends. */
  readonly share: number | undefined
  readonly used: Used | undefined
}

/** What the entry shows of several targets: trouble first, of those the newest. */
function worst(gateways: readonly GatewayItem[]): GatewayItem | undefined {
  const red = gateways.filter((one) => one.status === 'red')
  return red.toSorted((a, b) => Date.parse(b.since) - Date.parse(a.since))[0] ?? gateways[0]
}

export type UsedById = ReadonlyMap<string, Used>

/** What is in use now, by entry or SIP user. */
export function usedById(limits: readonly LimitItem[]): UsedById {
  const found = new Map<string, Used>()
  for (const { id, kind, used } of limits)
    found.set(id, { channels: 0, callsPerSecond: 0, ...found.get(id), [kind]: used })
  return found
}

export type GatewaysById = ReadonlyMap<string, readonly GatewayItem[]>

export const gatewaysById = (gateways: readonly GatewayItem[]): GatewaysById =>
  Map.groupBy(gateways, (one) => one.endpointId)

export function authRowOf(endpoint: EndpointItem, byId: GatewaysById, used: UsedById): AuthRow {
  const gateways = endpoint.direction === 'sends' ? [] : (byId.get(endpoint.id) ?? [])
  const red = gateways.filter((one) => one.status === 'red').length
  return {
    endpoint,
    gateways,
    light: worst(gateways),
    targetsText:
      gateways.length < 2 ? undefined : red === 0 ? `${gateways.length} targets` : `${red} of ${gateways.length} red`,
    share: gateways.length === 0 ? undefined : gateways.reduce((sum, one) => sum + one.share, 0),
    used:
      used.get(endpoint.id) ??
      (gateways.length === 0
        ? undefined
        : {
            channels: gateways.reduce((sum, one) => sum + one.channels, 0),
            callsPerSecond: gateways.reduce((sum, one) => sum + one.callsPerSecond, 0),
          }),
  }
}

/** `192.0.2.10`, `192.0.2.10 and 2 more`. */
export function addressesText(addresses: readonly string[]): string {
  const [first = '', ...rest] = addresses
  return rest.length === 0 ? first : rest.length === 1 ? `${first}, ${rest[0]}` : `${first} and ${rest.length} more`
}

export const directionWords = { receives: 'Receives', sends: 'Sends', both: 'Both' } as const
