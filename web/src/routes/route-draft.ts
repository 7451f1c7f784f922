// A route as its form holds it, and as the API takes it. Pure.
import type { RouteItem } from '../../../src/contract/api-config.ts'

export type TargetKind = 'carrier' | 'customer' | 'sipUser'
export type FromKind = 'any' | 'carriers' | 'customers' | 'carrier' | 'customer'

export interface TargetDraft {
  /** Only to tell the rows of the form apart. */
  readonly key: number
  readonly kind: TargetKind
  readonly name: string
  readonly priority: number | null
  readonly weight: number | null
}

export interface RouteDraft {
  readonly prefix: string
  readonly fromKind: FromKind
  readonly fromName: string
  readonly targets: readonly TargetDraft[]
  readonly channelsMax: number | null
  readonly callsPerSecondMax: number | null
  readonly enabled: boolean
}

type RouteTarget = RouteItem['targets'][number]

const kindOf = (target: RouteTarget): TargetKind =>
  target.carrier !== undefined ? 'carrier' : target.customer !== undefined ? 'customer' : 'sipUser'

export const targetName = (target: RouteTarget): string => target.carrier ?? target.customer ?? target.sipUser ?? ''

const targetKindWords: Readonly<Record<TargetKind, string>> = {
  carrier: 'carrier',
  customer: 'customer',
  sipUser: 'SIP user',
}

export const targetWords = (target: RouteTarget): string => targetKindWords[kindOf(target)]

export const newTarget = (key: number): TargetDraft => ({ key, kind: 'carrier', name: '', priority: 0, weight: 1 })

export const newRoute = (): RouteDraft => ({
  prefix: '',
  fromKind: 'customers',
  fromName: '',
  targets: [newTarget(0)],
  channelsMax: 0,
  callsPerSecondMax: 0,
  enabled: true,
})

export function draftOf(route: RouteItem): RouteDraft {
  const { from, prefix, channelsMax, callsPerSecondMax, enabled } = route
  const one = typeof from === 'string' ? undefined : from
  const fromKind = typeof from === 'string' ? from : 'carrier' in from ? 'carrier' : 'customer'
  return {
    prefix,
    fromKind,
    fromName: one === undefined ? '' : 'carrier' in one ? one.carrier : one.customer,
    targets: route.targets.map((target, key) => ({
      key,
      kind: kindOf(target),
      name: targetName(target),
      priority: target.priority,
      weight: target.weight,
    })),
    channelsMax,
    callsPerSecondMax,
    enabled,
  }
}

const fromOf = ({ fromKind, fromName }: RouteDraft): unknown =>
  fromKind === 'carrier' || fromKind === 'customer' ? { [fromKind]: fromName } : fromKind

export const bodyOf = (draft: RouteDraft) => ({
  prefix: draft.prefix,
  from: fromOf(draft),
  targets: draft.targets.map(({ kind, name, priority, weight }) => ({ [kind]: name, priority, weight })),
  channelsMax: draft.channelsMax,
  callsPerSecondMax: draft.callsPerSecondMax,
  enabled: draft.enabled,
})

interface Weighted {
  readonly priority: number | null
  readonly weight: number | null
}

/**
 * The fraction of calls that each target gets as first choice among those of the same priority: by weight, evenly when all
 * weights are zero. Only the best priority gets calls at first; the others are for failover.
 */
export function sharesOf(targets: readonly Weighted[]): number[] {
  return targets.map(({ priority, weight }) => {
    const tier = targets.filter((one) => one.priority === priority)
    const sum = tier.reduce((total, one) => total + (one.weight ?? 0), 0)
    return sum > 0 ? (weight ?? 0) / sum : 1 / tier.length
  })
}

export const fromText = (from: RouteItem['from']): string => {
  if (typeof from !== 'string') return 'carrier' in from ? `carrier ${from.carrier}` : `customer ${from.customer}`
  return { any: 'anybody', carriers: 'all carriers', customers: 'all customers' }[from]
}
