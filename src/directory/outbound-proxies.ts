// The outbound proxies of an entry by address: as they are written, or as DNS says (RFC 3263).
import { addressText, isHostName, parseAddress } from '../contract/address.ts'
import type { Protocol } from '../sip/flow.ts'
import { parseNameAddr } from '../sip/name-addr.ts'
import { parseUri, uriParameter } from '../sip/uri.ts'
import type { OutboundProxy, SourceEndpoint } from './directory.ts'
import { nameKey } from './name-answers.ts'
import type { GatewayName, NameAnswers } from './name-answers.ts'
import { tlsPeerOf } from './tls-peer.ts'

type Entry = Pick<SourceEndpoint, 'outboundProxy' | 'transport' | 'tls'>

interface Written {
  readonly bare: string
  readonly protocol: Protocol
  readonly host: string
  readonly port: number | undefined
}

function readProxy(text: string, fallback: Protocol): Written | undefined {
  // Without brackets everything is of the URI here: there are no header parameters that could be meant (20).
  const bare = text.includes('<') ? (parseNameAddr(text)?.uri ?? text) : text
  const uri = parseUri(bare)
  if (uri === undefined) return undefined
  const asked = uriParameter(uri, 'transport')?.toLowerCase()
  const protocol: Protocol = asked === 'udp' || asked === 'tcp' || asked === 'tls' ? asked : fallback
  return { bare, protocol, host: uri.host, port: uri.port }
}

const questionOf = ({ host, protocol, port }: Written): GatewayName | undefined =>
  parseAddress(host) === undefined && isHostName(host)
    ? { name: host.toLowerCase(), protocol, port: port ?? null }
    : undefined

/** What is asked of DNS for the proxies of an entry. */
export const proxyNamesOf = ({ outboundProxy, transport }: Entry): GatewayName[] =>
  outboundProxy.flatMap(({ uri }) => {
    const written = readProxy(uri, transport)
    return (written === undefined ? undefined : questionOf(written)) ?? []
  })

function placesOf(
  endpoint: Entry,
  { uri, weight }: Entry['outboundProxy'][number],
  answers: NameAnswers,
): OutboundProxy[] {
  const written = readProxy(uri, endpoint.transport)
  const protocol = written?.protocol ?? endpoint.transport
  const port = written?.port ?? (protocol === 'tls' ? 5061 : 5060)
  const base = { uri: written?.bare ?? uri, weight, protocol, port, tls: null, address: null, reason: '' }
  if (written === undefined) return [{ ...base, reason: 'it is no SIP URI' }]
  const ip = parseAddress(written.host)
  if (ip !== undefined) return [{ ...base, address: addressText(ip) }]
  const question = questionOf(written)
  if (question === undefined) return [{ ...base, reason: 'it has neither an address nor a name' }]
  const answer = answers.get(nameKey(question)) ?? { reason: 'DNS: not asked yet' }
  if ('reason' in answer) return [{ ...base, reason: answer.reason }]
  const tls = protocol === 'tls' ? tlsPeerOf({ ...endpoint, transport: 'tls' }, question.name) : null
  return answer.map((found) => ({
    ...base,
    tls,
    address: found.address,
    port: found.port,
    // Lower tiers of DNS are for when the first one fails.
    weight: found.tier === 0 ? weight * found.share : 0,
  }))
}

export const proxiesOf = (endpoint: Entry, answers: NameAnswers): OutboundProxy[] =>
  endpoint.outboundProxy.flatMap((proxy) => placesOf(endpoint, proxy, answers))

/** Those that can be used now; all of them where none can, so that somebody hears why. */
export function usableProxies(proxies: readonly OutboundProxy[]): readonly OutboundProxy[] {
  const usable = proxies.filter(({ address }) => address !== null)
  return usable.length === 0 ? proxies : usable
}
