// Rows as the API shows them, and the fields by which they are listed.
import { assert, unreachable } from '../base/assert.ts'
import type { BlockConfig, RouteConfig, SystemConfig } from '../contract/declarative.ts'
import { addressText, parseAddress, parseCidr } from '../contract/address.ts'
import type { IpAddress } from '../contract/address.ts'
import type { AutomaticBlock } from '../edge/seam.ts'
import { displayName, routeConfig } from './configuration.ts'
import type {
  AccountRow,
  BlockRow,
  Configuration,
  EndpointRow,
  RouteRow,
  Row,
  SipUserRow,
  SystemRow,
} from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import type { Listing } from './paging.ts'
import { mailWarnings, warningsOf } from './row-warnings.ts'
import type { Stored, StoredAccount, StoredEndpoint, StoredSipUser } from './services.ts'

/** Grows with every write of the configuration, so a row that was deleted and restored gets another one. */
export const etagOf = (row: Row): string => `r${row.version}`

const base = (row: Row) => ({ id: row.id, etag: etagOf(row), createdAt: row.createdAt, updatedAt: row.updatedAt })

/** Rows of the configuration in force as readers see them. */
export class ConfigViews {
  readonly #engine: ConfigEngine

  constructor(engine: ConfigEngine) {
    this.#engine = engine
  }

  #stored(row: Row) {
    const { configuration, publisher, setUpFor } = this.#engine
    const found = warningsOf(configuration, publisher.rowWarnings, row)
    return { ...base(row), warnings: setUpFor.sendsMail ? found : [...found, ...mailWarnings(row)] }
  }

  #owner({ accountId }: EndpointRow | SipUserRow) {
    const owner = this.#engine.configuration.accounts.get(accountId)
    assert(owner !== undefined, 'an entry without its account')
    return { accountId, account: owner.config.name, accountKind: owner.kind }
  }

  readonly account = (row: AccountRow): StoredAccount => ({ ...this.#stored(row), kind: row.kind, config: row.config })

  readonly endpoint = (row: EndpointRow): StoredEndpoint => ({
    ...this.#stored(row),
    ...this.#owner(row),
    hasPassword: row.sealed !== null,
    config: row.config,
  })

  readonly sipUser = (row: SipUserRow): StoredSipUser => ({
    ...this.#stored(row),
    ...this.#owner(row),
    hasPassword: row.sealed !== null,
    config: row.config,
  })

  readonly route = (row: RouteRow): Stored<RouteConfig> => ({
    ...this.#stored(row),
    config: routeConfig(this.#engine.configuration, row.config),
  })

  readonly block = (row: BlockRow): Stored<BlockConfig> => ({ ...this.#stored(row), config: row.config })

  /** Whatever it is, as the API shows it, with its config beside. */
  any(row: Row): Stored<object> {
    switch (row.kind) {
      case 'system':
        return this.system(row)
      case 'endpoint':
        return this.endpoint(row)
      case 'sipUser':
        return this.sipUser(row)
      case 'route':
        return this.route(row)
      case 'block':
        return this.block(row)
      case 'carrier':
      case 'customer':
        return this.account(row)
      default:
        return unreachable(row)
    }
  }

  readonly system = (row: SystemRow): Stored<SystemConfig> => {
    const { realmFixed: _, ...config } = row.config
    return { ...this.#stored(row), config }
  }
}

/** Before the address in the id of a block that nobody configured. */
export const automaticPrefix = 'auto:'

/** A block that the signalling thread made by itself, as a row. */
export const automaticRow = ({ address, reason, since, until }: AutomaticBlock): BlockRow => ({
  kind: 'block',
  id: `${automaticPrefix}${address}`,
  version: 0,
  createdAt: since,
  updatedAt: since,
  config: { address, reason, expiresAt: new Date(until).toISOString() },
})

const times = {
  createdAt: (row: Row) => row.createdAt,
  updatedAt: (row: Row) => row.updatedAt,
}

export const accountListing: Listing<AccountRow> = {
  sort: 'name',
  id: (row) => row.id,
  fields: {
    name: (row) => row.config.name,
    status: (row) => row.config.status,
    currency: (row) => row.config.currency,
    channelsMax: (row) => row.config.channelsMax,
    callsPerSecondMax: (row) => row.config.callsPerSecondMax,
    notes: (row) => row.config.notes,
    ...times,
  },
}

export const endpointListing = (configuration: Configuration): Listing<EndpointRow> => ({
  sort: 'name',
  id: (row) => row.id,
  fields: {
    name: (row) => row.config.name,
    account: (row) => configuration.accounts.get(row.accountId)?.config.name ?? '',
    accountKind: (row) => configuration.accounts.get(row.accountId)?.kind ?? '',
    direction: (row) => row.config.direction,
    action: (row) => row.config.action,
    state: (row) => row.config.state,
    transport: (row) => row.config.transport,
    addresses: (row) => row.config.addresses.join(' '),
    priority: (row) => row.config.priority,
    weight: (row) => row.config.weight,
    channelsMax: (row) => row.config.channelsMax,
    callsPerSecondMax: (row) => row.config.callsPerSecondMax,
    manufacturer: (row) => row.config.manufacturer,
    notes: (row) => row.config.notes,
    ...times,
  },
})

export const sipUserListing = (configuration: Configuration): Listing<SipUserRow> => ({
  sort: 'username',
  id: (row) => row.id,
  fields: {
    username: (row) => row.config.username,
    account: (row) => configuration.accounts.get(row.accountId)?.config.name ?? '',
    accountKind: (row) => configuration.accounts.get(row.accountId)?.kind ?? '',
    transport: (row) => row.config.transport,
    allowedAddresses: (row) => row.config.allowedAddresses.join(' '),
    channelsMax: (row) => row.config.channelsMax,
    callsPerSecondMax: (row) => row.config.callsPerSecondMax,
    ...times,
  },
})

export const routeListing = (configuration: Configuration): Listing<RouteRow> => ({
  sort: 'prefix',
  id: (row) => row.id,
  fields: {
    prefix: (row) => row.config.prefix,
    name: (row) => displayName(configuration, row),
    enabled: (row) => row.config.enabled,
    ...times,
  },
})

export const blockListing: Listing<BlockRow> = {
  sort: 'address',
  id: (row) => row.id,
  fields: {
    address: (row) => row.config.address,
    reason: (row) => row.config.reason,
    expiresAt: (row) => row.config.expiresAt,
    ...times,
  },
}

function rangeContains(range: string, address: IpAddress): boolean {
  const cidr = parseCidr(range)
  if (cidr === undefined || cidr.family !== address.family) return false
  const bits = address.bytes.length * 8
  const masked = parseCidr(`${addressText(address)}/${Math.min(cidr.prefixLength, bits)}`, true)
  return masked !== undefined && masked.bytes.every((byte, i) => byte === cidr.bytes[i])
}

/** The rows that list a range with this address in it; undefined = the text is no address. */
export function endpointsContaining(rows: readonly EndpointRow[], text: string): EndpointRow[] | undefined {
  const address = parseAddress(text.trim())
  if (address === undefined) return undefined
  return rows.filter((row) => row.config.addresses.some((range) => rangeContains(range, address)))
}
