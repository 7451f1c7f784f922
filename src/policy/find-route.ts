// Which route serves a number: the longest prefix first; among routes with the same prefix the one for this very account,
// then the one for its kind, then the one for everybody. A prefix whose routes are for others is passed over.
import type { Directory, DirectoryRoute } from '../directory/directory.ts'
import { listAt } from '../directory/number-lists.ts'
import { findAllPrefixes } from '../directory/prefix-trie.ts'
import type { Explanation } from './explanation.ts'
import type { Caller } from './verdict.ts'

/** 3 = for this account, 2 = for its kind, 1 = for everybody, 0 = not for it. */
function closeness(route: DirectoryRoute, caller: Caller): number {
  if ('accountId' in route.from) return route.from.accountId === caller.account.id ? 3 : 0
  if (route.from.kind === 'any') return 1
  return route.from.kind === caller.account.kind ? 2 : 0
}

function fromText(route: DirectoryRoute, directory: Directory): string {
  if (!('accountId' in route.from)) return route.from.kind === 'any' ? 'anybody' : `${route.from.kind}s`
  const { accountId } = route.from
  const account = directory.accounts.find((row) => row.id === accountId)
  return account === undefined ? accountId : `${account.kind} ${account.name}`
}

export const routeText = (route: DirectoryRoute, directory: Directory): string =>
  `${route.prefix === '' ? 'default route' : `route ${route.prefix}`} from ${fromText(route, directory)}`

const found: number[] = []

/** @param digits the destination without a leading +. */
export function findRoute(
  directory: Directory,
  caller: Caller,
  digits: string,
  explanation?: Explanation,
): DirectoryRoute | undefined {
  found.length = 0
  findAllPrefixes(directory.numbers, digits, found)
  for (const set of found) {
    let best: DirectoryRoute | undefined
    for (const index of listAt(directory.routeLists, set)) {
      const route = directory.routes[index] as DirectoryRoute
      const own = closeness(route, caller)
      if (own === 0)
        explanation?.add(
          'find-route',
          `${routeText(route, directory)} is not for ${caller.account.kind} ${caller.account.name}`,
        )
      else if (best === undefined || own > closeness(best, caller)) best = route
    }
    if (best === undefined) continue
    explanation?.add('find-route', `${digits} takes the ${routeText(best, directory)}`)
    return best
  }
  return undefined
}
