// Routes name accounts and SIP users; they are kept by id. This turns one into the other.
import type { InputError } from '../base/fault.ts'
import type { RouteConfig, RouteTargetConfig } from '../contract/declarative.ts'
import type { SourceRoute, SourceRouteTarget } from '../directory/directory.ts'
import { findAccount, findSipUser } from './configuration.ts'
import type { Configuration, RouteBody } from './configuration.ts'

export type ResolvedRoute = { readonly body: RouteBody } | { readonly errors: readonly InputError[] }

const kinds = { any: 'any', carriers: 'carrier', customers: 'customer' } as const

function resolveFrom(configuration: Configuration, from: RouteConfig['from']): SourceRoute['from'] | InputError {
  if (typeof from === 'string') return { kind: kinds[from] }
  const [kind, name] = 'carrier' in from ? (['carrier', from.carrier] as const) : (['customer', from.customer] as const)
  const account = findAccount(configuration, kind, name)
  return account === undefined
    ? { path: `from.${kind}`, message: `there is no ${kind} named ${name}` }
    : { accountId: account.id }
}

function resolveTarget(configuration: Configuration, target: RouteTargetConfig): SourceRouteTarget | InputError {
  const { priority, weight } = target
  if (target.sipUser !== undefined) {
    const user = findSipUser(configuration, target.sipUser)
    if (user === undefined) return { path: 'sipUser', message: `there is no SIP user named ${target.sipUser}` }
    if (configuration.accounts.get(user.accountId)?.kind !== 'customer')
      return {
        path: 'sipUser',
        message: `${target.sipUser} belongs to a carrier: such users only call, no call goes to them`,
      }
    return { accountId: user.accountId, sipUserId: user.id, priority, weight }
  }
  const kind = target.carrier === undefined ? 'customer' : 'carrier'
  const name = target.carrier ?? target.customer ?? ''
  const account = findAccount(configuration, kind, name)
  return account === undefined
    ? { path: kind, message: `there is no ${kind} named ${name}` }
    : { accountId: account.id, sipUserId: null, priority, weight }
}

/** By names -> by ids; paths of errors are relative to the route. */
export function resolveRoute(configuration: Configuration, route: RouteConfig): ResolvedRoute {
  const errors: InputError[] = []
  const from = resolveFrom(configuration, route.from)
  if ('message' in from) errors.push(from)
  const targets: SourceRouteTarget[] = []
  for (const [i, one] of route.targets.entries()) {
    const target = resolveTarget(configuration, one)
    if ('message' in target) errors.push({ ...target, path: `targets[${i}].${target.path}` })
    else targets.push(target)
  }
  if ('message' in from || errors.length > 0) return { errors }
  const { prefix, channelsMax, callsPerSecondMax, enabled } = route
  return { body: { prefix, from, targets, channelsMax, callsPerSecondMax, enabled } }
}
