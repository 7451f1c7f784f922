// What the control thread offers to the API: configuration with publication, people, records. Types only; the api room
// depends on these, main.ts wires the implementations.
import type { Readable } from 'node:stream'
import type { Warning } from '../base/fault.ts'
import type { Sample } from '../base/metrics.ts'
import type { AccountConfig, AccountKind, SipUserConfig } from '../contract/account.ts'
import type { BulkEntryResult } from '../contract/api-bulk.ts'
import type { BulkAnswer } from '../contract/api-config.ts'
import type { BlockConfig, DeclarativeInput, RouteConfig, SystemConfig } from '../contract/declarative.ts'
import type { EndpointConfig } from '../contract/endpoint.ts'
import type { AutomaticBlock } from '../edge/seam.ts'
import type { CallRecord } from '../call/record.ts'
import type { HepMessage } from '../edge/seam.ts'
import type { AlertRow, DeliveryRow } from '../store/alert-rows.ts'
import type { Suspension, SuspensionView } from '../policy/suspensions.ts'
import type { StoredRecord } from '../store/record-rows.ts'
import type { Trace } from '../trace/trace.ts'

/** Who did it, for the audit. */
export interface Actor {
  readonly kind: 'user' | 'apiKey' | 'system'
  readonly id: string | null
  readonly name: string
  readonly address: string | null
}

export type Role = 'administrator' | 'engineer' | 'support'

/** A stored object. `etag` changes with every write. Times are milliseconds since 1970. */
export interface Stored<Config> {
  readonly id: string
  readonly etag: string
  readonly createdAt: number
  readonly updatedAt: number
  /** Accepted, but worth a look; paths start at the object. */
  readonly warnings: readonly Warning[]
  readonly config: Config
}

export type StoredAccount = Stored<AccountConfig> & { readonly kind: AccountKind }

/** Of which account it is: its id, its name, its kind. */
interface Owned {
  readonly accountId: string
  readonly account: string
  readonly accountKind: AccountKind
  readonly hasPassword: boolean
}

/** `hasPassword` instead of the password, which never leaves. */
export type StoredEndpoint = Stored<EndpointConfig> & Owned
export type StoredSipUser = Stored<SipUserConfig> & Owned

/** What came of a reset. `password` only when it was generated: it is told once. Times in milliseconds since 1970. */
export interface NewSipPassword {
  readonly user: StoredSipUser
  readonly password: string | null
  readonly previousValidUntil: number | null
}

export interface ListQuery {
  readonly limit: number
  /** Opaque; from `nextCursor` of the page before. */
  readonly cursor?: string
  /** A field name, `-` before it for descending. */
  readonly sort?: string
  readonly search?: string
  readonly filter?: Readonly<Record<string, string>>
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
  readonly total: number
}

/** One write. `ifMatch` is the etag the writer saw; absent = no check. `reason` goes into the audit. */
export interface WriteOptions {
  readonly actor: Actor
  readonly ifMatch?: string
  readonly reason?: string
}

export interface PlanLine {
  readonly action: 'create' | 'update' | 'delete'
  readonly kind: 'system' | 'carrier' | 'customer' | 'endpoint' | 'sipUser' | 'route' | 'block'
  /** `Acme`, `Acme/acme-1`, `441`, `prefix 44 from customers`. */
  readonly name: string
  /** Field, before, after; secrets as `(secret)`. */
  readonly changes: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[]
}

export interface ApplyResult {
  readonly applied: boolean
  readonly dryRun: boolean
  /** The revision in force after the call. */
  readonly revision: number
  readonly plan: readonly PlanLine[]
  /** Things that are accepted but need attention: overlaps across accounts, fields this version does not act on. */
  readonly warnings: readonly Warning[]
}

export interface Revision {
  readonly revision: number
  readonly at: number
  readonly actor: string
  readonly summary: string
  readonly changes?: readonly PlanLine[]
}

/**
 * Configuration. Every write: validate (Fault `invalid` with `errors[].path`), compile the directory (conflicts are
 * errors with paths), store in one transaction with audit and a new revision, publish, wait for the edge's
 * acknowledgement. An unacknowledged write stays stored and is reported by Fault `edge_unavailable`.
 */
export interface ConfigService {
  readonly revision: number
  listAccounts(kind: AccountKind, query: ListQuery): Promise<Page<StoredAccount>>
  /** undefined: there is no account of this id. */
  kindOfAccount(id: string): AccountKind | undefined
  /** By id or by name. Fault `not_found` when there is none; so for all get, update and remove. */
  getAccount(kind: AccountKind, idOrName: string): Promise<StoredAccount>
  createAccount(kind: AccountKind, input: unknown, options: WriteOptions): Promise<StoredAccount>
  /** `input` holds the fields to change. */
  updateAccount(kind: AccountKind, id: string, input: unknown, options: WriteOptions): Promise<StoredAccount>
  /** The same change to several, in one revision or not at all. By ids or names. */
  updateAccounts(kind: AccountKind, ids: readonly string[], input: unknown, options: WriteOptions): Promise<BulkAnswer>
  removeAccount(kind: AccountKind, id: string, options: WriteOptions): Promise<void>
  /** `contains` = an address: only endpoints that list a range with it. */
  listEndpoints(query: ListQuery & { accountId?: string; contains?: string }): Promise<Page<StoredEndpoint>>
  getEndpoint(id: string): Promise<StoredEndpoint>
  createEndpoint(accountId: string, input: unknown, options: WriteOptions): Promise<StoredEndpoint>
  updateEndpoint(id: string, input: unknown, options: WriteOptions): Promise<StoredEndpoint>
  updateEndpoints(ids: readonly string[], input: unknown, options: WriteOptions): Promise<BulkAnswer>
  removeEndpoint(id: string, options: WriteOptions): Promise<void>
  /** Many at once, each row with its errors; all in one revision or none. Fault invalid for what is wrong with the whole. */
  importEndpoints(kind: AccountKind, accountId: string, input: unknown, options: WriteOptions): Promise<BulkEntryResult>
  listSipUsers(query: ListQuery & { accountId?: string }): Promise<Page<StoredSipUser>>
  /** By id or by username; so for all of SIP users. */
  getSipUser(idOrName: string): Promise<StoredSipUser>
  createSipUser(accountId: string, input: unknown, options: WriteOptions): Promise<StoredSipUser>
  updateSipUser(idOrName: string, input: unknown, options: WriteOptions): Promise<StoredSipUser>
  updateSipUsers(idsOrNames: readonly string[], input: unknown, options: WriteOptions): Promise<BulkAnswer>
  removeSipUser(idOrName: string, options: WriteOptions): Promise<void>
  resetSipPassword(idOrName: string, input: unknown, options: WriteOptions): Promise<NewSipPassword>
  listRoutes(query: ListQuery): Promise<Page<Stored<RouteConfig>>>
  getRoute(id: string): Promise<Stored<RouteConfig>>
  createRoute(input: unknown, options: WriteOptions): Promise<Stored<RouteConfig>>
  updateRoute(id: string, input: unknown, options: WriteOptions): Promise<Stored<RouteConfig>>
  removeRoute(id: string, options: WriteOptions): Promise<void>
  /** `automatic`: blocks that the signalling thread made by itself, listed among the others. */
  listBlocks(query: ListQuery, automatic?: readonly AutomaticBlock[]): Promise<Page<Stored<BlockConfig>>>
  createBlock(input: unknown, options: WriteOptions): Promise<Stored<BlockConfig>>
  removeBlock(id: string, options: WriteOptions): Promise<void>
  getSystem(): Promise<Stored<SystemConfig>>
  updateSystem(input: unknown, options: WriteOptions): Promise<Stored<SystemConfig>>
  /** `input` is the parsed file (any value); `prune` removes what the file does not name. */
  apply(input: unknown, options: WriteOptions & { dryRun: boolean; prune: boolean }): Promise<ApplyResult>
  /** What `apply` of this file would do. */
  diff(input: unknown, prune: boolean): Promise<ApplyResult>
  /** The same format that `apply` takes; secrets are left out, and `apply` keeps secrets that are left out. */
  export(): Promise<DeclarativeInput>
  /** `object`: only what changed this object or what belongs to it, with these changes. */
  revisions(query: ListQuery & { object?: string }): Promise<Page<Revision>>
  /** One revision with all its changes; Fault not_found when it is not kept. */
  getRevision(revision: number): Promise<Required<Revision>>
  /** Restores a revision (default: the one before the present) as a new revision. */
  rollback(revision: number | undefined, options: WriteOptions & { dryRun?: boolean }): Promise<ApplyResult>
}

export interface UserView {
  readonly id: string
  readonly username: string
  readonly role: Role
  /** May not sign in. */
  readonly disabled: boolean
  readonly createdAt: number
  /** Open ones. */
  readonly sessions: number
}

/** An open session. Times are milliseconds since 1970. */
export interface SessionInfo {
  readonly id: string
  readonly createdAt: number
  readonly seenAt: number
  readonly address: string
  /** The one that asks. */
  readonly current: boolean
}

export interface PasswordChange {
  readonly current: string
  readonly password: string
  /** The session that asks and stays, if there is one. */
  readonly session: string | null
}

type Author = Pick<WriteOptions, 'actor' | 'reason'>

export interface ApiKeyView {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** First characters, to recognise it. */
  readonly prefix: string
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
}

/** A signed-in person or key. */
export interface Identity {
  readonly actor: Actor
  readonly role: Role
}

/** People, keys and sessions. Passwords: argon2id; tokens and keys: random 256 bits, stored as SHA-256. */
export interface PeopleService {
  /** True until the first administrator exists. */
  setupRequired(): boolean
  /** One-time token of 256 bits, in a file of mode 0600; undefined once set up. */
  readonly setupToken: string | undefined
  readonly setupTokenFile: string
  /** Fault `forbidden` for a wrong or used token; after 5 wrong ones a new token is written. */
  setup(input: { token: string; username: string; password: string }, address: string): Promise<Identity>
  /** Returns the session's cookie value. Fault `unauthenticated`, alike for unknown name and wrong password; back-off per name and address (`too_many_requests`). */
  signIn(username: string, password: string, address: string): Promise<{ session: string; identity: Identity }>
  /** `actor` for the audit; a session that ended by itself has none. */
  signOut(session: string, actor?: Actor): Promise<void>
  findSession(session: string, address: string): Promise<Identity | undefined>
  findApiKey(key: string, address: string): Promise<Identity | undefined>
  listUsers(): Promise<readonly UserView[]>
  createUser(input: { username: string; password: string; role: Role }, author: Actor | Author): Promise<UserView>
  /** Fault conflict for the last administrator who may sign in; so for `updateUser`. */
  removeUser(id: string, author: Actor | Author): Promise<void>
  /** A new password or a disabled user ends their sessions. */
  updateUser(
    id: string,
    changes: { role?: Role | undefined; disabled?: boolean | undefined; password?: string | undefined },
    author: Author,
  ): Promise<UserView>
  /** One's own; all other sessions end. Fault invalid when `current` is wrong, with back-off as for signing in. */
  changePassword(actor: Actor, input: PasswordChange): Promise<void>
  /** Open sessions, the most recently used first. `session` is the one that asks. */
  listSessions(userId: string, session: string | null): Promise<readonly SessionInfo[]>
  /** Ends all sessions of a user, but for `keep`. */
  endSessions(userId: string, author: Author, keep?: string): Promise<void>
  /**
   * Makes the user an administrator who may sign in, with a new password that is returned once. `token` is what stands in
   * the file `host-token` of the data directory; Fault forbidden when it is not.
   */
  resetAdministrator(token: string, username: string, address: string): Promise<string>
  listApiKeys(): Promise<readonly ApiKeyView[]>
  /** The key itself is in the answer once and never again. */
  createApiKey(
    input: { name: string; role: Role; expiresAt: number | null },
    author: Actor | Author,
  ): Promise<ApiKeyView & { key: string }>
  removeApiKey(id: string, author: Actor | Author): Promise<void>
}

export interface RecordQuery {
  readonly limit: number
  readonly cursor?: string
  /** Names or ids. */
  readonly account?: string
  readonly gateway?: string
  readonly outcome?: string
  /** Matches the start of destination, dialled or CLI. */
  readonly number?: string
  /** Milliseconds since 1970, on startedAt. */
  readonly from?: number
  readonly to?: number
}

export interface RecordService {
  /** Newest first; `total` counts all matches. */
  list(query: RecordQuery): Promise<Page<StoredRecord>>
  get(id: string): Promise<StoredRecord | undefined>
  /** Hands over a batch from the edge; writes within 500 ms, keeps it while the database cannot be written. */
  add(records: readonly CallRecord[], lost: number): void
}

export interface TraceService {
  /**
   * By the call's id or any Call-ID of it, secrets masked; undefined when it is no longer there.
   * @param findInMemory asks the signalling thread.
   */
  find(key: string, findInMemory: (key: string) => Promise<Trace | null>): Promise<Trace | undefined>
  /** Traces of failed calls, as the signalling thread hands them up; they are masked and stored. */
  add(traces: readonly Trace[]): void
  /** Sends messages on to the HEP collector, masked. */
  forward(messages: readonly HepMessage[]): void
  /** Counters of this thread. */
  samples(): readonly Sample[]
}

/** What was put in force, times in milliseconds since 1970. */
export interface RestoredBackup {
  readonly revision: number
  readonly version: string
  readonly takenAt: number
}

export interface BackupService {
  /** A tar with a consistent copy of the database and the key file. */
  create(author: Author): Promise<Readable>
  /** Checks the tar and decides the restore; it is in force after the services were opened again. Fault invalid else. */
  restore(tar: Readable, author: Author): Promise<RestoredBackup>
}

export interface AuditEntry {
  readonly id: string
  readonly at: number
  readonly actor: string
  readonly actorKind: Actor['kind']
  readonly address: string | null
  readonly action: string
  readonly kind: string
  /** Null where the object has none. */
  readonly objectId: string | null
  readonly name: string
  readonly reason: string | null
  /** Secrets masked. */
  readonly before: unknown
  readonly after: unknown
}

/** Whether the disk takes what is to be stored. */
export interface StorageService {
  /** What is wrong and what waits, for people; empty = nothing. Calls go on in any case. */
  troubles(): readonly string[]
  samples(): readonly Sample[]
}

export interface AuditService {
  /** `from` and `to`: milliseconds since 1970, from the first and before the second. */
  list(query: ListQuery & { from?: number; to?: number }): Promise<Page<AuditEntry>>
  /**
   * For what people do that is no change of configuration or people: ending a call. Those two write their own entries.
   * It is done when it is told here: while the disk takes nothing the entry waits, up to a bound.
   */
  add(entry: AuditedAction): Promise<void>
}

export interface AuditedAction extends Pick<AuditEntry, 'action' | 'kind' | 'name' | 'reason' | 'before'> {
  readonly actor: Actor
  readonly objectId?: string
  /** The account that the object is or belongs to. */
  readonly accountId?: string
  readonly after?: unknown
}

export interface LiftOptions {
  readonly actor: Actor
  readonly reason?: string | null
  /** Absent = both. */
  readonly kind?: Suspension['kind']
}

/** Accounts that are out for a time. Survives a restart; what has an end ends by itself. */
export interface SuspensionService extends SuspensionView {
  /**
   * In force at once, audited; the same once more changes nothing. One of each kind for each account.
   * @param until milliseconds since 1970; null = until it is lifted.
   */
  set(accountId: string, kind: Suspension['kind'], reason: string, until: number | null): Promise<void>
  /** False = it was not suspended. */
  lift(accountId: string, options: LiftOptions): Promise<boolean>
}

/** One episode of a rule. Times are milliseconds since 1970. */
export type AlertEntry = AlertRow

export interface AlertQuery extends ListQuery {
  /** Id or name. */
  readonly account?: string
  readonly state?: 'open' | 'closed'
}

export interface AlertService {
  /** Newest first unless asked otherwise. */
  list(query: AlertQuery): Promise<Page<AlertEntry>>
  /** Sends what this rule would send, once and now. Fault `not_found` when the account has no such rule. */
  test(accountIdOrName: string | undefined, ruleName: string): Promise<readonly DeliveryRow[]>
  /** An operator set the consecutive failures of this account to 0. */
  onFailuresReset(accountId: string): void
  /** Each time an alert is raised or recovers. Returns how to stop listening. */
  listen(listener: (alert: AlertEntry) => void): () => void
  samples(): readonly Sample[]
}

/** The secret that signs webhooks. */
export interface WebhookSecrets {
  /** A new one, told once; the one before is void. */
  make(): Promise<string>
}
