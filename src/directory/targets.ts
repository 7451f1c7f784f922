// Where calls to an entry can go: its addresses, and what DNS says of its names. Answers of DNS change between two
// configurations; then only the targets are new, the rest of the directory stays.
import { parseCidr } from '../contract/address.ts'
import { gatewayAddresses, gatewayPort } from '../contract/endpoint.ts'
import { peerKey } from '../sip/flow.ts'
import { buildCidrLists } from './cidr-lists.ts'
import type { Directory, DirectoryEndpoint, GatewayTarget, SourceEndpoint } from './directory.ts'
import { nameKey } from './name-answers.ts'
import type { GatewayName, NameAnswers, NamedTarget } from './name-answers.ts'
import { kept, keptTable } from './places.ts'
import { proxiesOf, proxyNamesOf } from './outbound-proxies.ts'
import { tlsPeerOf } from './tls-peer.ts'

type Entry = Pick<
  SourceEndpoint,
  | 'id'
  | 'direction'
  | 'action'
  | 'addresses'
  | 'port'
  | 'transport'
  | 'listener'
  | 'priority'
  | 'weight'
  | 'outboundProxy'
  | 'tls'
>

/** An entry that can be a gateway: it receives and allows. */
export const isGateway = (endpoint: Pick<SourceEndpoint, 'direction' | 'action'>): boolean =>
  endpoint.direction !== 'sends' && endpoint.action === 'allow'

/** Only an entry that receives may have names. */
export function namesOf(endpoint: Entry): GatewayName[] {
  if (endpoint.direction !== 'receives' || !isGateway(endpoint)) return []
  const { transport: protocol, port } = endpoint
  return endpoint.addresses
    .filter((text) => parseCidr(text) === undefined)
    .map((text) => ({ name: text.toLowerCase(), protocol, port }))
}

const none: readonly never[] = []
/** Tiers of DNS lie between two priorities of entries. */
const tiersMax = 65_536

type Where = Pick<DirectoryEndpoint, 'targets' | 'unresolved'>

/** Each address and each name has the same part of the entry's weight. */
export function targetsOf(endpoint: Entry, endpointIndex: number, answers: NameAnswers): Where {
  if (!isGateway(endpoint)) return { targets: none, unresolved: none }
  const addresses = [...new Set(gatewayAddresses(endpoint))]
  const names = namesOf(endpoint)
  const known = names.filter((one) => Array.isArray(answers.get(nameKey(one))))
  const part = endpoint.weight / Math.max(1, addresses.length + known.length)
  const targets = new Map<string, GatewayTarget>()
  const unresolved: DirectoryEndpoint['unresolved'][number][] = []
  const add = (to: NamedTarget, name: string | null): void => {
    const { address, port, tier, share } = to
    const protocol = endpoint.transport
    const key = `${endpoint.id}/${peerKey({ protocol, address, port })}`
    if (targets.has(key)) return
    const host = name === null || endpoint.port === null || endpoint.port === 5060 ? name : `${name}:${endpoint.port}`
    const { listener } = endpoint
    const place = { priority: endpoint.priority + tier / tiersMax, weight: part * share }
    targets.set(key, {
      key,
      endpointIndex,
      protocol,
      address,
      port,
      host,
      ...place,
      listener,
      tls: tlsPeerOf(endpoint, name),
    })
  }
  for (const address of addresses) add({ address, port: gatewayPort(endpoint), tier: 0, share: 1 }, null)
  for (const question of names) {
    const answer = answers.get(nameKey(question)) ?? { reason: 'DNS: not asked yet', since: 0 }
    if ('reason' in answer)
      unresolved.push({ key: `${endpoint.id}/dns:${question.name}`, name: question.name, ...answer })
    else for (const target of answer) add(target, question.name)
  }
  return { targets: [...targets.values()], unresolved: unresolved.length === 0 ? none : unresolved }
}

/** All names of a directory, each once. */
export function allNames(directory: Directory): GatewayName[] {
  const names = [...directory.named].flatMap((index) => {
    const endpoint = directory.endpoints[index] as DirectoryEndpoint
    return [...namesOf(endpoint), ...proxyNamesOf(endpoint)]
  })
  return [...new Map(names.map((one) => [nameKey(one), one])).values()]
}

/** The same directory with the targets that DNS gives now; what `before` has alike stays the same object. */
export function withNames(directory: Directory, answers: NameAnswers, before?: Directory): Directory {
  if (directory.named.length === 0) return directory
  const endpoints = [...directory.endpoints]
  const listings: { addresses: string[]; member: number }[] = []
  for (const index of directory.named) {
    const endpoint = endpoints[index] as DirectoryEndpoint
    const where = targetsOf(endpoint, index, answers)
    const named = { ...endpoint, ...where, proxies: proxiesOf(endpoint, answers) }
    endpoints[index] = kept(named, before?.endpoints[index])
    listings.push({ addresses: where.targets.map(({ address }) => address), member: index })
  }
  return { ...directory, endpoints, resolved: keptTable(buildCidrLists(listings), before?.resolved) }
}
