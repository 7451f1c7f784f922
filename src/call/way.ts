// The way to a gateway: its own address or its outbound proxy, and the listener that calls leave by.
import { addressText, parseAddress } from '../contract/address.ts'
import { randomFraction } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import type { ListenerInfo, Protocol, Target } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseNameAddr } from '../sip/name-addr.ts'
import { parseUri, uriParameter } from '../sip/uri.ts'
import type { CallTransport } from './context.ts'
import type { MediaSession } from './media-session.ts'

export interface Way {
  readonly target: Target
  readonly listener: ListenerInfo
  /** Route values: the outbound proxy, loosely routed. */
  readonly routes: readonly string[]
  /** Its outbound proxy, and those that can be tried instead. */
  readonly proxies: readonly string[]
  /** The caller's INVITE as this gateway gets it, where its body is not to cross as it is. */
  readonly invite?: SipMessage
  /** The media of this attempt, where the relay is on the way. */
  readonly media?: MediaSession
}

interface Hop {
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
  readonly routes: readonly string[]
}

/** The outbound proxies in the order in which they are tried, drawn by weight; those of weight zero come last. */
function drawProxies(endpoint: DirectoryEndpoint, random: Random): string[] {
  const left = [...endpoint.outboundProxy]
  const drawn: string[] = []
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0)
    let at = randomFraction(random) * (total === 0 ? left.length : total)
    const index = left.findIndex(({ weight }) => (at -= total === 0 ? 1 : weight) < 0)
    const [proxy] = left.splice(index === -1 ? left.length - 1 : index, 1)
    if (proxy !== undefined) drawn.push(proxy.uri)
  }
  return drawn
}

function proxyHop(text: string, fallback: Protocol): Hop | string {
  const bare = parseNameAddr(text)?.uri ?? text
  const uri = parseUri(bare)
  const address = parseAddress(uri?.host ?? '')
  if (uri === undefined || address === undefined) return `outbound proxy ${text} is no SIP URI with an IP address`
  const asked = uriParameter(uri, 'transport')?.toLowerCase()
  const protocol: Protocol = asked === 'udp' || asked === 'tcp' || asked === 'tls' ? asked : fallback
  const loose = uriParameter(uri, 'lr') === undefined ? `${bare};lr` : bare
  return {
    protocol,
    address: addressText(address),
    port: uri.port ?? (protocol === 'tls' ? 5061 : 5060),
    routes: [`<${loose}>`],
  }
}

/** The way, or one sentence why there is none. `protocol` overrides the gateway's (large requests over TCP), `proxies` the draw. */
export function findWay(
  transport: CallTransport,
  random: Random,
  gateway: GatewayTarget,
  options: { endpoint: DirectoryEndpoint; protocol?: Protocol; proxies?: readonly string[] },
): Way | string {
  const { endpoint } = options
  const own: Hop = {
    protocol: gateway.protocol,
    address: gateway.address,
    port: gateway.port,
    routes: gateway.contact?.routes ?? [],
  }
  const { contact } = gateway
  const { proxies = drawProxies(endpoint, random) } = options
  const [proxy] = proxies
  const hop = proxy === undefined ? own : proxyHop(proxy, gateway.protocol)
  if (typeof hop === 'string') return hop
  const protocol = options.protocol ?? hop.protocol
  const listener = transport.findListener(protocol, hop.address, gateway.listener)
  if (listener === undefined)
    return `no ${protocol} listener for ${hop.address}${gateway.listener === null ? '' : ` named ${gateway.listener}`}`
  return {
    target: {
      protocol,
      address: hop.address,
      port: hop.port,
      listener,
      watched: contact === undefined,
      ...(contact === undefined || contact.connection === 0 ? {} : { connection: contact.connection }),
      tls: protocol === 'tls' ? (gateway.tls ?? undefined) : undefined,
    },
    listener,
    routes: hop.routes,
    proxies,
  }
}
