// The way to a gateway: its own address or its outbound proxy, and the listener that calls leave by.
import { randomFraction } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { DirectoryEndpoint, GatewayTarget, OutboundProxy } from '../directory/directory.ts'
import { usableProxies } from '../directory/outbound-proxies.ts'
import type { ListenerInfo, Protocol, Target } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseUri, uriParameter } from '../sip/uri.ts'
import type { CallTransport } from './context.ts'
import type { MediaSession } from './media-session.ts'

export interface Way {
  readonly target: Target
  readonly listener: ListenerInfo
  /** Route values: the outbound proxy, loosely routed. */
  readonly routes: readonly string[]
  /** Its outbound proxy, and those that can be tried instead. */
  readonly proxies: readonly OutboundProxy[]
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
function drawProxies(endpoint: DirectoryEndpoint, random: Random): OutboundProxy[] {
  const left = [...usableProxies(endpoint.proxies)]
  const drawn: OutboundProxy[] = []
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0)
    let at = randomFraction(random) * (total === 0 ? left.length : total)
    const index = left.findIndex(({ weight }) => (at -= total === 0 ? 1 : weight) < 0)
    const [proxy] = left.splice(index === -1 ? left.length - 1 : index, 1)
    if (proxy !== undefined) drawn.push(proxy)
  }
  return drawn
}

function proxyHop({ uri, address, reason, protocol, port }: OutboundProxy): Hop | string {
  if (address === null) return `outbound proxy ${uri}: ${reason}`
  const written = parseUri(uri)
  const isLoose = written !== undefined && uriParameter(written, 'lr') !== undefined
  return { protocol, address, port, routes: [`<${isLoose ? uri : `${uri};lr`}>`] }
}

/** Those that no outbound proxy is drawn for are the same for all calls to a gateway: 200 bytes less for each of them. */
const plainWays = new WeakMap<GatewayTarget, Way>()

/** The way, or one sentence why there is none. `protocol` overrides the gateway's (large requests over TCP), `proxies` the draw. */
export function findWay(
  transport: CallTransport,
  random: Random,
  gateway: GatewayTarget,
  options: { endpoint: DirectoryEndpoint; protocol?: Protocol; proxies?: readonly OutboundProxy[] },
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
  const hop = proxy === undefined ? own : proxyHop(proxy)
  if (typeof hop === 'string') return hop
  const protocol = options.protocol ?? hop.protocol
  const listener = transport.findListener(protocol, hop.address, gateway.listener)
  if (listener === undefined)
    return `no ${protocol} listener for ${hop.address}${gateway.listener === null ? '' : ` named ${gateway.listener}`}`
  const isPlain = proxy === undefined && contact === undefined && options.protocol === undefined
  const known = isPlain ? plainWays.get(gateway) : undefined
  if (known?.listener === listener) return known
  const way: Way = {
    target: {
      protocol,
      address: hop.address,
      port: hop.port,
      listener,
      watched: contact === undefined,
      ...(contact === undefined || contact.connection === 0 ? {} : { connection: contact.connection }),
      tls: protocol === 'tls' ? (proxy?.tls ?? gateway.tls ?? undefined) : undefined,
    },
    listener,
    routes: hop.routes,
    proxies,
  }
  if (isPlain) plainWays.set(gateway, way)
  return way
}
