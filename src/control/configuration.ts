// The whole configuration in memory: rows by id, and the index of their names. A published configuration is never
// changed; a change works on a draft, which becomes the next configuration when it is committed.
import { unreachable } from '../base/assert.ts'
import type { AccountConfig, AccountKind, SipUserConfig } from '../contract/account.ts'
import { systemInput } from '../contract/declarative.ts'
import type { BlockConfig, RouteConfig, SystemConfig } from '../contract/declarative.ts'
import type { EndpointConfig } from '../contract/endpoint.ts'
import type { SourceRoute } from '../directory/directory.ts'
import type { ObjectKind } from '../store/config-rows.ts'

interface RowOf<Kind extends ObjectKind, Config> {
  readonly kind: Kind
  readonly id: string
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly config: Config
}

/** A route as it is kept: by ids, so that renaming an account does not touch it. */
export interface RouteBody {
  readonly prefix: string
  readonly from: SourceRoute['from']
  readonly targets: SourceRoute['targets']
  readonly channelsMax: number
  readonly callsPerSecondMax: number
  readonly enabled: boolean
}

/** `realmFixed`: a realm was chosen once; passwords of SIP users are hashed with it, so it stays. */
export type SystemRow = RowOf<'system', SystemConfig & { readonly realmFixed: boolean }>
export type AccountRow = RowOf<AccountKind, AccountConfig>
export type EndpointRow = RowOf<'endpoint', EndpointConfig> & Owned
export type SipUserRow = RowOf<'sipUser', SipUserConfig> & Owned
export type RouteRow = RowOf<'route', RouteBody>
export type BlockRow = RowOf<'block', BlockConfig>
export type Row = SystemRow | AccountRow | EndpointRow | SipUserRow | RouteRow | BlockRow

interface Owned {
  readonly accountId: string
  /** The encrypted password, or null. */
  readonly sealed: string | null
}

export interface Configuration {
  readonly revision: number
  readonly system: SystemRow
  readonly accounts: ReadonlyMap<string, AccountRow>
  readonly endpoints: ReadonlyMap<string, EndpointRow>
  readonly sipUsers: ReadonlyMap<string, SipUserRow>
  readonly routes: ReadonlyMap<string, RouteRow>
  readonly blocks: ReadonlyMap<string, BlockRow>
  /** rowKey -> id. */
  readonly ids: ReadonlyMap<string, string>
}

export interface Draft extends Configuration {
  system: SystemRow
  readonly accounts: Map<string, AccountRow>
  readonly endpoints: Map<string, EndpointRow>
  readonly sipUsers: Map<string, SipUserRow>
  readonly routes: Map<string, RouteRow>
  readonly blocks: Map<string, BlockRow>
  readonly ids: Map<string, string>
}

export const systemId = 'system'
const origin = { version: 0, createdAt: 0, updatedAt: 0 }

export const defaultSystem: SystemRow = {
  kind: 'system',
  id: systemId,
  ...origin,
  config: { ...systemInput.parse({}), realmFixed: false },
}

/** A row before it was written: the commit gives it its version and times. */
export const unwritten = origin

export const emptyConfiguration = (): Draft => ({
  revision: 0,
  system: defaultSystem,
  accounts: new Map(),
  endpoints: new Map(),
  sipUsers: new Map(),
  routes: new Map(),
  blocks: new Map(),
  ids: new Map(),
})

export const draftOf = (configuration: Configuration): Draft => ({
  revision: configuration.revision,
  system: configuration.system,
  accounts: new Map(configuration.accounts),
  endpoints: new Map(configuration.endpoints),
  sipUsers: new Map(configuration.sipUsers),
  routes: new Map(configuration.routes),
  blocks: new Map(configuration.blocks),
  ids: new Map(configuration.ids),
})

/** `any`, `carriers`, `customers` or the id of an account: the second half of a route's name. */
export const routeFromKey = (from: SourceRoute['from']): string => ('accountId' in from ? from.accountId : from.kind)

/** The name that is unique within kind and account; the database has the same unique index. */
export function rowName(row: Row): string {
  switch (row.kind) {
    case 'system':
      return systemId
    case 'sipUser':
      return row.config.username
    case 'route':
      return `${row.config.prefix}|${routeFromKey(row.config.from)}`
    case 'block':
      return row.config.address
    case 'carrier':
    case 'customer':
    case 'endpoint':
      return row.config.name
    default:
      return unreachable(row)
  }
}

const keyOf = (kind: ObjectKind, parentId: string, name: string): string => `${kind}\n${parentId}\n${name}`

export const parentOf = (row: Row): string => ('accountId' in row ? row.accountId : '')

/** SIP user names are unique in the whole system, so the account is no part of their key. */
const rowKey = (row: Row): string => keyOf(row.kind, row.kind === 'endpoint' ? row.accountId : '', rowName(row))

export function findAccount(configuration: Configuration, kind: AccountKind, name: string): AccountRow | undefined {
  const id = configuration.ids.get(keyOf(kind, '', name))
  return id === undefined ? undefined : configuration.accounts.get(id)
}

export function findEndpoint(configuration: Configuration, accountId: string, name: string): EndpointRow | undefined {
  const id = configuration.ids.get(keyOf('endpoint', accountId, name))
  return id === undefined ? undefined : configuration.endpoints.get(id)
}

export function findSipUser(configuration: Configuration, username: string): SipUserRow | undefined {
  const id = configuration.ids.get(keyOf('sipUser', '', username))
  return id === undefined ? undefined : configuration.sipUsers.get(id)
}

export function findRoute(configuration: Configuration, prefix: string, from: string): RouteRow | undefined {
  const id = configuration.ids.get(keyOf('route', '', `${prefix}|${from}`))
  return id === undefined ? undefined : configuration.routes.get(id)
}

export function findBlock(configuration: Configuration, address: string): BlockRow | undefined {
  const id = configuration.ids.get(keyOf('block', '', address))
  return id === undefined ? undefined : configuration.blocks.get(id)
}

/** The id of the row with the same name, if there is one. */
export const findTwin = (configuration: Configuration, row: Row): string | undefined =>
  configuration.ids.get(rowKey(row))

export function findRow(configuration: Configuration, kind: ObjectKind, id: string): Row | undefined {
  if (kind === 'system') return configuration.system
  return mapOf(configuration, kind).get(id)
}

type RowMap = ReadonlyMap<string, Exclude<Row, SystemRow>>

/** The rows of one kind; carriers and customers share a map. */
function mapOf(configuration: Configuration, kind: Exclude<ObjectKind, 'system'>): RowMap {
  switch (kind) {
    case 'carrier':
    case 'customer':
      return configuration.accounts
    case 'endpoint':
      return configuration.endpoints
    case 'sipUser':
      return configuration.sipUsers
    case 'route':
      return configuration.routes
    case 'block':
      return configuration.blocks
    default:
      return unreachable(kind)
  }
}

function place(draft: Draft, row: Row): void {
  switch (row.kind) {
    case 'system':
      draft.system = row
      return
    case 'carrier':
    case 'customer':
      draft.accounts.set(row.id, row)
      return
    case 'endpoint':
      draft.endpoints.set(row.id, row)
      return
    case 'sipUser':
      draft.sipUsers.set(row.id, row)
      return
    case 'route':
      draft.routes.set(row.id, row)
      return
    case 'block':
      draft.blocks.set(row.id, row)
  }
}

/** Puts a new row in, or a new version of a row. */
export function put(draft: Draft, row: Row): void {
  const old = findRow(draft, row.kind, row.id)
  if (old !== undefined && draft.ids.get(rowKey(old)) === old.id) draft.ids.delete(rowKey(old))
  place(draft, row)
  if (row.kind !== 'system') draft.ids.set(rowKey(row), row.id)
}

export function remove(draft: Draft, row: Exclude<Row, SystemRow>): void {
  if (draft.ids.get(rowKey(row)) === row.id) draft.ids.delete(rowKey(row))
  for (const rows of [draft.accounts, draft.endpoints, draft.sipUsers, draft.routes, draft.blocks]) rows.delete(row.id)
}

/** Every row, accounts before what belongs to them, routes after what they name. */
export function* allRows(configuration: Configuration): Generator<Row> {
  yield configuration.system
  yield* configuration.accounts.values()
  yield* configuration.endpoints.values()
  yield* configuration.sipUsers.values()
  yield* configuration.routes.values()
  yield* configuration.blocks.values()
}

/** The realm was chosen, or passwords of SIP users are hashed with it. */
export const isRealmFixed = (configuration: Configuration): boolean =>
  configuration.system.config.realmFixed || [...configuration.sipUsers.values()].some((user) => user.sealed !== null)

/** The endpoints and SIP users of an account. */
export function membersOf(configuration: Configuration, accountId: string): (EndpointRow | SipUserRow)[] {
  const own = (row: EndpointRow | SipUserRow): boolean => row.accountId === accountId
  return [...[...configuration.endpoints.values()].filter(own), ...[...configuration.sipUsers.values()].filter(own)]
}

/** A route as people write it: by names. */
export function routeConfig(configuration: Configuration, body: RouteBody): RouteConfig {
  const account = (id: string): { carrier: string } | { customer: string } => {
    const row = configuration.accounts.get(id)
    return row?.kind === 'carrier' ? { carrier: row.config.name } : { customer: row?.config.name ?? id }
  }
  const { from } = body
  return {
    prefix: body.prefix,
    from:
      'accountId' in from
        ? account(from.accountId)
        : from.kind === 'carrier'
          ? 'carriers'
          : from.kind === 'customer'
            ? 'customers'
            : 'any',
    targets: body.targets.map(({ accountId, sipUserId, priority, weight }) => ({
      ...(sipUserId === null
        ? account(accountId)
        : { sipUser: configuration.sipUsers.get(sipUserId)?.config.username ?? sipUserId }),
      priority,
      weight,
    })),
    channelsMax: body.channelsMax,
    callsPerSecondMax: body.callsPerSecondMax,
    enabled: body.enabled,
  }
}

/** What people call a row: `Acme`, `Acme/acme-1`, `441`, `prefix 44 from customers`. */
export function displayName(configuration: Configuration, row: Row): string {
  if (row.kind === 'endpoint')
    return `${configuration.accounts.get(row.accountId)?.config.name ?? row.accountId}/${row.config.name}`
  if (row.kind !== 'route') return rowName(row)
  const { prefix, from } = routeConfig(configuration, row.config)
  const who = typeof from === 'string' ? from : 'carrier' in from ? from.carrier : from.customer
  return `${prefix === '' ? 'default' : `prefix ${prefix}`} from ${who}`
}
