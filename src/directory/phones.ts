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

/** The entries to be added behind `first - 1`, in the order of the users. */
export function phoneEntries(
  sipUsers: readonly DirectorySipUser[],
  routes: readonly SourceRoute[],
  first: number,
): DirectoryEndpoint[] {
  const named = new Set(routes.flatMap(({ targets }) => targets.map(({ sipUserId }) => sipUserId)))
  return sipUsers
    .filter(({ id }) => named.has(id))
    .map((sipUser, i) => ({
      ...plain,
      id: sipUser.id,
      accountId: sipUser.accountId,
      accountIndex: sipUser.accountIndex,
      index: first + i,
      name: sipUser.username,
      addresses: [],
      password: null,
      channelsMax: sipUser.channelsMax,
      callsPerSecondMax: sipUser.callsPerSecondMax,
      restrictedCodecs: sipUser.restrictedCodecs,
      targets: [],
      proxies: [],
      unresolved: [],
      sipUser,
    }))
}
