// SIP users that a route names, as gateways: one entry for each, whose targets are what it registered, so that a call to it
// is hunted, limited and recorded like any other.
import { endpointInput } from '../contract/endpoint.ts'
import type { DirectoryEndpoint, DirectorySipUser, SourceRoute } from './directory.ts'

const { password: _, ...plain } = endpointInput.parse({
  name: 'x',
  direction: 'receives',
  addresses: ['192.0.2.1'],
  probe: { enabled: false },
  // Devices are reached where they registered from, also inside a call.
  forceNat: true,
})

/** Those that a route names, in their order. */
export function routedUsers<User extends { readonly id: string }>(
  sipUsers: readonly User[],
  routes: readonly SourceRoute[],
): User[] {
  const named = new Set(routes.flatMap(({ targets }) => targets.map(({ sipUserId }) => sipUserId)))
  return sipUsers.filter(({ id }) => named.has(id))
}

/** The entry for one of them, at this place of the table. */
export const phoneEntry = (sipUser: DirectorySipUser, index: number): DirectoryEndpoint => ({
  ...plain,
  id: sipUser.id,
  accountId: sipUser.accountId,
  accountIndex: sipUser.accountIndex,
  index,
  name: sipUser.username,
  addresses: [],
  namesAnybody: false,
  contactUser: null,
  password: null,
  channelsMax: sipUser.channelsMax,
  callsPerSecondMax: sipUser.callsPerSecondMax,
  restrictedCodecs: sipUser.restrictedCodecs,
  targets: [],
  proxies: [],
  unresolved: [],
  sipUser,
})
