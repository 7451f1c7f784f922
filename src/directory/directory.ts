// The immutable snapshot that decides every call: rows of plain data, which cross threads in parts (delta.ts), and typed arrays
// in shared memory. Functions beside it read it; nobody changes it after publication.
import type { AccountConfig, AccountKind, SipUserConfig } from '../contract/account.ts'
import type { BlockConfig, RouteConfig, SystemConfig } from '../contract/declarative.ts'
import type { EndpointConfig } from '../contract/endpoint.ts'
import type { Protocol, TlsPeer } from '../sip/flow.ts'
import type { NumberLists } from './number-lists.ts'

/** Rows as the store has them. `path` says where an error in this row is reported (`carriers[0].endpoints[1]`). */
export interface DirectorySource {
  readonly revision: number
  /** Key of the nonces that we issue; the same for the life of the installation. */
  readonly nonceKey: string
  readonly system: SystemConfig
  readonly accounts: readonly SourceAccount[]
  readonly endpoints: readonly SourceEndpoint[]
  readonly sipUsers: readonly SourceSipUser[]
  readonly routes: readonly SourceRoute[]
  readonly blocks: readonly SourceBlock[]
}

interface SourceRow {
  readonly id: string
  readonly path: string
}

/** What only the control thread and people read; rate lines may be many. */
type ControlFields = 'rates' | 'creditStop' | 'contacts'

export interface SourceAccount extends SourceRow, Omit<AccountConfig, ControlFields> {
  readonly kind: AccountKind
}

export interface SourceEndpoint extends SourceRow, EndpointConfig {
  readonly accountId: string
  /** Clear text, only on its way to the signalling thread; null = none. */
  readonly password: string | null
}

/** HA1 for the realm by algorithm, in lower-case hexadecimal (RFC 7616 3.4.2). */
export type DigestHashes = Readonly<Record<'MD5' | 'SHA-256' | 'SHA-512-256', string>>

export interface DigestSecret {
  readonly hashes: DigestHashes
  /** Milliseconds since 1970 at which a password that was replaced ends; null = in force. */
  readonly until: number | null
}

export interface SourceSipUser extends SourceRow, SipUserConfig {
  readonly accountId: string
  /** The password in force, then the one before while both are valid; empty = it cannot sign in. */
  readonly secrets: readonly DigestSecret[]
}

export interface SourceRoute
  extends SourceRow, Pick<RouteConfig, 'prefix' | 'channelsMax' | 'callsPerSecondMax' | 'enabled'> {
  /** `any`, an account kind, or the id of one account. */
  readonly from: { readonly kind: 'any' | AccountKind } | { readonly accountId: string }
  readonly targets: readonly SourceRouteTarget[]
}

export interface SourceRouteTarget {
  readonly accountId: string
  /** A customer's SIP user; null = the account's gateways. */
  readonly sipUserId: string | null
  readonly priority: number
  readonly weight: number
}

export interface SourceBlock extends SourceRow, BlockConfig {}

export type DirectoryAccount = Omit<SourceAccount, 'path'> & {
  readonly index: number
  /** Indexes of this account's endpoints that receive calls (direction receives or both, action allow). */
  readonly gateways: readonly number[]
}

export type DirectoryEndpoint = Omit<SourceEndpoint, 'path' | 'addresses'> & {
  readonly index: number
  readonly accountIndex: number
  /** Of a gateway: its addresses and names. Ranges stand in `Directory.sources` alone, of which there may be a million. */
  readonly addresses: string[]
  /** A range of it is 0.0.0.0/0 or ::/0. */
  readonly namesAnybody: boolean
  /** User part of the Contact that it registers, unescaped; null = it does not register. */
  readonly contactUser: string | null
  /** Where calls can go to; empty for entries that only send. */
  readonly targets: readonly GatewayTarget[]
  /** Names that DNS gives no address for; red on the board. */
  readonly unresolved: readonly UnresolvedName[]
  /** Its outbound proxies by address: a name that DNS gives several for stands several times. */
  readonly proxies: readonly OutboundProxy[]
  /** Stands for the registered contacts of this SIP user, which a route names; such a row is in no configuration. */
  readonly sipUser?: DirectorySipUser
}

/** Where a request goes first on its way to a gateway. */
export interface OutboundProxy {
  /** As configured, without angle brackets; stands in Route. */
  readonly uri: string
  /** 0 = after all weighted ones. */
  readonly weight: number
  /** null = there is none, and `reason` says why. */
  readonly address: string | null
  readonly reason: string
  readonly protocol: Protocol
  readonly port: number
  /** What it has to prove by its own name; null = what the gateway has to prove. */
  readonly tls: TlsPeer | null
}

/** A name of a gateway without an address. */
export interface UnresolvedName {
  /** `ENDPOINT_ID/dns:name`, where a target has its key. */
  readonly key: string
  readonly name: string
  /** `DNS: name not found`. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly since: number
}

/** One address of a gateway. Health and counters hang on `key`, which survives every change of the directory. */
export interface GatewayTarget {
  /** `ENDPOINT_ID/protocol:address:port`. */
  readonly key: string
  readonly endpointIndex: number
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
  /** The name it was found by, with the port if one is set: stands in the Request-URI. Null = the address does. */
  readonly host: string | null
  /** Place among the gateways of its account: that of its entry, divided by what DNS says. */
  readonly priority: number
  readonly weight: number
  /** Name of the listener to leave by, or null: the first that fits protocol and family. */
  readonly listener: string | null
  /** What the far end of a TLS connection has to prove; null = no way to it is TLS. */
  readonly tls: TlsPeer | null
  /** A registered contact: where and how its device wants to be called. */
  readonly contact?: RegisteredContact
}

export interface RegisteredContact {
  /** Request-URI. */
  readonly uri: string
  /** The dialled number stands in its user part (retainDid). */
  readonly keepsNumber: boolean
  readonly routes: readonly string[]
  /** Of the flow it registered by; 0 = none. */
  readonly connection: number
}

export type DirectoryRoute = Omit<SourceRoute, 'path' | 'targets'> & {
  readonly index: number
  readonly targets: readonly (SourceRouteTarget & { readonly accountIndex: number; readonly endpointIndex: number })[]
}

export type DirectorySipUser = Omit<SourceSipUser, 'path' | 'allowedAddresses'> & {
  readonly index: number
  readonly accountIndex: number
  /** It has no whitelist. */
  readonly fromAnywhere: boolean
}

type DirectoryBlock = Omit<SourceBlock, 'path'>

/** Longest-prefix lookup over IPv4 and IPv6; see cidr-trie.ts. Values are indexes into a list of the owner. */
export interface CidrTrie {
  readonly v4: CidrFamily
  readonly v6: CidrFamily
}

/**
 * The ranges of one family. The ranges cut the address space into stretches; each stretch knows its most specific
 * range, each range the next wider one around it.
 */
export interface CidrFamily {
  /** 32-bit words of one address: 1 or 4. */
  readonly width: number
  /** Level-compressed trie over `stretches`. */
  readonly nodes: Int32Array
  /**
   * Of each stretch `width` + 1 words, so that one line of the processor's cache has all of it: its first address,
   * ascending from address zero, and who owns it (`ownerOf` in cidr-build.ts).
   */
  readonly stretches: Uint32Array
  /** Of each range: first address, prefix length, value, and the next wider range (-1 = none). */
  readonly starts: Uint32Array
  readonly lengths: Uint8Array
  readonly values: Int32Array
  readonly parents: Int32Array
}

/** Digit trie over 0-9, *, #; see prefix-trie.ts. */
export interface PrefixTrie {
  /** Twelve children for each node; 0 = none. */
  readonly children: Int32Array
  readonly values: Int32Array
}

/** Ranges, and for each the rows that list exactly it: the values of `trie` are lists. */
export interface CidrLists {
  readonly trie: CidrTrie
  readonly lists: NumberLists
}

/** The tables of rows. An index is a place in one of them, which a row keeps from revision to revision (places.ts). */
export interface DirectoryTables {
  readonly accounts: readonly DirectoryAccount[]
  readonly endpoints: readonly DirectoryEndpoint[]
  readonly sipUsers: readonly DirectorySipUser[]
  readonly routes: readonly DirectoryRoute[]
  readonly blocks: readonly DirectoryBlock[]
}

/** Everything but the tables of rows: small, or in shared memory. */
export interface DirectoryFrame {
  readonly revision: number
  readonly system: SystemConfig
  readonly nonceKey: string
  /** Indexes of the endpoints that have names. */
  readonly named: Int32Array
  /** Indexes of the SIP users, ascending by username. */
  readonly sipUsersByName: Int32Array
  /** Address -> indexes of the endpoints (of any direction) that list a range around it. */
  readonly sources: CidrLists
  /** Addresses that DNS gave -> indexes of the endpoints with such a name. */
  readonly resolved: CidrLists
  /** Addresses of registrars -> indexes of the endpoints that register there. */
  readonly registrars: CidrLists
  /** Address -> indexes of the SIP users that may call from there and can sign in, ascending. */
  readonly allowed: CidrLists
  /** Some SIP user that can sign in may call from anywhere. */
  readonly allowsAnywhere: boolean
  /** Ranges of SIP users, outbound proxies and front proxies: never strangers, never blocked by themselves. */
  readonly protected: CidrTrie
  /** Address -> index into `blocks`. */
  readonly blocked: CidrTrie
  /** User parts of our registered Contacts -> index of the endpoint that registers; see contacts.ts. */
  readonly contacts: Int32Array
  /** Number -> index into `routeLists`. */
  readonly numbers: PrefixTrie
  /** Each: indexes of the enabled routes with exactly this prefix. */
  readonly routeLists: NumberLists
}

export interface Directory extends DirectoryTables, DirectoryFrame {}
