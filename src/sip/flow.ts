// Where a message came from and where one is sent to. Types only, so that the pure rooms may use them.

export type Protocol = 'udp' | 'tcp' | 'tls'

/** One socket that listens: a wildcard listener is expanded into one of these per local address. */
export interface ListenerInfo {
  /** Index in the transport layer's list; stable for the life of the process. */
  readonly id: number
  /** The configured name, or `PROTOCOL:address:port`. Several expanded sockets share one name. */
  readonly name: string
  readonly protocol: Protocol
  readonly family: 4 | 6
  readonly address: string
  readonly port: number
  /** What Via and Contact say: the advertised address or the local one; IPv6 in brackets. */
  readonly sentByHost: string
  readonly sentByPort: number
}

/** The path of one received message. Answers go back by the same listener and connection (RFC 3261 18.2.2). */
export interface Flow {
  readonly listener: ListenerInfo
  /** Source address as canonical text: IPv4 dotted, IPv6 compressed lower case, v4-mapped unmapped. */
  readonly address: string
  readonly port: number
  /** 0 for UDP; else the connection's number. */
  readonly connection: number
  /** Names that the peer's TLS certificate proved, in lower case (RFC 5922 7); absent = it proved none. */
  readonly peerNames?: readonly string[]
}

/** How the far end of a TLS connection proves who it is (RFC 5922). */
export interface TlsPeer {
  /** Same text, same proof: only such targets share a connection. */
  readonly identity: string
  /** `strict`: SIP URI or DNS name, no wildcard; `wildcard`: one label may be `*`; `pin`: exactly the given certificate. */
  readonly verify: 'strict' | 'wildcard' | 'pin'
  /** The name to be proved, also sent as SNI; null = the address itself must stand in the certificate. */
  readonly serverName: string | null
  /** PEM of the authorities to trust instead of the general ones; with `pin` the certificate or its SHA-256. */
  readonly ca: string | null
  /** PEM file with certificate and key to show when asked; null = the one of the listeners. */
  readonly clientCertificateFile: string | null
}

/** Where a request goes. */
export interface Target {
  readonly protocol: Protocol
  /** Canonical text, as in Flow. */
  readonly address: string
  readonly port: number
  /** The listener it leaves by (its socket for UDP, its address for streams). */
  readonly listener: ListenerInfo
  /** Stream: use this connection if it is still open (RFC 3261 18.2.2, RFC 5923). */
  readonly connection?: number
  /** Keep a connected socket for it, so that ICMP errors are reported (gateways). */
  readonly watched?: boolean
  /** TLS: whom to expect there; absent = whoever proves the address. */
  readonly tls?: TlsPeer | undefined
}

export type TransportErrorKind =
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'closed'
  | 'too_large'
  | 'no_listener'
  | 'tls'
  | 'other'

/** Said once for a send that failed, or for a peer whose socket reported an error. */
export interface TransportError {
  readonly kind: TransportErrorKind
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
  readonly detail: string
  /** Of the target that was meant, where several share an address and port. */
  readonly tls?: Pick<TlsPeer, 'identity'> | undefined
}

/** Who is at the other end. */
export type Peer = Pick<TransportError, 'protocol' | 'address' | 'port' | 'tls'>

/** `protocol:address:port`, for TLS with the identity: the key under which errors and waiting transactions meet. */
export const peerKey = (peer: Peer): string =>
  `${peer.protocol}:${peer.address}:${peer.port}${peer.tls === undefined ? '' : `#${peer.tls.identity}`}`
