// What deciding works on and what comes out of it. Types only.
import type { FaultCode } from '../base/fault.ts'
import type { IpAddress } from '../contract/address.ts'
import type {
  DirectoryAccount,
  DirectoryEndpoint,
  DirectoryRoute,
  DirectorySipUser,
  GatewayTarget,
} from '../directory/directory.ts'
import type { Protocol } from '../sip/flow.ts'

/** What is known of a request before any state exists. */
export interface SourceFacts {
  /** Canonical text and bytes of the packet's source. */
  readonly address: string
  readonly ip: IpAddress
  readonly port: number
  readonly transport: Protocol
  /** Name of the listener it came in by. */
  readonly listener: string
  /** Names that the TLS certificate of the peer proved, in lower case; absent = none. */
  readonly peerNames?: readonly string[] | undefined
  /** User part of the Request-URI, unescaped, without parameters. */
  readonly dialled: string
  /** CLI: user part of From, or of a P-Asserted-Identity that the account may assert (identify decides). */
  readonly fromUser: string
  readonly assertedUser: string | undefined
  /** The caller asks that its identity is not shown to everybody (`Privacy: id`). */
  readonly identityHidden?: boolean
  /** The endpoint whose registered Contact the request names, if it comes from its registrar. */
  readonly registered?: DirectoryEndpoint | undefined
  /** The proxy in front of us that says so; absent = the packet came from there. */
  readonly frontProxy?: string | undefined
  /** Who proved to be this SIP user by digest; absent = nobody did. */
  readonly sipUser?: DirectorySipUser | undefined
}

/** Who is calling. */
export interface Caller {
  readonly account: DirectoryAccount
  /** The entry that lists the source; undefined = it is known by digest alone. */
  readonly endpoint: DirectoryEndpoint | undefined
  /** Whose digest was proved; undefined = none was asked for. */
  readonly sipUser: DirectorySipUser | undefined
  /** Trusted P-Asserted-Identity, else From. */
  readonly cli: string
  /** The request carries a P-Asserted-Identity that this account may assert. */
  readonly identityAsserted?: boolean
  /** And it is not to be shown outside the trust domain. */
  readonly identityHidden?: boolean
  /** Where it is behind a proxy in front of us; absent = packets come from it directly. */
  readonly source?: Pick<SourceFacts, 'address' | 'port'>
}

/** Why a request is not served. `status` and `reasonPhrase` are what goes on the wire. */
export interface Refusal {
  readonly kind: 'refuse'
  readonly code: FaultCode
  readonly status: number
  readonly reasonPhrase: string
  /** Further header fields of the answer: Warning, Reason, Retry-After. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** One sentence for the record and the log. */
  readonly detail: string
  /** The call may wait instead of being refused. */
  readonly waitFor?: WaitFor | undefined
  /** `digest_required`: whose SIP users may lift it. */
  readonly accountId?: string
}

/** Nothing but calls per second was missing: when there may be room, and in which line one waits for it. */
export interface WaitFor {
  readonly line: string
  /** On the monotonic clock. */
  readonly roomAtMs: number
}

/** The gateways of one account, in the order in which they are tried. */
export interface HuntTurn {
  readonly account: DirectoryAccount
  /** In drawn order; the first `1 + gatewayFailoverMax` that have room are tried. */
  readonly gateways: readonly GatewayTarget[]
}

export interface RouteVerdict {
  readonly kind: 'route'
  readonly caller: Caller
  readonly route: DirectoryRoute
  /** After the caller's rewrites. */
  readonly destination: string
  readonly cli: string
  readonly hunt: readonly HuntTurn[]
  /** An emergency number: limits count it and never refuse it. */
  readonly exempt: boolean
  /** Caller-side channels (system, account, endpoint, sip user, route); the call releases it. */
  readonly permit: Permit
}

export type Verdict = RouteVerdict | Refusal

/** Room that was taken for one call in one or more scopes. Releasing twice is harmless. */
export interface Permit {
  release(): void
}

/** Health of one gateway target as routing sees it; implemented above (probe, edge). */
export interface TargetHealth {
  readonly status: 'green' | 'red'
  /** Plain words: `OPTIONS timed out 3 times`, `connection refused`, `held by Retry-After until ...`. */
  readonly reason: string
}

export interface HealthView {
  /** undefined = never probed yet: counts as green. */
  find(targetKey: string): TargetHealth | undefined
}

/** The contacts that SIP users registered; implemented above (edge). */
export interface ContactView {
  /** Of the SIP user that the entry stands for, the newest first; empty = it is not registered. */
  targetsOf(endpoint: DirectoryEndpoint): readonly GatewayTarget[]
}

/** One candidate gateway target of one route, as simulate and the explanation show it. */
export interface Candidate {
  readonly account: string
  readonly gateway: string
  readonly target: string
  readonly priority: number
  /** Fraction 0-1 of this account's calls that the target gets as first choice now. */
  readonly share: number
  /** Why it gets none; undefined = available. */
  readonly excluded: string | undefined
}
