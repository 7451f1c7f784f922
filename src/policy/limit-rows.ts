// What the limits ask of a directory: the row of each kind of scope, and what a scope is called in sentences.
import type { DirectoryChanges } from '../directory/assembly.ts'
import type { Directory, DirectoryRoute, DirectorySipUser } from '../directory/directory.ts'
import type { LimitScope, ScopeRow } from './limit-counter.ts'

const routeName = (route: Pick<DirectoryRoute, 'prefix'>): string => (route.prefix === '' ? 'default' : route.prefix)

const scopeWords = { system: 'system', account: 'account', endpoint: 'endpoint', sipUser: 'SIP user', route: 'route' }

export const labelOf = (scope: LimitScope, name: string): string =>
  scope === 'system' ? 'the system' : `${scopeWords[scope]} ${name}`

export const systemRow = ({ system }: Directory): Omit<ScopeRow, 'scope'> => ({
  id: 'system',
  name: 'system',
  channelsMax: system.channelsMax,
  callsPerSecondMax: system.callsPerSecondMax,
})

export const routeRow = (route: DirectoryRoute): Omit<ScopeRow, 'scope'> => ({
  id: route.id,
  name: routeName(route),
  channelsMax: route.channelsMax,
  callsPerSecondMax: route.callsPerSecondMax,
})

export const sipUserRow = ({
  id,
  username,
  channelsMax,
  callsPerSecondMax,
}: DirectorySipUser): Omit<ScopeRow, 'scope'> => ({
  id,
  name: username,
  channelsMax,
  callsPerSecondMax,
})

/** The rows that a publication brought, the system's first. */
export function* changedRows(directory: Directory, changes: DirectoryChanges): Generator<ScopeRow> {
  const { accounts, endpoints, sipUsers, routes } = changes
  yield { ...systemRow(directory), scope: 'system' }
  for (const row of accounts.come.values()) yield { ...row, scope: 'account' }
  for (const row of endpoints.come.values()) if (row.sipUser === undefined) yield { ...row, scope: 'endpoint' }
  for (const row of sipUsers.come.values()) yield { ...sipUserRow(row), scope: 'sipUser' }
  for (const row of routes.come.values()) yield { ...routeRow(row), scope: 'route' }
}
